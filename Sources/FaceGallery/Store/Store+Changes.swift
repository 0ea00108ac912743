internal import LMDB

extension Store {
  /// Calls `body` with the changes after a sequence number, in order.
  ///
  /// - Parameter limit: At most so many.
  func forEachChange(
    after sequence: UInt64, limit: Int = .max, _ transaction: borrowing some Transaction & ~Copyable,
    _ body: (UInt64, Change) throws -> Void
  ) throws {
    try transaction.withCursor(in: tables.changes) { cursor in
      var remaining = limit
      var isThere = try cursor.seek(sequence + 1)
      while isThere, remaining > 0 {
        let number = try cursor.key
        let bytes = try cursor.value
        try body(number, Self.decoding("change \(number)") { try Change(decoding: bytes) })
        remaining -= 1
        isThere = try cursor.next()
      }
    }
  }
}
