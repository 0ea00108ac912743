internal import CLMDB
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
  /// With `readOnly` a file that may be read, but whose lock file may not be written, is copied first: what is committed later is
  /// not seen.
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

  /// Where the copies for who only reads are made: `$TMPDIR`, else `/tmp`.
  public static var folderOfCopies: String { PrivateCopy.folder }

  private static func createEmpty(in folder: String) throws(LMDBError) {
    do {
      try create(in: folder, databases: { _ in }, records: { _, _ in })
    } catch {
      throw error as? LMDBError ?? .inputOutput
    }
  }

  deinit { EnvironmentRegistry.release(core) }
}

/// How an ``Environment`` is opened.
public struct EnvironmentOptions: Sendable, Hashable {
  /// Bytes of the memory map to begin with; it doubles when it is full. The map takes address space only, and is made smaller
  /// where that is limited.
  public var initialMapSize: Int

  /// How many named databases there may be.
  public var maximumDatabases: Int

  /// How many read transactions may be open at a time, over all processes; the process that creates the lock
  /// file decides.
  public var maximumReaders: Int

  /// Whether the environment must exist and is not changed.
  public var readOnly: Bool

  /// The map is not made smaller than this for want of address space.
  static let leastMapSize = 1 << 20

  /// Options; the defaults suit databases up to terabytes.
  public init(
    initialMapSize: Int = 1 << 36, maximumDatabases: Int = 32, maximumReaders: Int = 1024,
    readOnly: Bool = false
  ) {
    self.initialMapSize = initialMapSize
    self.maximumDatabases = maximumDatabases
    self.maximumReaders = maximumReaders
    self.readOnly = readOnly
  }
}

extension Environment {
  /// Runs `body` on the state of the last commit.
  ///
  /// What `body` reads stays as it is for its duration, whatever writers do. It should be short: pages that
  /// it might read are not used again until it ends. Reads may be nested in one thread.
  ///
  /// - Parameter ahead: Whether the system reads ahead in the file meanwhile, for work that goes through much of it; else
  ///   it reads the pages that are asked for and no others.
  /// - Throws: ``LMDBError`` when the transaction cannot begin, and what `body` throws.
  public func read<Result>(
    ahead: Bool = false, _ body: (borrowing ReadTransaction) throws -> Result
  ) throws -> Result {
    guard ahead else { return try body(beginReading()) }
    return try readingAhead { try body(beginReading()) }
  }

  /// Runs `body` as the only writer, of all processes, and commits what it did; everything or, when `body`
  /// throws or the commit fails, nothing.
  ///
  /// The commit is on disk when this returns. When the memory map is full it is doubled and `body` runs
  /// again from the start, so `body` must have no other effects than on the transaction, and must pass errors
  /// of ``LMDBError`` on.
  ///
  /// - Throws: ``LMDBError``, among them `ENOSPC` for a full disk, ``LMDBError/replaced`` (see ``checkPlace()``) and `EDEADLK`
  ///   inside another write of the same thread, and what `body` throws.
  public func write<Result>(
    _ body: (borrowing WriteTransaction) throws -> Result
  ) throws -> Result {
    guard !isReadOnly else { throw LMDBError.notWritable }
    while true {
      let mapSize = core.mapSize
      do {
        let transaction = try beginWriting()
        try core.checkPlace(path: path)
        let result = try body(transaction)
        try transaction.commit()
        // It may have gone while `body` ran: then the commit went with it.
        try checkPlace()
        return result
      } catch let error as LMDBError where error == .mapFull {
        try core.growMap(from: mapSize)
      } catch let error as LMDBError where error == .inputOutput {
        throw core.limitReached(path: path) ?? error
      }
    }
  }

  /// Checks that the file at the path is the one that is open: what is committed to a file that was moved away or deleted is
  /// not where it is looked for.
  ///
  /// - Throws: ``LMDBError/replaced``, and the system's errors when the path cannot be looked at.
  /// - Complexity: Two calls of the system.
  public func checkPlace() throws(LMDBError) {
    let place: Result<Void, LMDBError> = core.gate.shared {
      Result { () throws(LMDBError) in try core.checkPlace(path: path) }
    }
    try place.get()
  }

  func beginReading() throws(LMDBError) -> ReadTransaction {
    for _ in 0..<Self.attempts {
      let openings = core.openingCount
      do throws(LMDBError) {
        return try ReadTransaction(core)
      } catch {
        try recover(from: error, openings)
      }
    }
    throw .busy
  }

  private func beginWriting() throws(LMDBError) -> WriteTransaction {
    for _ in 0..<Self.attempts {
      let openings = core.openingCount
      do throws(LMDBError) {
        return try WriteTransaction(core)
      } catch {
        try recover(from: error, openings)
      }
    }
    throw .busy
  }

  /// How often a transaction is begun again before it is given up.
  private static let attempts = 1000

  /// Does what lets a transaction be begun again.
  ///
  /// - Throws: The error when nothing can be done about it.
  private func recover(from error: LMDBError, _ openings: Int) throws(LMDBError) {
    switch error {
    case .mapResized: try core.followMapSize()
    case .panic: try core.reopen(from: openings)
    // Commits of others took the state's place in the file's head meanwhile.
    case .badTransaction: break
    default: throw error
    }
  }
}
