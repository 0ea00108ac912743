internal import Support

/// Lends out objects that only one thread may use at a time, and makes one more when all are lent.
final class WorkerPool<Worker>: @unchecked Sendable {
  private let permits: FairSemaphore
  private let make: @Sendable () throws(EngineError) -> Worker
  // Safe to share because a worker is either in here or lent to one thread.
  private let idle: Monitor<[Worker]>

  /// - Parameters:
  ///   - first: A worker that is there already.
  ///   - permits: Whoever borrows a worker takes one of these permits meanwhile, which several pools may share; there are
  ///     never more workers than permits.
  ///   - make: Makes another.
  init(first: Worker, permits: FairSemaphore, make: @escaping @Sendable () throws(EngineError) -> Worker) {
    self.permits = permits
    self.make = make
    // Safe because nobody else uses the worker from here on.
    nonisolated(unsafe) let workers = [first]
    idle = Monitor(workers)
  }

  /// Runs `body` with a worker that nobody else uses meanwhile; waits when all permits are taken.
  ///
  /// - Precondition: The thread has no worker that shares the permits.
  func withWorker<Result>(_ body: (Worker) throws(EngineError) -> Result) throws(EngineError) -> Result {
    try permits.withPermit { () throws(EngineError) in
      let worker: Worker
      if let last = idle.withLock({ $0.popLast() }) { worker = last } else { worker = try make() }
      defer { idle.withLock { $0.append(worker) } }
      return try body(worker)
    }
  }
}
