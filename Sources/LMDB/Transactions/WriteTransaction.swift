internal import CLMDB

/// The one transaction that may change the environment; see ``Environment/write(_:)``.
public struct WriteTransaction: Transaction, ~Copyable {
  public let raw: RawTransaction
  private let gate: TransactionGate
  private var isOpen = true

  init(_ core: EnvironmentCore) throws(LMDBError) {
    try core.gate.enter(writing: true)
    var handle: OpaquePointer?
    let code = mdb_txn_begin(core.handle, nil, 0, &handle)
    guard code == MDB_SUCCESS, let handle else {
      core.gate.leave(writing: true)
      throw LMDBError(rawValue: code)
    }
    raw = RawTransaction(handle: handle)
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
  }
}
