internal import CLMDB
internal import Glibc
internal import Support

/// An environment that nobody has open, or can open, for as long as this exists; see
/// ``Environment/withExclusiveAccess(to:_:)``.
public struct ExclusiveAccess: ~Copyable {
  private let folder: String
  private let opening: OpeningLock
  private let lock: Int32

  /// Takes, beside the lock that keeps others from opening it, the one of which every process that has it open holds a share.
  fileprivate init(to folder: String, _ opening: OpeningLock) throws(LMDBError) {
    let lock = Glibc.open(folder + "/lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC, FileMode.file)
    guard lock >= 0 else { throw LMDBError(rawValue: errno) }
    // LMDB's own range: the first byte.
    var range = flock()
    range.l_type = Int16(F_WRLCK)
    range.l_whence = Int16(SEEK_SET)
    range.l_len = 1
    guard fcntl(lock, F_SETLK, &range) == 0 else {
      let code = errno
      close(lock)
      throw code == EACCES || code == EAGAIN ? .inUse : LMDBError(rawValue: code)
    }
    self.folder = folder
    self.opening = opening
    self.lock = lock
  }

  deinit { close(lock) }

  /// Leaves out what is not used any more: writes the last commit into a new file, with full pages, and puts that in the
  /// place of `data.mdb`. What was removed is in no page of it.
  ///
  /// - Parameter progress: Called now and then with the bytes of keys and values that were written.
  /// - Throws: ``LMDBError``, `MDB_CORRUPTED` for a file that is damaged; the old file is in place then.
  public func compact(progress: ((Int) -> Void)? = nil) throws(LMDBError) {
    let file = folder + "/data.mdb.partial"
    unlink(file)
    do throws(LMDBError) {
      try Environment.checkThere(folder)
      let core = try EnvironmentCore(file: folder + "/data.mdb", readOnly: true)
      let transaction = try ReadTransaction(core)
      try DenseCopy.write(transaction.raw.snapshot, to: file, progress: progress)
    } catch {
      unlink(file)
      throw error
    }
    try replaceData(by: file)
  }

  /// Puts a complete, synchronised file in the place of `data.mdb`.
  ///
  /// - Throws: ``LMDBError``; the old file is in place then, unless only the folder could not be synchronised.
  public func replaceData(by file: String) throws(LMDBError) {
    let data = folder + "/data.mdb"
    // The lock file remembers the last transaction of the old file. Emptied, it is made anew by the next one
    // to open it.
    if let mode = FileMode.of(data), chmod(file, mode) != 0 { throw LMDBError(rawValue: errno) }
    try opening.extend(to: file)
    guard ftruncate(lock, 0) == 0, rename(file, data) == 0 else { throw LMDBError(rawValue: errno) }
    try Environment.syncFolder(folder)
  }
}

extension Environment {
  /// Runs `body` while nobody, in this process or another one, has the environment in a folder open; those who want to open
  /// it wait meanwhile.
  ///
  /// - Throws: ``LMDBError/inUse`` when somebody has; `ENOLCK` and the like when the file system gives no locks, so that
  ///   nobody could be kept out; and what `body` throws.
  public static func withExclusiveAccess<Result>(
    to folder: String, _ body: (borrowing ExclusiveAccess) throws -> Result
  ) throws -> Result {
    try EnvironmentRegistry.excluding(path: folder) {
      try body(ExclusiveAccess(to: folder, OpeningLock(folder, patience: OpeningLock.patience)))
    }
  }

  /// Runs `body` while nobody else has this environment open, and this process neither: it is closed while `body` runs, and transactions
  /// wait, which go on with the file that is there afterwards. Until it is open again nobody else opens it.
  ///
  /// - Parameters:
  ///   - folder: Where the caller takes it to lie.
  ///   - body: Must be short, and leave the databases what they are.
  /// - Throws: ``LMDBError/replaced`` when another file lies in the folder, ``LMDBError/inUse`` when another process has it open, `ENOLCK` and
  ///   the like when the file system gives no locks, `EBUSY` when the process's own transactions do not end, and what `body` throws.
  public func withExclusiveAccess<Result>(
    in folder: String, _ body: (borrowing ExclusiveAccess) throws -> Result
  ) throws -> Result {
    try EnvironmentRegistry.suspending(core, path: folder) { opening in
      try body(ExclusiveAccess(to: folder, opening))
    }
  }

  /// Runs `body` while nobody in this process writes; those who want to wait, and those who read go on.
  ///
  /// - Throws: `EBUSY` when a writer does not end in time, `EDEADLK` when the thread itself has a transaction open, and what `body` throws.
  public func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result {
    try core.gate.withoutWriters(body)
  }
}
