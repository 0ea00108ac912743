package import Foundation

/// Where a gallery's truth is kept: people, faces, vectors, and the log of their changes.
///
/// The index and every answer are made of it. Each implementation is a folder of this module: ``LMDBStore`` for one machine,
/// ``PostgresStore`` for several, ``ReplicaStore`` for a copy that follows the latter, ``InMemoryStore`` for tests; ``Stores`` chooses. What is read and written is said by ``StoreSnapshot`` and ``StoreWriter``;
/// compaction and repair are each implementation's own.
package protocol Store: Sendable {
  /// Names the gallery for ever, also in its copies.
  var uuid: UUID { get }

  /// When the gallery was made.
  var created: Date { get }

  /// Major version of the format in which it is kept.
  var schemaVersion: Int { get }

  /// Whether ``write(_:)`` refuses.
  var isReadOnly: Bool { get }

  /// What keeps the gallery where that is a server; nil for other stores.
  func server() throws -> ServerFacts?

  /// Runs `body` on the state of the last commit, which stays as it is meanwhile, whatever writers do.
  ///
  /// `body` should be short: an old state may keep room from being used again. Reads may be nested.
  ///
  /// - Parameter ahead: Whether `body` goes through much of the store, so that reading ahead pays.
  func read<Result>(ahead: Bool, _ body: (borrowing Snapshot) throws -> Result) throws -> Result

  /// Runs `body`, which goes through much of a snapshot that is open, while the system reads ahead.
  func readingAhead<Result>(_ body: () throws -> Result) rethrows -> Result

  /// Runs `body` as the only writer, of all processes, numbers and logs the changes that it made, and commits: everything
  /// or, when something throws, nothing. The commit is on disk when this returns.
  ///
  /// `body` may run more than once, so it has no other effects than on the writer, and passes the store's errors on.
  func write<Result>(_ body: (borrowing Writer) throws -> Result) throws -> Result

  /// Takes changes up to a number from the log, far behind what the index needs.
  func trimLog(through sequence: UInt64) throws

  /// How the copy stands that follows a server; nil for other stores.
  var replication: ReplicaStatus? { get }

  /// Runs `body` while nobody in this process writes; those who want to wait, and those who read go on.
  func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result

  /// Checks that what is written is still where the store was opened: its files were not moved, deleted or replaced.
  func checkPlace() throws

  /// Reads everything and says what does not fit together.
  ///
  /// - Parameters:
  ///   - repair: Whether what is derived from the records of people and faces is put right.
  ///   - progress: Called with the number of faces read and of all.
  func check(repair: Bool, progress: ((Int, Int) -> Void)?) throws -> HealthReport

  /// How the audit log stands, by what the store notes of it.
  func auditState() throws -> AuditState

  /// Switches the audit log on or off: from here on, each transaction that changes something notes a line of the log with itself, and the file has
  /// it before ``write(_:)`` returns. Nothing is changed while the file lacks a line.
  ///
  /// - Throws: ``GalleryError`` with code `auditLog` when the file is not what was written.
  func setAudit(_ isOn: Bool) throws

  /// Notes something in the audit log that is no change of people and faces, if the log is on.
  ///
  /// - Parameter key: The name of a key.
  func noteInAudit(_ event: AuditEntry.Event, key: String?) throws

  /// Reads every line of the audit log, and says what does not fit together.
  ///
  /// - Parameter body: Called with each line that is what was written, in order.
  func verifyAudit(_ body: (AuditEntry) throws -> Void) throws -> AuditReport

  /// Copies the state of the last commit into a folder that nobody uses, as a gallery that ``Stores`` opens; it is on disk when this
  /// returns. Nothing is in the copy that removals keep.
  ///
  /// - Parameter progress: Called now and then, on another thread, with the bytes written.
  /// - Throws: ``GalleryError`` with code `invalidArgument` from a store that makes no files.
  func copy(to folder: String, progress: (@Sendable (Int) -> Void)?) throws
}

/// A state of a store of any kind; it cannot be kept beyond the closure that it is given to.
package typealias Snapshot = any StoreSnapshot & ~Copyable

/// The writer of a store of any kind; it cannot be kept beyond the closure that it is given to.
package typealias Writer = any StoreWriter & ~Copyable

extension Store {
  package func read<Result>(_ body: (borrowing Snapshot) throws -> Result) throws -> Result {
    try read(ahead: false, body)
  }

  package func readingAhead<Result>(_ body: () throws -> Result) rethrows -> Result { try body() }

  package func server() throws -> ServerFacts? { nil }

  package func trimLog(through sequence: UInt64) throws {
    try write { try $0.trimChanges(through: sequence) }
  }

  package var replication: ReplicaStatus? { nil }

  package func checkPlace() throws {}

  package func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result {
    throw GalleryError.notInFiles
  }

  package func auditState() throws -> AuditState { AuditState(nil) }

  package func setAudit(_ isOn: Bool) throws { throw GalleryError.notInFiles }

  package func noteInAudit(_ event: AuditEntry.Event, key: String?) throws {}

  package func verifyAudit(_ body: (AuditEntry) throws -> Void) throws -> AuditReport {
    AuditReport(AuditState(nil))
  }

  package func copy(to folder: String, progress: (@Sendable (Int) -> Void)?) throws {
    throw GalleryError.notInFiles
  }
}

extension GalleryError {
  /// The error of a store that makes no copies of its own.
  fileprivate static let notInFiles = GalleryError(
    .invalidArgument, "The gallery is not kept in files; use the means of what keeps it.")
}
