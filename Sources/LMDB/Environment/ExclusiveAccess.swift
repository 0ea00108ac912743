internal import CLMDB
internal import Glibc

/// An environment that nobody has open, or can open, for as long as this exists; see
/// ``Environment/withExclusiveAccess(to:_:)``.
public struct ExclusiveAccess: ~Copyable {
  private let folder: String
  private let lock: Int32

  /// Takes the lock of which every process that has the environment open holds a share.
  fileprivate init(to folder: String) throws(LMDBError) {
    self.folder = folder
    lock = Glibc.open(folder + "/lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard lock >= 0 else { throw LMDBError(rawValue: errno) }
    // LMDB's own range: the first byte.
    var range = flock()
    range.l_type = Int16(F_WRLCK)
    range.l_whence = Int16(SEEK_SET)
    range.l_len = 1
    guard fcntl(lock, F_SETLK, &range) == 0 else {
      let code = errno
      close(lock)
      throw code == EACCES ? .inUse : LMDBError(rawValue: code)
    }
  }

  deinit { close(lock) }

  /// Leaves out what is not used any more: writes the last commit into a new file and puts that in the place
  /// of `data.mdb`. What was removed is in no page of it.
  ///
  /// - Throws: ``LMDBError``; the old file is in place then.
  public func compact() throws(LMDBError) {
    let file = folder + "/data.mdb.partial"
    let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw LMDBError(rawValue: errno) }
    do throws(LMDBError) {
      defer { close(descriptor) }
      let code = Environment.copy(try EnvironmentCore(exclusively: folder), to: descriptor, compacting: true)
      try LMDBError.check(code)
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
    // The lock file remembers the last transaction of the old file. Emptied, it is made anew by the next one
    // to open it.
    guard ftruncate(lock, 0) == 0, rename(file, folder + "/data.mdb") == 0 else {
      throw LMDBError(rawValue: errno)
    }
    try Environment.syncFolder(folder)
  }
}

extension Environment {
  /// Runs `body` while nobody, in this process or another one, has the environment in a folder open.
  ///
  /// - Throws: ``LMDBError/inUse`` when somebody has, and what `body` throws.
  public static func withExclusiveAccess<Result>(
    to folder: String, _ body: (borrowing ExclusiveAccess) throws -> Result
  ) throws -> Result {
    try EnvironmentRegistry.excluding(path: folder) { try body(ExclusiveAccess(to: folder)) }
  }
}
