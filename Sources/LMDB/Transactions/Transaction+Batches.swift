internal import CLMDB
public import Support

extension Transaction where Self: ~Copyable {
  /// Calls `body` with the pairs of a numbered database whose numbers are in a range, in order, many at a time.
  ///
  /// Walking the pages and working on the values take turns, each in a loop of its own: the fastest way over many
  /// values.
  ///
  /// - Parameter size: Pairs at a time, at most.
  /// - Complexity: O(*n*), without copying.
  public func scanBatches<Value>(
    _ database: Database<UInt64, Value>, in range: Range<UInt64>, of size: Int = 32,
    _ body: (UnsafeBufferPointer<NumberedBytes>) throws -> Void
  ) throws {
    guard !range.isEmpty, size > 0 else { return }
    let pages = try CursorGuard(raw, database)
    try pages?.willGo(to: range.lowerBound)
    var cursor: OpaquePointer?
    try LMDBError.check(mdb_cursor_open(raw.handle, database.index, &cursor))
    defer { mdb_cursor_close(cursor) }
    let batch = UnsafeMutablePointer<NumberedBytes>.allocate(capacity: size)
    defer { batch.deallocate() }
    var key = MDB_val()
    var value = MDB_val()
    var code = range.lowerBound.withDatabaseValue { target in
      let code = mdb_cursor_get(cursor, &target, &value, MDB_SET_RANGE)
      key = target
      return code
    }
    while code == MDB_SUCCESS {
      var count = 0
      while code == MDB_SUCCESS, count < size {
        guard key.mv_size == MemoryLayout<UInt64>.size else { throw LMDBError.badValueSize }
        let number = UInt64(bigEndian: key.bytes.loadUnaligned(as: UInt64.self))
        guard number < range.upperBound else {
          code = MDB_NOTFOUND
          break
        }
        (batch + count).initialize(to: NumberedBytes(number: number, bytes: value.bytes))
        // On their way from memory while the next pages are walked.
        for line in stride(from: 0, to: value.mv_size, by: 64) { clmdb_prefetch(value.mv_data + line) }
        count += 1
        try pages?.willGo(from: key, forward: true)
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
      }
      if count > 0 { try body(UnsafeBufferPointer(start: batch, count: count)) }
    }
    if code != MDB_NOTFOUND { throw LMDBError(rawValue: code) }
  }
}
