internal import Foundation
internal import Support

/// Runs one job at a time on a thread of its own, away from the cooperative pool.
final class BackgroundWorker: @unchecked Sendable {
  private let condition = NSCondition()
  private var isRunning = false
  private var isWanted = false
  private var isStopped = false

  /// Whether the job should end early.
  var isCancelled: Bool {
    condition.lock()
    defer { condition.unlock() }
    return isStopped
  }

  /// Runs `job` soon: now, or once more after the run that is under way.
  func kick(_ job: @escaping @Sendable () -> Void) {
    condition.lock()
    defer { condition.unlock() }
    guard !isStopped else { return }
    isWanted = true
    guard !isRunning else { return }
    // Without a thread the work is left to another time, or another process.
    isRunning = WorkerThread.start("gallery-index") { [self] in
      while takeTurn() { job() }
    }
  }

  /// Refuses jobs from now on and waits for the one that runs.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    while isRunning { condition.wait() }
  }

  private func takeTurn() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if isWanted, !isStopped {
      isWanted = false
      return true
    }
    isRunning = false
    condition.broadcast()
    return false
  }
}
