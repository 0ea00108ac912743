internal import Foundation

/// Lends out objects that only one thread may use at a time, and makes callers wait when all are lent.
///
/// Workers are made when they are first needed, up to a limit.
final class WorkerPool<Worker>: @unchecked Sendable {
  private let limit: Int
  private let make: @Sendable () throws(EngineError) -> Worker
  // Guards the two variables below; workers themselves are used outside of it.
  private let condition = NSCondition()
  private var idle: [Worker]
  private var made: Int

  /// - Precondition: `limit` is at least 1.
  init(first: Worker, limit: Int, make: @escaping @Sendable () throws(EngineError) -> Worker) {
    precondition(limit > 0, "a pool has at least one worker")
    self.limit = limit
    self.make = make
    idle = [first]
    made = 1
  }

  /// Runs `body` with a worker that nobody else uses meanwhile.
  func withWorker<Result>(_ body: (Worker) throws(EngineError) -> Result) throws(EngineError) -> Result {
    let worker = try take()
    defer { giveBack(worker) }
    return try body(worker)
  }

  private func take() throws(EngineError) -> Worker {
    condition.lock()
    while idle.isEmpty && made == limit { condition.wait() }
    if let worker = idle.popLast() {
      condition.unlock()
      return worker
    }
    made += 1
    condition.unlock()
    do {
      return try make()
    } catch {
      condition.lock()
      made -= 1
      condition.signal()
      condition.unlock()
      throw error
    }
  }

  private func giveBack(_ worker: Worker) {
    condition.lock()
    idle.append(worker)
    condition.signal()
    condition.unlock()
  }
}
