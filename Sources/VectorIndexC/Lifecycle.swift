public import CVectorIndex
internal import VectorIndex

/// `vi_create` of vectorindex.h.
@_cdecl("vi_create")
public func create(
  _ configuration: UnsafePointer<vi_configuration>?, _ index: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Arguments.present(index, "index")
    index.pointee = nil
    let pointer = try Arguments.present(configuration, "configuration")
    let given = try Arguments.structure(pointer, size: pointer.pointee.size, "configuration")
    guard let metric = Metric(number: given.metric) else {
      throw .argument("metric", "is \(given.metric), but must be one of VI_METRIC_...")
    }
    func value(_ value: Int64, _ name: String, else standard: Int) throws(Failure) -> Int {
      value == 0 ? standard : try Arguments.count(value, name)
    }
    let chosen = HNSWIndex.Configuration(
      dimension: try Arguments.count(given.dimension, "dimension"), metric: metric,
      M: try value(given.m, "m", else: 16),
      efConstruction: try value(given.ef_construction, "ef_construction", else: 200), seed: given.seed,
      maximumCount: try value(given.maximum_count, "maximum_count", else: 1 << 29))
    index.pointee = Handles.add(try asking { () throws(IndexError) in try HNSWIndex(chosen) })
  }
}

/// `vi_open` of vectorindex.h.
@_cdecl("vi_open")
public func open(
  _ path: UnsafePointer<CChar>?, _ mode: Int32, _ index: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Arguments.present(index, "index")
    index.pointee = nil
    let path = try Arguments.path(path)
    let openMode: HNSWIndex.OpenMode
    switch Int(mode) {
    case VI_OPEN_MAP: openMode = .map
    case VI_OPEN_LOAD: openMode = .load
    default: throw .argument("mode", "is \(mode), but must be VI_OPEN_MAP or VI_OPEN_LOAD")
    }
    index.pointee = Handles.add(
      try asking { () throws(IndexError) in try HNSWIndex.open(path, mode: openMode) })
  }
}

/// `vi_save` of vectorindex.h.
@_cdecl("vi_save")
public func save(
  _ name: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ userInfo: UnsafeRawPointer?, _ bytes: Int64,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let path = try Arguments.path(path)
    let bytes = try Arguments.count(bytes, "user_info_bytes")
    guard bytes <= 1 << 28 else {
      throw .argument("user_info_bytes", "is \(bytes), but must be at most \(1 << 28)")
    }
    guard userInfo != nil || bytes == 0 else { throw .argument("user_info", "is NULL") }
    let info = userInfo.map { Array(UnsafeRawBufferPointer(start: $0, count: bytes)) }
    try asking { () throws(IndexError) in try index.save(to: path, userInfo: info) }
  }
}

/// `vi_user_info` of vectorindex.h.
@_cdecl("vi_user_info")
public func userInfo(
  _ name: OpaquePointer?, _ buffer: UnsafeMutableRawPointer?, _ capacity: Int64,
  _ bytes: UnsafeMutablePointer<Int64>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let bytes = try Arguments.present(bytes, "bytes")
    let capacity = try Arguments.count(capacity, "capacity")
    let room = try Arguments.array(buffer?.assumingMemoryBound(to: UInt8.self), capacity, "buffer")
    let info = index.userInfo
    _ = room.update(fromContentsOf: info.prefix(capacity))
    bytes.pointee = Int64(info.count)
  }
}

/// `vi_verify` of vectorindex.h.
@_cdecl("vi_verify")
public func verify(_ name: OpaquePointer?, _ error: UnsafeMutablePointer<vi_error>?) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    try asking { () throws(IndexError) in try index.verify() }
  }
}

/// `vi_close` of vectorindex.h.
@_cdecl("vi_close")
public func close(_ name: OpaquePointer?, _ error: UnsafeMutablePointer<vi_error>?) -> vi_status {
  reported(error) { () throws(Failure) in try Handles.remove(name) }
}

extension Metric {
  /// The metric that C knows by a number.
  init?(number: Int32) {
    switch Int(number) {
    case VI_METRIC_COSINE: self = .cosine
    case VI_METRIC_INNER_PRODUCT: self = .innerProduct
    case VI_METRIC_SQUARED_DISTANCE: self = .squaredDistance
    default: return nil
    }
  }

  /// The number that C knows it by.
  var number: Int32 {
    switch self {
    case .cosine: Int32(VI_METRIC_COSINE)
    case .innerProduct: Int32(VI_METRIC_INNER_PRODUCT)
    case .squaredDistance: Int32(VI_METRIC_SQUARED_DISTANCE)
    }
  }
}
