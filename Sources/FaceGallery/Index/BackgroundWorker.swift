internal import Support

/// Runs one job at a time on a thread of its own, away from the cooperative pool.
final class BackgroundWorker: Sendable {
  private struct State {
    var isRunning = false
    var isWanted = false
    var isStopped = false
  }

  private let state = Monitor(State())

  /// Whether the job should end early.
  var isCancelled: Bool { state.withLock(waking: .nobody) { $0.isStopped } }

  /// Runs `job` soon: now, or once more after the run that is under way.
  func kick(_ job: @escaping @Sendable () -> Void) {
    state.withLock(waking: .nobody) { state in
      guard !state.isStopped else { return }
      state.isWanted = true
      guard !state.isRunning else { return }
      // Without a thread the work is left to another time, or another process.
      state.isRunning = WorkerThread.start("gallery-index") { [self] in
        while takeTurn() { job() }
      }
    }
  }

  /// Refuses jobs from now on and waits for the one that runs.
  func stop() {
    state.withLock(waking: .nobody) { $0.isStopped = true }
    state.withLock(when: { !$0.isRunning }, waking: .nobody) { _ in }
  }

  private func takeTurn() -> Bool {
    state.withLock { state in
      if state.isWanted, !state.isStopped {
        state.isWanted = false
        return true
      }
      state.isRunning = false
      return false
    }
  }
}
