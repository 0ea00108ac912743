internal import FaceEngine
package import Foundation
internal import LMDB
internal import Synchronization

/// The truth of a gallery on one machine: people, faces and vectors in LMDB, in the folder of the gallery.
package final class LMDBStore: Store {
  /// Version of the format that is written.
  static let version = FormatVersion(major: 1, minor: 7)

  let environment: Environment
  let tables: Tables
  package let uuid: UUID
  package let created: Date
  let formatVersion: FormatVersion
  let fingerprints = CachedJSON<StoredFingerprint>()
  let operatingPoints = CachedJSON<OperatingPoint>()
  /// The number of the audit log's line that was put back at opening; nil when none was missing.
  let settledLine = Mutex<Int?>(nil)

  /// The format's version: readers ignore what a newer minor version appended, and refuse a newer major one.
  struct FormatVersion: Hashable, Sendable {
    let major: UInt16
    let minor: UInt16
  }

  /// Opens the store in a folder, or makes it.
  ///
  /// - Throws: ``GalleryError``: `notFound`, `notAGallery`, `newerVersion`, `damaged`; `LMDBError`.
  package convenience init(at url: URL, access: StoreAccess) throws {
    try self.init(at: url, access: access, head: GalleryHead())
    if let state = try view({ try $0.replicaState() }), !state.isComplete || state.isOnce {
      throw GalleryError(
        .unavailable,
        "The copy of \(state.server) in \(environment.path) is not complete yet; go on with it by "
          + "`galleryctl \(state.isOnce ? "copy" : "serve --replica")`.")
    }
  }

  /// Opens the store in a folder, or makes it with a head.
  init(at url: URL, access: StoreAccess, head: GalleryHead) throws {
    let full = url.path(percentEncoded: false)
    let path = full.count > 1 && full.hasSuffix("/") ? String(full.dropLast()) : full
    (environment, tables) = try Self.open(path, access: access, head: head)
    (uuid, created, formatVersion) = try Self.head(of: environment, tables, path)
    guard formatVersion.major <= Self.version.major else {
      throw GalleryError(
        .newerVersion,
        "The gallery \(path) has format \(formatVersion.major).\(formatVersion.minor) and this program "
          + "reads up to \(Self.version.major); use a newer version of the program.")
    }
    if access != .readOnly { settleAudit() }
  }

  /// The name and version of the C library that keeps the store.
  package static var libraryVersion: (name: String, version: String) { ("LMDB", Environment.libraryVersion) }

  package var schemaVersion: Int { Int(formatVersion.major) }

  /// The folder, without a slash at its end.
  var path: String { environment.path }

  package var isReadOnly: Bool { environment.isReadOnly }

  package func read<Result>(
    ahead: Bool, _ body: (borrowing Snapshot) throws -> Result
  ) throws -> Result {
    try environment.read(ahead: ahead) { transaction in
      let snapshot: Snapshot = LMDBSnapshot(store: self, raw: transaction.raw)
      return try body(snapshot)
    }
  }

  package func readingAhead<Result>(_ body: () throws -> Result) rethrows -> Result {
    try environment.readingAhead(body)
  }

  package func checkPlace() throws { try environment.checkPlace() }

  package func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result {
    try checkWritable()
    do {
      return try environment.withoutWriters(body)
    } catch let error as LMDBError where error == .busy {
      throw GalleryError.inUseHere(at: environment.path)
    }
  }

  package func write<Result>(_ body: (borrowing Writer) throws -> Result) throws -> Result {
    try change { writer in
      let writer: Writer = LMDBWriter(store: self, raw: writer.raw, log: writer.log)
      return try body(writer)
    }
  }

  /// Runs `body` as ``write(_:)`` does, with all that this kind of store can do.
  func change<Result>(_ body: (borrowing LMDBWriter) throws -> Result) throws -> Result {
    try commit(settlesAudit: true) { writer in
      try writer.checkIsOwn()
      return try body(writer)
    }
  }

  /// Runs `body` as the only writer, notes its changes, also in the audit log, and commits.
  ///
  /// - Parameter settlesAudit: Whether the file of the audit log must have every line so far.
  func commit<Result>(
    settlesAudit: Bool, _ body: (borrowing LMDBWriter) throws -> Result
  ) throws -> Result {
    try checkWritable()
    var noted: AuditHead?
    let result = try environment.write { transaction in
      let writer = LMDBWriter(store: self, raw: transaction.raw, log: try begin(transaction))
      if settlesAudit { try writer.settleAudit() }
      try writer.catchUpNameKeys()
      let result = try body(writer)
      try writer.writeLog()
      noted = try writer.noteAudit()
      return result
    }
    if let noted { try append(noted) }
    return result
  }

  package func trimLog(through sequence: UInt64) throws {
    // Also in a copy that follows a server, whose log is as long as its index needs it.
    try commit(settlesAudit: true) { try $0.trimChanges(through: sequence) }
  }

  func checkWritable() throws(GalleryError) {
    if environment.isReadOnly { throw GalleryError.notWritable(at: environment.path) }
  }

  func begin(_ transaction: borrowing WriteTransaction) throws -> ChangeLog {
    let counters = try LMDBSnapshot(store: self, raw: transaction.raw).counters()
    return ChangeLog(counters: counters, tag: UInt64.random(in: 1 ... .max))
  }

  /// Runs `body` on the state of the last commit, with all that this kind of store can do.
  func view<Result>(ahead: Bool = false, _ body: (borrowing LMDBSnapshot) throws -> Result) throws -> Result {
    try environment.read(ahead: ahead) { try body(LMDBSnapshot(store: self, raw: $0.raw)) }
  }
}
