public import CVectorIndex
internal import VectorIndex

/// `vi_version` of vectorindex.h.
@_cdecl("vi_version")
public func version() -> UnsafePointer<CChar> { Lasting.version.start }

/// `vi_kernels` of vectorindex.h.
@_cdecl("vi_kernels")
public func kernels() -> UnsafePointer<CChar> { Lasting.kernels.start }

/// `vi_status_name` of vectorindex.h.
@_cdecl("vi_status_name")
public func statusName(_ status: vi_status) -> UnsafePointer<CChar> {
  let names = Lasting.statuses
  return (names.indices.contains(Int(status)) ? names[Int(status)] : Lasting.unknownStatus).start
}

/// `vi_tune` of vectorindex.h.
@_cdecl("vi_tune")
public func tune(
  _ name: OpaquePointer?, _ recall: Double, _ k: Int64, _ report: UnsafeMutablePointer<vi_recall>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let k = try Arguments.count(k, "k")
    let report = try Arguments.optional(report, 1, "report")
    let reached = try asking { () throws(IndexError) in try index.tune(recall: recall, k: k) }
    report?[0] = vi_recall(reached)
  }
}

/// `vi_measure_recall` of vectorindex.h.
@_cdecl("vi_measure_recall")
public func measureRecall(
  _ name: OpaquePointer?, _ sample: Int64, _ k: Int64, _ ef: Int64,
  _ report: UnsafeMutablePointer<vi_recall>?, _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let sample = try Arguments.count(sample, "sample")
    let k = try Arguments.count(k, "k")
    let ef = try Arguments.count(ef, "ef")
    let report = try Arguments.present(report, "report")
    let measured = try asking { () throws(IndexError) in
      try index.measureRecall(sample: sample, k: k, ef: ef == 0 ? nil : ef)
    }
    report.pointee = vi_recall(measured)
  }
}

/// `vi_get_statistics` of vectorindex.h.
@_cdecl("vi_get_statistics")
public func getStatistics(
  _ name: OpaquePointer?, _ statistics: UnsafeMutablePointer<vi_statistics>?,
  _ error: UnsafeMutablePointer<vi_error>?
) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    let out = try Arguments.present(statistics, "statistics")
    try Arguments.check(size: out.pointee.size, of: vi_statistics.self, "statistics")
    let from = index.statistics
    out.pointee.count = Int64(from.count)
    out.pointee.deleted_slots = Int64(from.deletedSlots)
    out.pointee.memory_bytes = Int64(from.memoryBytes)
    out.pointee.mean_degree = from.meanDegree
    out.pointee.level_count = withUnsafeMutableBytes(of: &out.pointee.levels) { room in
      let room = room.bindMemory(to: Int64.self)
      for i in room.indices { room[i] = i < from.levels.count ? Int64(from.levels[i]) : 0 }
      return Int32(min(room.count, from.levels.count))
    }
    withUnsafeMutableBytes(of: &out.pointee.answered) { room in
      let room = room.bindMemory(to: Int64.self)
      for way in AnsweredBy.allCases { room[way.number] = Int64(from.answered[way] ?? 0) }
    }
  }
}

/// `vi_check` of vectorindex.h.
@_cdecl("vi_check")
public func check(_ name: OpaquePointer?, _ error: UnsafeMutablePointer<vi_error>?) -> vi_status {
  reported(error) { () throws(Failure) in
    let index = try Handles.index(name)
    _ = try asking { () throws(IndexError) in try index.checkInvariants() }
  }
}

extension vi_recall {
  fileprivate init(_ report: HNSWIndex.RecallReport) {
    self.init(
      recall: report.recall, queries: Int64(report.queries), k: Int64(report.k), ef: Int64(report.ef))
  }
}

/// A string for C that is never freed; unchecked sendable since nobody changes it.
private struct Lasting: @unchecked Sendable {
  let start: UnsafePointer<CChar>

  init(_ text: String) {
    let bytes = text.utf8CString
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
    _ = copy.initialize(fromContentsOf: bytes)
    start = UnsafePointer(copy.baseAddress ?? UnsafeMutablePointer<CChar>.allocate(capacity: 1))
  }

  static let version = Lasting("0.1.0")
  static let kernels = Lasting(VectorKernels.active)
  static let unknownStatus = Lasting("VI_UNKNOWN_STATUS")
  static let statuses = [
    "VI_OK", "VI_INVALID_ARGUMENT", "VI_INVALID_HANDLE", "VI_NOT_FINITE", "VI_ZERO_VECTOR",
    "VI_LENGTH_OUT_OF_RANGE", "VI_DUPLICATE_KEY", "VI_UNKNOWN_KEY", "VI_FULL", "VI_CALLED_FROM_CALLBACK",
    "VI_BUSY", "VI_OUT_OF_MEMORY", "VI_FILE", "VI_NOT_A_SNAPSHOT", "VI_DAMAGED", "VI_INCOMPATIBLE",
    "VI_BROKEN",
  ].map(Lasting.init)
}
