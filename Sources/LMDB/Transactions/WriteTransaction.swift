internal import CLMDB

/// The one transaction that may change the environment; see ``Environment/write(_:)``.
public struct WriteTransaction: Transaction, ~Copyable {
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
