internal import CLMDB

extension Transaction where Self: ~Copyable {
  /// Calls `body` with the pairs of a numbered database in order, beginning at a number, until it returns
  /// false.
  ///
  /// It does what a ``Cursor`` does at the memory's speed: nothing is generic in the loop.
  ///
  /// - Complexity: O(*n*), without copying.
  public func scan<Value>(
    _ database: Database<UInt64, Value>, from start: UInt64 = 0,
    _ body: (UInt64, RawSpan) throws -> Bool
  ) throws {
    let pages = try CursorGuard(raw, database)
    try pages?.willGo(to: start)
    var cursor: OpaquePointer?
    try LMDBError.check(mdb_cursor_open(raw.handle, database.index, &cursor))
    defer { mdb_cursor_close(cursor) }
    var key = MDB_val()
    var value = MDB_val()
    var code = start.withDatabaseValue { target in
      let code = mdb_cursor_get(cursor, &target, &value, MDB_SET_RANGE)
      key = target
      return code
    }
    while code == MDB_SUCCESS {
      guard key.mv_size == MemoryLayout<UInt64>.size else { throw LMDBError.badValueSize }
      let number = UInt64(bigEndian: key.bytes.loadUnaligned(as: UInt64.self))
      guard try body(number, value.bytes.bytes) else { return }
      try pages?.willGo(from: key, forward: true)
      code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
    }
    if code != MDB_NOTFOUND { throw LMDBError(rawValue: code) }
  }
}
