public import CVectorIndex
internal import VectorIndex

/// `vi_reserve` of vectorindex.h.
@_cdecl("vi_reserve")
public func reserve(
  _ name: OpaquePointer?, _ count: Int64, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let count = try Arguments.count(count, "count")
    try asking { () throws(IndexError) in try index.reserve(count) }
  }
}

/// `vi_add` of vectorindex.h.
@_cdecl("vi_add")
public func add(
  _ name: OpaquePointer?, _ vectors: UnsafePointer<Float>?, _ count: Int64, _ keys: UnsafePointer<UInt64>?,
  _ threads: Int32, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let batch = try NewVectors(name, vectors, count, keys, threads)
    try asking { () throws(IndexError) in
      try batch.index.add(batch.vectors, keys: batch.keys, threads: batch.threads)
    }
  }
}

/// `vi_upsert` of vectorindex.h.
@_cdecl("vi_upsert")
public func upsert(
  _ name: OpaquePointer?, _ vectors: UnsafePointer<Float>?, _ count: Int64, _ keys: UnsafePointer<UInt64>?,
  _ threads: Int32, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let batch = try NewVectors(name, vectors, count, keys, threads)
    try asking { () throws(IndexError) in
      try batch.index.upsert(batch.vectors, keys: batch.keys, threads: batch.threads)
    }
  }
}

/// `vi_update` of vectorindex.h.
@_cdecl("vi_update")
public func update(
  _ name: OpaquePointer?, _ vector: UnsafePointer<Float>?, _ key: UInt64,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let row = try Arguments.array(vector, index.configuration.dimension, "vector")
    try asking { () throws(IndexError) in try index.update(Array(row), key: key) }
  }
}

/// `vi_remove` of vectorindex.h.
@_cdecl("vi_remove")
public func remove(
  _ name: OpaquePointer?, _ keys: UnsafePointer<UInt64>?, _ count: Int64,
  _ removed: UnsafeMutablePointer<UInt8>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let count = try Arguments.count(count, "count")
    let keys = try Arguments.array(keys, count, "keys")
    for (i, key) in keys.enumerated() {
      let wasThere = try asking { () throws(IndexError) in try index.remove(key) }
      removed?[i] = wasThere ? 1 : 0
    }
  }
}

/// `vi_compact` of vectorindex.h.
@_cdecl("vi_compact")
public func compact(_ name: OpaquePointer?, _ error: UnsafeMutablePointer<vi_error>?) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    try asking { () throws(IndexError) in try index.compact() }
  }
}

/// `vi_merge` of vectorindex.h.
@_cdecl("vi_merge")
public func merge(
  _ name: OpaquePointer?, _ other: OpaquePointer?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let other = try Handles.index(other)
    try asking { () throws(IndexError) in try index.merge(other) }
  }
}

/// Vectors that are to be added, checked as far as C can get them wrong.
private struct NewVectors {
  let index: HNSWIndex
  let vectors: UnsafeBufferPointer<Float>
  let keys: [UInt64]
  let threads: Int

  init(
    _ name: OpaquePointer?, _ vectors: UnsafePointer<Float>?, _ count: Int64,
    _ keys: UnsafePointer<UInt64>?, _ threads: Int32
  ) throws(Failure) {
    index = try Handles.index(name)
    let count = try Arguments.count(count, "count")
    // Before anything is read: more can never be added.
    guard count <= index.configuration.maximumCount else {
      throw Failure(IndexError.full(maximumCount: index.configuration.maximumCount))
    }
    let floats = try Arguments.product(count, index.configuration.dimension, of: 4, "count")
    self.vectors = try Arguments.array(vectors, floats, "vectors")
    self.keys = Array(try Arguments.array(keys, count, "keys"))
    self.threads = try Arguments.threads(threads)
  }
}
