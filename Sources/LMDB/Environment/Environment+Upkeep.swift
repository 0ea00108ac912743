internal import CLMDB
internal import Glibc

extension Environment {
  /// Version of LMDB, such as `0.9.24`.
  public static var libraryVersion: String {
    "\(MDB_VERSION_MAJOR).\(MDB_VERSION_MINOR).\(MDB_VERSION_PATCH)"
  }

  /// Bytes of `data.mdb` in use.
  public var usedBytes: Int { core.usedBytes }

  /// Bytes of `data.mdb` that hold nothing any more and wait to be used again, as of a transaction.
  public func freeBytes(_ transaction: borrowing ReadTransaction) throws(LMDBError) -> Int {
    var pages = 0
    try EnvironmentCore.forEachFreeList(transaction.raw.handle) { pages += $0.count }
    return pages * core.pageSize
  }

  /// Bytes of the memory map: how far `data.mdb` can grow before the map does.
  public var mapSize: Int { core.mapSize }

  /// How many named databases there are.
  public var databaseCount: Int {
    core.gate.holding {
      var statistics = MDB_stat()
      mdb_env_stat(core.handle, &statistics)
      return statistics.ms_entries
    }
  }

  /// Runs `body` while the system reads ahead in `data.mdb`: for work that goes through much of it. Else it reads the
  /// pages that are asked for and no others.
  public func readingAhead<Result>(_ body: () throws -> Result) rethrows -> Result {
    try core.readingAhead(body)
  }

  /// Frees the slots of readers whose process has died, and says how many there were.
  @discardableResult
  public func clearStaleReaders() throws(LMDBError) -> Int {
    var dead: Int32 = 0
    try LMDBError.check(mdb_reader_check(core.handle, &dead))
    return Int(dead)
  }

  /// Copies the state of the last commit into an empty folder, which is made when it is not there; writers
  /// go on meanwhile. The copy is on disk when this returns.
  ///
  /// - Parameter compacting: Whether free pages are left out.
  /// - Throws: ``LMDBError``, among them `EEXIST` when the folder holds a database.
  public func backup(to folder: String, compacting: Bool = true) throws(LMDBError) {
    if mkdir(folder, 0o755) != 0, errno != EEXIST { throw LMDBError(rawValue: errno) }
    let file = folder + "/data.mdb"
    let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw LMDBError(rawValue: errno) }
    defer { close(descriptor) }
    try core.gate.enter(writing: false)
    let code = core.readingAhead { Self.copy(core, to: descriptor, compacting: compacting) }
    core.gate.leave(writing: false)
    guard code == 0 else {
      unlink(file)
      throw LMDBError(rawValue: code)
    }
    try Self.syncFolder(folder)
  }

  /// Copies the last commit into a file and synchronises that; returns 0 or the error.
  static func copy(_ core: EnvironmentCore, to descriptor: Int32, compacting: Bool) -> Int32 {
    let code = mdb_env_copyfd2(core.handle, descriptor, compacting ? UInt32(MDB_CP_COMPACT) : 0)
    return code == 0 && fsync(descriptor) != 0 ? errno : code
  }

  static func syncFolder(_ path: String) throws(LMDBError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LMDBError(rawValue: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw LMDBError(rawValue: errno) }
  }
}
