internal import CLMDB
internal import Glibc
internal import Support

extension Environment {
  /// Makes an environment in a folder, which is made when it is not there, with databases and their first records: it is
  /// there with all of them and on disk, or not at all.
  ///
  /// - Parameters:
  ///   - folder: Where `data.mdb` is to be.
  ///   - databases: Makes the databases.
  ///   - records: Writes the first records.
  /// - Returns: Whether it was made; false when another process has made one meanwhile, which is left as it is.
  /// - Throws: ``LMDBError``, and what the closures throw; nothing is there then, but perhaps `data.mdb.….partial` when the
  ///   process was killed.
  @discardableResult
  public static func create<Databases>(
    in folder: String, databases: (borrowing DatabaseOpener) throws -> Databases,
    records: (Databases, borrowing WriteTransaction) throws -> Void
  ) throws -> Bool {
    do {
      try Folder.make(folder)
    } catch {
      throw LMDBError(rawValue: error.code)
    }
    Leftovers.clear(in: folder) { $0.hasPrefix("data.mdb.") }
    let data = folder + "/data.mdb"
    // Locked while it is being made: another process takes it for no leftover.
    let unfinished: ReplacementFile
    do {
      unfinished = try ReplacementFile(data)
    } catch {
      throw LMDBError(rawValue: error.code)
    }
    defer { withExtendedLifetime(unfinished) {} }
    let temporary = unfinished.temporaryPath
    do {
      let core = try EnvironmentCore(file: temporary, readOnly: false)
      let transaction = try WriteTransaction(core)
      let opener = DatabaseOpener(transaction: transaction.raw, isCreating: true)
      try records(try databases(opener), transaction)
      try transaction.commit()
      try LMDBError.check(mdb_env_sync(core.handle, 1))
    } catch let error as LMDBError where error == .inputOutput {
      throw EnvironmentCore.limitReached(path: folder, bytes: 0) ?? error
    }
    // What is there stays as it is.
    do {
      guard try NewName.give(data, to: temporary) else { return false }
    } catch {
      throw LMDBError(rawValue: error.code)
    }
    try syncFolder(folder)
    return true
  }

  /// Whether there is a `data.mdb` in a folder, of whatever kind.
  public static func exists(in folder: String) -> Bool { access(folder + "/data.mdb", F_OK) == 0 }

  /// Checks that there is a `data.mdb` that is none of those which LMDB would take for new, or for sound.
  ///
  /// - Throws: ``LMDBError/emptied``, `MDB_INVALID`, `MDB_CORRUPTED`, and the system's errors.
  static func checkThere(_ folder: String) throws(LMDBError) {
    var status = stat()
    guard stat(folder + "/data.mdb", &status) == 0 else { throw LMDBError(rawValue: errno) }
    if status.st_size == 0 { throw .emptied }
    try FileHead.check(folder + "/data.mdb")
  }
}
