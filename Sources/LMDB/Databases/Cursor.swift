internal import CLMDB

/// A position in a database, for walking over it in order; see ``Transaction/withCursor(in:_:)``.
///
/// The moving methods return false when there is nothing there; ``key`` and ``withBytes(_:)`` may be used
/// after one that returned true.
public struct Cursor<Key: DatabaseItem, Value: DatabaseItem>: ~Copyable {
  private let handle: OpaquePointer
  private let pages: CursorGuard?
  private var currentKey = MDB_val()
  private var currentValue = MDB_val()

  init(transaction: RawTransaction, database: Database<Key, Value>) throws(LMDBError) {
    let pages = try CursorGuard(transaction, database)
    var cursor: OpaquePointer?
    try LMDBError.check(mdb_cursor_open(transaction.handle, database.index, &cursor))
    guard let cursor else { throw .outOfMemory }
    self.pages = pages
    handle = cursor
  }

  deinit { mdb_cursor_close(handle) }

  /// Goes to the first pair.
  public mutating func first() throws(LMDBError) -> Bool {
    try pages?.willGo(toEdge: false)
    return try move(MDB_FIRST)
  }

  /// Goes to the last pair.
  public mutating func last() throws(LMDBError) -> Bool {
    try pages?.willGo(toEdge: true)
    return try move(MDB_LAST)
  }

  /// Goes to the next pair, the first one at the beginning.
  public mutating func next() throws(LMDBError) -> Bool {
    try pages?.willGo(from: currentKey, forward: true)
    return try move(MDB_NEXT)
  }

  /// Goes to the pair before.
  public mutating func previous() throws(LMDBError) -> Bool {
    try pages?.willGo(from: currentKey, forward: false)
    return try move(MDB_PREV)
  }

  /// Goes to the next value of the same key.
  public mutating func nextDuplicate() throws(LMDBError) -> Bool { try move(MDB_NEXT_DUP) }

  /// Goes to the first pair of the next key.
  public mutating func nextKey() throws(LMDBError) -> Bool {
    try pages?.willGo(from: currentKey, forward: true)
    return try move(MDB_NEXT_NODUP)
  }

  /// Goes to a key.
  public mutating func find(_ key: Key) throws(LMDBError) -> Bool { try move(to: key, MDB_SET_KEY) }

  /// Goes to a value of a key, in a database of sorted duplicates.
  public mutating func find(_ key: Key, _ value: Value) throws(LMDBError) -> Bool {
    try verify(wayTo: key, orNext: false)
    let code = key.withDatabaseValue { key in
      value.withDatabaseValue { value in
        let code = mdb_cursor_get(handle, &key, &value, MDB_GET_BOTH)
        if code == MDB_SUCCESS { currentValue = value }
        return code
      }
    }
    guard code == MDB_SUCCESS else {
      if code == MDB_NOTFOUND { return false }
      throw LMDBError(rawValue: code)
    }
    return try move(MDB_GET_CURRENT)
  }

  /// Goes to the first key that is not before `key`.
  public mutating func seek(_ key: Key) throws(LMDBError) -> Bool { try move(to: key, MDB_SET_RANGE) }

  /// The key here.
  public var key: Key {
    get throws(LMDBError) {
      guard let key = Key(databaseBytes: currentKey.bytes) else { throw .badValueSize }
      return key
    }
  }

  /// The value here, copied.
  public var value: Value {
    get throws(LMDBError) {
      guard let value = Value(databaseBytes: currentValue.bytes) else { throw .badValueSize }
      return value
    }
  }

  /// Calls `body` with the value's bytes where they lie in the file.
  public func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
    try body(currentValue.bytes.bytes)
  }

  /// How many values the key here has, in a database of sorted duplicates.
  public func duplicateCount() throws(LMDBError) -> Int {
    var count = 0
    try LMDBError.check(mdb_cursor_count(handle, &count))
    return count
  }

  private mutating func move(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
    let code = mdb_cursor_get(handle, &currentKey, &currentValue, operation)
    if code == MDB_NOTFOUND { return false }
    try LMDBError.check(code)
    return true
  }

  private func verify(wayTo key: Key, orNext: Bool) throws(LMDBError) {
    guard let pages else { return }
    let found: Result<Void, LMDBError> = key.withDatabaseBytes { bytes in
      Result { () throws(LMDBError) in try pages.willGo(to: bytes, orNext: orNext) }
    }
    try found.get()
  }

  private mutating func move(to key: Key, _ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
    try verify(wayTo: key, orNext: operation == MDB_SET_RANGE)
    let code = key.withDatabaseValue { target in
      let code = mdb_cursor_get(handle, &target, &currentValue, operation)
      // LMDB has put its own copy of the key here, which outlives this call.
      if code == MDB_SUCCESS { currentKey = target }
      return code
    }
    if code == MDB_NOTFOUND { return false }
    try LMDBError.check(code)
    return true
  }
}
