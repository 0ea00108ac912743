internal import CLMDB

/// Opens databases; see ``Environment/openDatabases(creating:_:)``.
public struct DatabaseOpener: ~Copyable {
  let transaction: RawTransaction
  let isCreating: Bool

  /// Opens a database by its name.
  ///
  /// - Throws: ``LMDBError``: `MDB_NOTFOUND` when it is not there and is not to be made, `MDB_DBS_FULL`,
  ///   `MDB_INCOMPATIBLE`.
  public func database<Key, Value>(
    _ name: String, key: Key.Type, value: Value.Type, kind: DatabaseKind = .unique
  ) throws(LMDBError) -> Database<Key, Value> {
    var index: MDB_dbi = 0
    let flags = kind.flags | (isCreating ? UInt32(MDB_CREATE) : 0)
    try LMDBError.check(mdb_dbi_open(transaction.handle, name, flags, &index))
    return Database(index: index, name: name)
  }

  /// Opens a database by its name; nil when it is not there and is not to be made.
  ///
  /// - Throws: ``LMDBError``: `MDB_DBS_FULL`, `MDB_INCOMPATIBLE`.
  public func databaseIfThere<Key, Value>(
    _ name: String, key: Key.Type, value: Value.Type, kind: DatabaseKind = .unique
  ) throws(LMDBError) -> Database<Key, Value>? {
    do {
      return try database(name, key: key, value: value, kind: kind)
    } catch  where error == .notFound {
      return nil
    }
  }
}

extension Environment {
  /// Opens databases in one transaction.
  ///
  /// - Parameters:
  ///   - creating: Whether databases that are not there are made; all are, or none.
  ///   - body: Opens the databases and returns them.
  public func openDatabases<Result>(
    creating: Bool, _ body: (borrowing DatabaseOpener) throws -> Result
  ) throws -> Result {
    // Several threads may open databases, but LMDB wants one at a time to do so.
    let outcome: Swift.Result<Result, any Error> = core.opening.withLock { _ in
      Swift.Result {
        if creating {
          return try write { try body(DatabaseOpener(transaction: $0.raw, isCreating: true)) }
        }
        return try read(keepingDatabases: body)
      }
    }
    return try outcome.get()
  }

  private func read<Result>(
    keepingDatabases body: (borrowing DatabaseOpener) throws -> Result
  ) throws -> Result {
    let transaction = try beginReading()
    let result = try body(DatabaseOpener(transaction: transaction.raw, isCreating: false))
    try transaction.commit()
    return result
  }
}
