internal import LMDB

extension Store {
  /// Calls `body` with the changes after a sequence number, in order.
  ///
  /// - Parameter limit: At most so many.
  func forEachChange(
    after sequence: UInt64, limit: Int = .max, _ transaction: borrowing some Transaction & ~Copyable,
    _ body: (UInt64, Change) throws -> Void
  ) throws {
    var remaining = limit
    var expected = sequence
    try transaction.scan(tables.changes, from: sequence + 1) { number, bytes in
      expected += 1
      guard number == expected else { throw Self.damaged("change \(expected) is missing from the log") }
      guard let change = Change(bytes) else { throw Self.damaged("change \(number) cannot be read") }
      try body(number, change)
      remaining -= 1
      return remaining > 0
    }
  }
}
