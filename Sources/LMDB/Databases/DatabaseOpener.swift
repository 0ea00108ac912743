internal import CLMDB
internal import Support

/// Opens databases; see ``Environment/openDatabases(creating:_:)``.
public struct DatabaseOpener: ~Copyable {
  let transaction: RawTransaction
  let isCreating: Bool
  /// What was opened, by LMDB's number.
  let opened = Monitor([MDB_dbi: (name: String, flags: UInt32)]())

  /// Opens a database by its name.
  ///
  /// - Throws: ``LMDBError``: `MDB_NOTFOUND` when it is not there and is not to be made, `MDB_DBS_FULL`,
  ///   `MDB_INCOMPATIBLE`.
  public func database<Key, Value>(
    _ name: String, key: Key.Type, value: Value.Type, kind: DatabaseKind = .unique
  ) throws(LMDBError) -> Database<Key, Value> {
    assert(kind != .sortedFixedDuplicates || Value.self == UInt64.self, "fixed sets are of numbers")
    var index: MDB_dbi = 0
    let flags = kind.flags | (isCreating ? UInt32(MDB_CREATE) : 0)
    try LMDBError.check(mdb_dbi_open(transaction.handle, name, flags, &index))
    opened.withLock { $0[index] = (name, kind.flags) }
    return Database(index: index, name: name, kind: kind)
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
    let outcome: Swift.Result<Result, any Error> = core.opening.withLock { open in
      Swift.Result {
        var opened: [MDB_dbi: (name: String, flags: UInt32)] = [:]
        let result =
          if creating {
            try write { transaction in
              let opener = DatabaseOpener(transaction: transaction.raw, isCreating: true)
              let result = try body(opener)
              opened = opener.opened.unguarded
              return result
            }
          } else {
            try read(keepingDatabases: body, &opened)
          }
        open.merge(opened) { $1 }
        return result
      }
    }
    return try outcome.get()
  }

  private func read<Result>(
    keepingDatabases body: (borrowing DatabaseOpener) throws -> Result,
    _ opened: inout [MDB_dbi: (name: String, flags: UInt32)]
  ) throws -> Result {
    let transaction = try beginReading()
    let opener = DatabaseOpener(transaction: transaction.raw, isCreating: false)
    let result = try body(opener)
    opened = opener.opened.unguarded
    try transaction.commit()
    return result
  }
}
