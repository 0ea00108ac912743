internal import FaceEngine
internal import Foundation
internal import LMDB

/// The truth of a gallery: people, faces and vectors in LMDB.
///
/// Functions that take a transaction work in it; the index and the answers of a query see the same state
/// that way.
struct Store: Sendable {
  /// Version of the format that is written.
  static let version = FormatVersion(major: 1, minor: 4)

  let environment: Environment
  let tables: Tables
  let uuid: UUID
  let created: Date
  let formatVersion: FormatVersion
  let fingerprints = CachedJSON<EngineFingerprint>()
  let operatingPoints = CachedJSON<OperatingPoint>()

  /// Keys of `meta`.
  enum MetaKey {
    static let format = "format"
    static let uuid = "uuid"
    static let created = "created"
    static let headChecksum = "headChecksum"
    static let counters = "counters"
    static let fingerprint = "fingerprint"
    static let operatingPoint = "operatingPoint"
    static let engineSpecification = "engineChoice"
  }

  /// The format's version: readers ignore what a newer minor version appended, and refuse a newer major one.
  struct FormatVersion: Hashable, Sendable {
    let major: UInt16
    let minor: UInt16
  }

  func counters(_ transaction: borrowing some Transaction & ~Copyable) throws -> Counters {
    guard let bytes = try transaction.value(for: MetaKey.counters, in: tables.meta) else {
      throw Self.damaged("it has no counters")
    }
    return try Self.decoding("the counters") { try Counters(decoding: bytes) }
  }

  func fingerprint(_ transaction: borrowing some Transaction & ~Copyable) throws -> EngineFingerprint? {
    guard let bytes = try transaction.value(for: MetaKey.fingerprint, in: tables.meta) else { return nil }
    return try Self.decoding("the engine's fingerprint") { try fingerprints.decode(bytes) }
  }

  func operatingPoint(_ transaction: borrowing some Transaction & ~Copyable) throws -> OperatingPoint? {
    guard let bytes = try transaction.value(for: MetaKey.operatingPoint, in: tables.meta) else { return nil }
    return try Self.decoding("the operating point") { try operatingPoints.decode(bytes) }
  }

  func engineSpecification(
    _ transaction: borrowing some Transaction & ~Copyable
  ) throws -> EngineSpecification? {
    guard let bytes = try transaction.value(for: MetaKey.engineSpecification, in: tables.meta) else {
      return nil
    }
    return try Self.decoding("the engine's choice") {
      try SealedJSON.decode(EngineSpecification.self, from: bytes)
    }
  }

  /// The error for a record that cannot be what was written.
  static func damaged(_ what: String, remedy: String = "restore it from a backup") -> GalleryError {
    GalleryError(.damaged, "The gallery is damaged: \(what); \(remedy).")
  }

  static func decoding<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw damaged("\(what) cannot be read")
    }
  }
}
