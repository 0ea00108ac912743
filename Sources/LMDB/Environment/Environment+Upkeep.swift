internal import CLMDB
internal import Glibc
internal import Support

extension Environment {
  /// Version of LMDB, such as `0.9.24`.
  public static var libraryVersion: String {
    "\(MDB_VERSION_MAJOR).\(MDB_VERSION_MINOR).\(MDB_VERSION_PATCH)"
  }

  /// Bytes of `data.mdb` in use.
  public var usedBytes: Int { core.usedBytes }

  /// Bytes of the memory map: how far `data.mdb` can grow before the map does.
  public var mapSize: Int { core.mapSize }

  /// How many named databases there are.
  public var databaseCount: Int {
    core.gate.shared {
      var statistics = MDB_stat()
      if !core.isLost { mdb_env_stat(core.handle, &statistics) }
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
    try LMDBError.check(core.gate.shared { core.isLost ? MDB_PANIC : mdb_reader_check(core.handle, &dead) })
    return Int(dead)
  }

  /// Copies the state of the last commit into an empty folder, which is made when it is not there, record by record, so that
  /// every page is full; writers go on meanwhile. The copy is on disk when this returns.
  ///
  /// - Parameter progress: Called now and then with the bytes of keys and values that were written.
  /// - Throws: ``LMDBError``, among them `EEXIST` when the folder holds a database, and `MDB_CORRUPTED` when a page is damaged.
  public func backup(to folder: String, progress: ((Int) -> Void)? = nil) throws(LMDBError) {
    do throws(SystemError) {
      try Folder.make(folder)
    } catch {
      throw LMDBError(rawValue: error.code)
    }
    guard !Self.exists(in: folder) else { throw LMDBError(rawValue: EEXIST) }
    let file = folder + "/data.mdb"
    do throws(LMDBError) {
      let transaction = try beginReading()
      let snapshot = transaction.raw.snapshot
      try core.readingAhead { () throws(LMDBError) in
        try DenseCopy.write(snapshot, to: file, progress: progress)
      }
      _ = consume transaction
    } catch {
      unlink(file)
      throw error
    }
    try Self.syncFolder(folder)
  }

  static func syncFolder(_ path: String) throws(LMDBError) {
    do throws(SystemError) {
      try Folder.synchronize(path)
    } catch {
      throw LMDBError(rawValue: error.code)
    }
  }
}
