internal import CLMDB

/// What can be done in transactions of both kinds: reading.
///
/// The library's own ``ReadTransaction`` and ``WriteTransaction`` are the only ones.
public protocol Transaction: ~Copyable {
  /// LMDB's transaction.
  var raw: RawTransaction { get }
}

/// LMDB's transaction, for this module.
public struct RawTransaction {
  let handle: OpaquePointer
  let core: EnvironmentCore
  /// The state that a reading transaction sees, or that a writing one began with.
  let snapshot: FileState
  let isWriting: Bool
}

extension Transaction where Self: ~Copyable {
  /// The number of this state of the environment: each commit that changed something adds 1.
  public var number: Int { mdb_txn_id(raw.handle) }

  /// The value of a key, copied; the first in a database of sorted duplicates. Nil when there is none.
  ///
  /// - Complexity: O(log *n*).
  public func value<Key, Value>(
    for key: Key, in database: Database<Key, Value>
  ) throws(LMDBError) -> Value? {
    guard let data = try find(key, in: database) else { return nil }
    guard let value = Value(databaseBytes: data) else { throw .badValueSize }
    return value
  }

  /// Calls `body` with the bytes of a key's value where they lie in the file, or with nil.
  ///
  /// Values are aligned to two bytes at best: load unaligned.
  ///
  /// - Complexity: O(log *n*), without copying.
  public func withBytes<Key, Value, Result>(
    for key: Key, in database: Database<Key, Value>, _ body: (RawSpan?) throws -> Result
  ) throws -> Result {
    guard let data = try find(key, in: database) else { return try body(nil) }
    return try body(data.bytes)
  }

  /// Whether there is a value for a key.
  ///
  /// - Complexity: O(log *n*).
  public func contains<Key, Value>(_ key: Key, in database: Database<Key, Value>) throws(LMDBError) -> Bool {
    try find(key, in: database) != nil
  }

  /// Whether a value is among those of a key in a database of sorted duplicates.
  ///
  /// - Complexity: O(log *n*).
  public func contains<Key, Value>(
    _ value: Value, of key: Key, in database: Database<Key, Value>
  ) throws(LMDBError) -> Bool {
    var cursor = try Cursor(transaction: raw, database: database)
    return try cursor.find(key, value)
  }

  /// Verifies every page of the state that was committed last, and that none is used twice.
  ///
  /// - Throws: `MDB_CORRUPTED`.
  /// - Complexity: O(pages).
  public func verifyPages() throws(LMDBError) { try raw.snapshot.verifyAll() }

  /// How many pairs of key and value a database has.
  public func count<Key, Value>(of database: Database<Key, Value>) throws(LMDBError) -> Int {
    try raw.willCount(database)
    var statistics = MDB_stat()
    try LMDBError.check(mdb_stat(raw.handle, database.index, &statistics))
    return statistics.ms_entries
  }

  /// Bytes of `data.mdb` that hold nothing any more and wait to be used again.
  public func freeBytes() throws(LMDBError) -> Int {
    try raw.snapshot.pages.verify(raw.snapshot.free, .freeLists)
    var pages = 0
    try EnvironmentCore.forEachFreeList(raw.handle) { pages += $0.count }
    return pages * raw.core.pageSize
  }

  /// Calls `body` with a cursor, which is closed afterwards.
  public func withCursor<Key, Value, Result>(
    in database: Database<Key, Value>, _ body: (inout Cursor<Key, Value>) throws -> Result
  ) throws -> Result {
    var cursor = try Cursor(transaction: raw, database: database)
    return try body(&cursor)
  }

  private func find<Key, Value>(
    _ key: Key, in database: Database<Key, Value>
  ) throws(LMDBError) -> UnsafeRawBufferPointer? {
    let found: Result<UnsafeRawBufferPointer?, LMDBError> = key.withDatabaseBytes { bytes in
      Result { () throws(LMDBError) in try raw.find(bytes, in: database) }
    }
    return try found.get()
  }
}

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

extension Transaction where Self: ~Copyable {
  /// Asks the system to bring the values of a range of numbers into memory, many at a time, without waiting for them.
  ///
  /// For work that is about to go through them: page after page, each waited for, they come ten times slower. Values that are
  /// in memory, by a sample, are not asked for.
  ///
  /// - Complexity: O(pages of the range) when they are not in memory.
  public func prefetch<Value>(_ range: Range<UInt64>, of database: Database<UInt64, Value>) {
    guard let tree = PageTree(of: database.name, raw) else { return }
    tree.prefetch(tree.leaves(in: range))
  }

  /// Asks the system to bring the values of some numbers into memory, as ``prefetch(_:of:)-(Range<UInt64>,_)`` does.
  public func prefetch<Value>(_ numbers: [UInt64], of database: Database<UInt64, Value>) {
    guard let tree = PageTree(of: database.name, raw) else { return }
    tree.prefetch(tree.leaves(of: numbers))
  }
}
