internal import Foundation

/// Lends out objects that only one thread may use at a time, and makes one more when all are lent.
final class WorkerPool<Worker>: @unchecked Sendable {
  private let places: WorkPlaces
  private let make: @Sendable () throws(EngineError) -> Worker
  // Guards the idle workers; they themselves are used outside of it.
  private let lock = NSLock()
  private var idle: [Worker]

  /// - Parameters:
  ///   - first: A worker that is there already.
  ///   - places: Whoever borrows a worker takes one of these places meanwhile, which several pools may share; there are
  ///     never more workers than places.
  ///   - make: Makes another.
  init(first: Worker, places: WorkPlaces, make: @escaping @Sendable () throws(EngineError) -> Worker) {
    self.places = places
    self.make = make
    idle = [first]
  }

  /// Runs `body` with a worker that nobody else uses meanwhile; waits when all places are taken.
  ///
  /// - Precondition: The thread has no worker that shares the places.
  func withWorker<Result>(_ body: (Worker) throws(EngineError) -> Result) throws(EngineError) -> Result {
    try places.occupy { () throws(EngineError) in
      let worker: Worker
      if let idle = lock.withLock({ idle.popLast() }) { worker = idle } else { worker = try make() }
      defer { lock.withLock { idle.append(worker) } }
      return try body(worker)
    }
  }
}
