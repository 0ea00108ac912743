internal import Glibc
internal import Support

/// Lets transactions in side by side and a change of the memory map in alone: `mdb_env_set_mapsize` must not
/// run while the process has a transaction open.
final class TransactionGate: Sendable {
  private struct State {
    /// Open transactions by thread.
    var holders: [pthread_t: Int] = [:]
    /// The thread that has the write transaction, or waits for it.
    var writers: Set<pthread_t> = []
    /// A thread wants to, or does, change the map.
    var isResizing = false
    /// A thread keeps the others from writing.
    var isHoldingWriters = false
  }

  private let monitor = Monitor(State())

  /// - Parameter patience: How long ``exclusive(_:)`` waits.
  init(patience: Duration = .seconds(5)) { self.patience = patience }

  /// Comes in for a transaction. A thread that is in already is never kept waiting by the one that wants to resize, which waits
  /// for it.
  ///
  /// - Throws: `EDEADLK` when the thread has a write transaction and begins another.
  func enter(writing: Bool) throws(LMDBError) {
    let thread = pthread_self()
    let entered = monitor.withLock(when: {
      (!$0.isResizing || $0.holders[thread] != nil) && !(writing && $0.isHoldingWriters)
    }) { state in
      if writing {
        guard state.writers.insert(thread).inserted else { return false }
      }
      state.holders[thread, default: 0] += 1
      return true
    }
    if !entered { throw .deadlock }
  }

  /// Goes out after a transaction.
  func leave(writing: Bool) {
    let thread = pthread_self()
    monitor.withLock { state in
      if writing { state.writers.remove(thread) }
      let count = (state.holders[thread] ?? 1) - 1
      state.holders[thread] = count > 0 ? count : nil
    }
  }

  /// Runs `body` while the map stays where it is.
  func shared<Result>(_ body: () -> Result) -> Result {
    let thread = pthread_self()
    monitor.withLock(when: { !$0.isResizing || $0.holders[thread] != nil }) { state in
      state.holders[thread, default: 0] += 1
    }
    defer { leave(writing: false) }
    return body()
  }

  /// How long those who come wait for those who are in: a transaction may be waiting for another process's writer, and
  /// nobody who wants to read waits for that.
  private let patience: Duration

  /// Runs `body` while nobody in the process writes; those who want to wait, and those who read go on.
  ///
  /// - Throws: `EDEADLK` when the thread itself has a transaction open, `EBUSY` when writers do not end in time, and what `body` throws.
  func withoutWriters<Result>(_ body: () throws -> Result) throws -> Result {
    try checkOutside()
    let deadline = ContinuousClock.now + patience
    guard
      monitor.withLock(when: { !$0.isHoldingWriters }, until: deadline, { $0.isHoldingWriters = true }) != nil
    else { throw LMDBError.busy }
    defer { monitor.withLock { $0.isHoldingWriters = false } }
    guard monitor.withLock(when: { $0.writers.isEmpty }, until: deadline, { _ in }) != nil else {
      throw LMDBError.busy
    }
    return try body()
  }

  private func checkOutside() throws(LMDBError) {
    let thread = pthread_self()
    if monitor.withLock({ $0.holders[thread] != nil }) { throw .deadlock }
  }

  /// Runs `body` while no transaction is open in the process.
  ///
  /// - Parameter patience: How long to wait for those that are open, while nobody else comes in; nil is the gate's own.
  /// - Throws: `EDEADLK` when the thread itself has a transaction open, for which it would wait for ever; `EBUSY` when the
  ///   others do not end in time.
  func exclusive<Result>(patience: Duration? = nil, _ body: () -> Result) throws(LMDBError) -> Result {
    try checkOutside()
    let deadline = ContinuousClock.now + (patience ?? self.patience)
    guard monitor.withLock(when: { !$0.isResizing }, until: deadline, { $0.isResizing = true }) != nil else {
      throw .busy
    }
    defer { monitor.withLock { $0.isResizing = false } }
    guard let result = monitor.withLock(when: { $0.holders.isEmpty }, until: deadline, { _ in body() }) else {
      throw .busy
    }
    return result
  }
}
