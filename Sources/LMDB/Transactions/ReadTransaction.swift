internal import CLMDB

/// A state of the environment to read; see ``Environment/read(_:)``.
public struct ReadTransaction: Transaction, ~Copyable {
  /// LMDB's own transaction.
  public let raw: RawTransaction
  private let gate: TransactionGate
  private var isOpen = true

  init(_ core: EnvironmentCore) throws(LMDBError) {
    try core.gate.enter(writing: false)
    var handle: OpaquePointer?
    let code = core.isLost ? MDB_PANIC : mdb_txn_begin(core.handle, nil, UInt32(MDB_RDONLY), &handle)
    guard code == MDB_SUCCESS, let handle else {
      core.gate.leave(writing: false)
      throw LMDBError(rawValue: code)
    }
    do throws(LMDBError) {
      let snapshot = try core.snapshot(mdb_txn_id(handle))
      raw = RawTransaction(handle: handle, core: core, snapshot: snapshot, isWriting: false)
    } catch {
      mdb_txn_abort(handle)
      core.gate.leave(writing: false)
      throw error
    }
    gate = core.gate
  }

  deinit {
    if isOpen { mdb_txn_abort(raw.handle) }
    gate.leave(writing: false)
  }

  /// Ends the transaction and keeps the databases that it opened.
  consuming func commit() throws(LMDBError) {
    isOpen = false
    try LMDBError.check(mdb_txn_commit(raw.handle))
  }
}
