internal import CLMDB

/// The one transaction that may change the environment; see ``Environment/write(_:)``.
public struct WriteTransaction: Transaction, ~Copyable {
  /// LMDB's own transaction.
  public let raw: RawTransaction
  private let gate: TransactionGate
  private var isOpen = true

  init(_ core: EnvironmentCore) throws(LMDBError) {
    try core.gate.enter(writing: true)
    var handle: OpaquePointer?
    let code = core.isLost ? MDB_PANIC : mdb_txn_begin(core.handle, nil, 0, &handle)
    guard code == MDB_SUCCESS, let handle else {
      core.gate.leave(writing: true)
      throw LMDBError(rawValue: code)
    }
    do throws(LMDBError) {
      // What was committed last: what this transaction changes lies in memory.
      let snapshot = try core.snapshot(mdb_txn_id(handle) - 1)
      try core.prepareToWrite(snapshot)
      raw = RawTransaction(handle: handle, core: core, snapshot: snapshot, isWriting: true)
    } catch {
      mdb_txn_abort(handle)
      core.gate.leave(writing: true)
      throw error
    }
    gate = core.gate
  }

  deinit {
    if isOpen { mdb_txn_abort(raw.handle) }
    gate.leave(writing: true)
  }

  /// Makes the changes last; returns when they are on disk.
  consuming func commit() throws(LMDBError) {
    // LMDB frees the transaction whether or not the commit succeeds.
    isOpen = false
    try LMDBError.check(mdb_txn_commit(raw.handle))
    raw.core.didCommit()
  }
}

/// What to do when a key has a value already.
public enum PutMode: Sendable, Hashable {
  /// Replace it; in a database of sorted duplicates, add to it.
  case replace
  /// Throw ``LMDBError/keyExists``.
  case insert
  /// The key comes after all that are there: faster, and pages are filled.
  case append
}

/// What can be done in a transaction that may change the environment.
public protocol WritingTransaction: Transaction, ~Copyable {}

extension WriteTransaction: WritingTransaction {}

extension WritingTransaction where Self: ~Copyable {
  /// Stores a value under a key.
  ///
  /// - Throws: ``LMDBError``: `MDB_BAD_VALSIZE` for a key that is empty or longer than 511 bytes,
  ///   `MDB_KEYEXIST` for ``PutMode/insert`` of a key that is there and ``PutMode/append`` of one that is not
  ///   the greatest.
  /// - Complexity: O(log *n*); amortised O(1) for ``PutMode/append``.
  public func put<Key, Value>(
    _ value: Value, for key: Key, in database: Database<Key, Value>, mode: PutMode = .replace
  ) throws(LMDBError) {
    let flags: Int32 =
      switch mode {
      case .replace: 0
      case .insert: MDB_NOOVERWRITE
      case .append: MDB_APPEND
      }
    try willChange(key, in: database, appending: mode == .append)
    try LMDBError.check(
      key.withDatabaseValue { key in
        value.withDatabaseValue { mdb_put(raw.handle, database.index, &key, &$0, UInt32(flags)) }
      })
  }

  /// Removes a key with all its values; false when it was not there.
  ///
  /// - Complexity: O(log *n*).
  @discardableResult
  public func remove<Key, Value>(
    _ key: Key, from database: Database<Key, Value>
  ) throws(LMDBError) -> Bool {
    try willChange(key, in: database)
    return try removed(key.withDatabaseValue { mdb_del(raw.handle, database.index, &$0, nil) })
  }

  /// Removes one value of a key in a database of sorted duplicates; false when it was not there.
  ///
  /// - Complexity: O(log *n*).
  @discardableResult
  public func remove<Key, Value>(
    _ value: Value, of key: Key, from database: Database<Key, Value>
  ) throws(LMDBError) -> Bool {
    try willChange(key, in: database)
    return try removed(
      key.withDatabaseValue { key in
        value.withDatabaseValue { mdb_del(raw.handle, database.index, &key, &$0) }
      })
  }

  /// Empties a database.
  public func removeAll<Key, Value>(from database: Database<Key, Value>) throws(LMDBError) {
    try raw.willUseAll(of: database, values: true)
    try LMDBError.check(mdb_drop(raw.handle, database.index, 0))
  }

  /// Verifies the pages that LMDB will touch.
  private func willChange<Key, Value>(
    _ key: Key, in database: Database<Key, Value>, appending: Bool = false
  ) throws(LMDBError) {
    let found: Result<Void, LMDBError> = key.withDatabaseBytes { bytes in
      Result { () throws(LMDBError) in try raw.willChange(bytes, in: database, appending: appending) }
    }
    try found.get()
  }

  private func removed(_ code: Int32) throws(LMDBError) -> Bool {
    if code == MDB_NOTFOUND { return false }
    try LMDBError.check(code)
    return true
  }
}
