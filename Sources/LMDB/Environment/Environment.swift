internal import Glibc
internal import Support

/// An LMDB database in a folder: `data.mdb` and `lock.mdb`.
///
/// Any number of threads and processes may use it at the same time: readers see the state of the last commit
/// when they began and never wait; one writer at a time, over all processes, changes it. A commit is on disk
/// (fsync) when ``write(_:)`` returns.
///
/// A process has each environment open only once: opening it again shares what is open.
public final class Environment: Sendable {
  let core: EnvironmentCore

  /// The folder.
  public let path: String

  /// Whether this handle refuses to write.
  public let isReadOnly: Bool

  /// Opens an environment; without `readOnly` it is made when it is not there, and its folder too.
  ///
  /// Slots of reader processes that died are cleared.
  ///
  /// - Throws: ``LMDBError``: `MDB_INVALID` for a file that is not LMDB's, `MDB_VERSION_MISMATCH`, ``LMDBError/emptied`` for a
  ///   file of no bytes, `MDB_CORRUPTED` for a file that is too short or has a damaged head, ``LMDBError/inUse`` when somebody
  ///   has it alone for longer than a minute, `EBUSY` for an environment that the process has open for
  ///   reading only and is now wanted for writing, and the system's errors.
  public init(path: String, options: EnvironmentOptions = EnvironmentOptions()) throws(LMDBError) {
    if !options.readOnly, !Self.exists(in: path) { try Self.createEmpty(in: path) }
    core = try EnvironmentRegistry.acquire(path: path, options: options)
    self.path = path
    isReadOnly = options.readOnly
  }

  private static func createEmpty(in folder: String) throws(LMDBError) {
    do {
      try create(in: folder, databases: { _ in }, records: { _, _ in })
    } catch {
      throw error as? LMDBError ?? .inputOutput
    }
  }

  deinit { EnvironmentRegistry.release(core) }
}
