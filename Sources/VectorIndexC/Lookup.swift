public import CVectorIndex
internal import VectorIndex

/// `vi_count` of vectorindex.h.
@_cdecl("vi_count")
public func count(
  _ name: OpaquePointer?, _ count: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    try Arguments.present(count, "count").pointee = Int64(index.count)
  }
}

/// `vi_dimension` of vectorindex.h.
@_cdecl("vi_dimension")
public func dimension(
  _ name: OpaquePointer?, _ dimension: UnsafeMutablePointer<Int64>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    try Arguments.present(dimension, "dimension").pointee = Int64(index.configuration.dimension)
  }
}

/// `vi_metric` of vectorindex.h.
@_cdecl("vi_metric")
public func metric(
  _ name: OpaquePointer?, _ metric: UnsafeMutablePointer<Int32>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    try Arguments.present(metric, "metric").pointee = index.configuration.metric.number
  }
}

/// `vi_get_configuration` of vectorindex.h.
@_cdecl("vi_get_configuration")
public func getConfiguration(
  _ name: OpaquePointer?, _ configuration: UnsafeMutablePointer<vi_configuration>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let out = try Arguments.present(configuration, "configuration")
    try Arguments.check(size: out.pointee.size, of: vi_configuration.self, "configuration")
    let from = index.configuration
    out.pointee.metric = from.metric.number
    out.pointee.dimension = Int64(from.dimension)
    out.pointee.m = Int64(from.M)
    out.pointee.ef_construction = Int64(from.efConstruction)
    out.pointee.maximum_count = Int64(from.maximumCount)
    out.pointee.seed = from.seed
  }
}

/// `vi_contains` of vectorindex.h.
@_cdecl("vi_contains")
public func contains(
  _ name: OpaquePointer?, _ keys: UnsafePointer<UInt64>?, _ count: Int64,
  _ found: UnsafeMutablePointer<UInt8>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let count = try Arguments.count(count, "count")
    let keys = try Arguments.array(keys, count, "keys")
    let found = try Arguments.array(found, count, "found")
    for (i, key) in keys.enumerated() {
      found[i] = try asking { () throws(IndexError) in try index.contains(key) } ? 1 : 0
    }
  }
}

/// `vi_get` of vectorindex.h.
@_cdecl("vi_get")
public func get(
  _ name: OpaquePointer?, _ keys: UnsafePointer<UInt64>?, _ count: Int64,
  _ vectors: UnsafeMutablePointer<Float>?, _ found: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let dimension = index.configuration.dimension
    let count = try Arguments.count(count, "count")
    let keys = try Arguments.array(keys, count, "keys")
    let floats = try Arguments.product(count, dimension, of: 4, "count")
    let rows = try Arguments.array(vectors, floats, "vectors")
    for (i, key) in keys.enumerated() {
      let row = UnsafeMutableBufferPointer(rebasing: rows[(i * dimension)..<((i + 1) * dimension)])
      if let vector = try asking({ () throws(IndexError) in try index.vector(for: key) }) {
        _ = row.update(fromContentsOf: vector)
        found?[i] = 1
      } else {
        guard let found else { throw Failure(IndexError.unknownKey(key)) }
        row.update(repeating: 0)
        found[i] = 0
      }
    }
  }
}

/// `vi_keys` of vectorindex.h.
@_cdecl("vi_keys")
public func keys(
  _ name: OpaquePointer?, _ keys: UnsafeMutablePointer<UInt64>?, _ capacity: Int64,
  _ count: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let count = try Arguments.present(count, "count")
    let capacity = try Arguments.count(capacity, "capacity")
    let room = try Arguments.array(keys, capacity, "keys")
    let all = try asking { () throws(IndexError) in try index.allKeys() }
    _ = room.update(fromContentsOf: all.prefix(capacity))
    count.pointee = Int64(all.count)
  }
}
