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
    var data = MDB_val()
    guard try find(key, in: database, &data) else { return nil }
    guard let value = Value(databaseBytes: data.bytes) else { throw .badValueSize }
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
    var data = MDB_val()
    guard try find(key, in: database, &data) else { return try body(nil) }
    return try body(data.bytes.bytes)
  }

  /// Whether there is a value for a key.
  ///
  /// - Complexity: O(log *n*).
  public func contains<Key, Value>(_ key: Key, in database: Database<Key, Value>) throws(LMDBError) -> Bool {
    var data = MDB_val()
    return try find(key, in: database, &data)
  }

  /// Whether a value is among those of a key in a database of sorted duplicates.
  ///
  /// - Complexity: O(log *n*).
  public func contains<Key, Value>(
    _ value: Value, of key: Key, in database: Database<Key, Value>
  ) throws(LMDBError) -> Bool {
    var cursor = try Cursor(transaction: raw.handle, database: database)
    return try cursor.find(key, value)
  }

  /// How many pairs of key and value a database has.
  public func count<Key, Value>(of database: Database<Key, Value>) throws(LMDBError) -> Int {
    var statistics = MDB_stat()
    try LMDBError.check(mdb_stat(raw.handle, database.index, &statistics))
    return statistics.ms_entries
  }

  /// Calls `body` with a cursor, which is closed afterwards.
  public func withCursor<Key, Value, Result>(
    in database: Database<Key, Value>, _ body: (inout Cursor<Key, Value>) throws -> Result
  ) throws -> Result {
    var cursor = try Cursor(transaction: raw.handle, database: database)
    return try body(&cursor)
  }

  private func find<Key, Value>(
    _ key: Key, in database: Database<Key, Value>, _ data: inout MDB_val
  ) throws(LMDBError) -> Bool {
    let code = key.withDatabaseValue { mdb_get(raw.handle, database.index, &$0, &data) }
    if code == MDB_NOTFOUND { return false }
    try LMDBError.check(code)
    return true
  }
}
