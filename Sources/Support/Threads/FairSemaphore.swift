/// So many threads at work at a time; the others wait, and go on in the order in which they came.
///
/// Without the order a thread that has just given its permit back would take it again before one that waits wakes up,
/// and that one might wait for ever.
public final class FairSemaphore: Sendable {
  private struct State {
    /// How many have come.
    var arrived = 0
    /// How many of them, in the order of their coming, may have a permit or have given it back.
    var admitted: Int
  }

  private let state: Monitor<State>

  /// A semaphore of which all permits are free.
  ///
  /// - Precondition: `permits` is at least 1.
  public init(permits: Int) {
    precondition(permits > 0, "somebody can work")
    state = Monitor(State(admitted: permits))
  }

  /// Runs `body` with a permit; waits for one.
  public func withPermit<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let number = state.withLock(waking: .nobody) { state in
      state.arrived += 1
      return state.arrived
    }
    state.withLock(when: { number <= $0.admitted }, waking: .nobody) { _ in }
    defer { state.withLock { $0.admitted += 1 } }
    return try body()
  }
}
