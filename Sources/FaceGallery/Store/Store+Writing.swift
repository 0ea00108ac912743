internal import LMDB

extension Store {
  /// Runs `body` in a write transaction, numbers and logs the changes that it notes, and commits.
  ///
  /// `body` may run more than once; see ``Environment/write(_:)``.
  func write<Result>(
    _ body: (borrowing WriteTransaction, inout ChangeLog) throws -> Result
  ) throws -> Result {
    try environment.write { transaction in
      let before = try counters(transaction)
      var log = ChangeLog(counters: before, tag: UInt64.random(in: 1 ... .max))
      let result = try body(transaction, &log)
      if log.isEmpty { return result }
      let first = log.counters.sequence + 1 - UInt64(log.changes.count)
      for (offset, change) in log.changes.enumerated() {
        let sequence = first + UInt64(offset)
        try transaction.put(change.encoded, for: sequence, in: tables.changes, mode: .append)
      }
      try transaction.put(log.counters.encoded, for: MetaKey.counters, in: tables.meta)
      return result
    }
  }

  /// Removes changes up to a sequence number from the log.
  func trim(through sequence: UInt64) throws {
    try write { transaction, log in
      let last = min(sequence, log.counters.sequence)
      guard last > log.counters.trimmed else { return }
      for number in log.counters.trimmed + 1...last {
        try transaction.remove(number, from: tables.changes)
      }
      log.trim(through: last)
    }
  }
}
