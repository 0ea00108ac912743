internal import Glibc

/// A mutex with a condition variable around a state: what `Synchronization.Mutex` lacks is the waiting.
///
/// - Note: Safe to share because the state is reached in the lock only; a reference in the state that `body` hands out
///   has to be of a `Sendable` type, or used in the lock only.
public final class Monitor<State>: @unchecked Sendable {
  /// Who of those that wait looks again whether it is ready.
  public enum Waking: Sendable {
    case all, one, nobody
  }

  // Both live at fixed addresses as long as this does.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  /// A monitor of which nobody holds the lock.
  public init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    // By a clock that nobody sets.
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// The state, for those who know that nobody changes it.
  public var unguarded: State { state }

  /// Runs `body` in the lock, after waiting until `isReady`.
  ///
  /// - Parameters:
  ///   - isReady: Whether the state lets `body` run; asked in the lock.
  ///   - waking: Who is woken afterwards.
  ///   - body: Changes the state.
  /// - Precondition: The thread is not in the lock.
  public func withLock<Result, Failure: Error>(
    when isReady: (borrowing State) -> Bool = { _ in true }, waking: Waking = .all,
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      wake(waking)
      pthread_mutex_unlock(mutex)
    }
    while !isReady(state) { pthread_cond_wait(condition, mutex) }
    return try body(&state)
  }

  /// Runs `body` in the lock as soon as `isReady`, unless that takes too long.
  ///
  /// - Parameters:
  ///   - isReady: Whether the state lets `body` run; asked in the lock.
  ///   - deadline: When the waiting ends.
  ///   - waking: Who is woken afterwards.
  ///   - body: Changes the state.
  /// - Returns: What `body` returns; nil when it was not run.
  public func withLock<Result, Failure: Error>(
    when isReady: (borrowing State) -> Bool, until deadline: ContinuousClock.Instant, waking: Waking = .all,
    _ body: (inout State) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    pthread_mutex_lock(mutex)
    defer {
      wake(waking)
      pthread_mutex_unlock(mutex)
    }
    while !isReady(state) {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return nil }
      // The condition's clock stands still while the machine sleeps: the deadline itself is asked each time.
      var end = timespec()
      clock_gettime(CLOCK_MONOTONIC, &end)
      let nanoseconds = end.tv_nsec + Int(min(left, .seconds(60)) / .nanoseconds(1))
      end.tv_sec += nanoseconds / 1_000_000_000
      end.tv_nsec = nanoseconds % 1_000_000_000
      pthread_cond_timedwait(condition, mutex, &end)
    }
    return try body(&state)
  }

  /// Runs `body` in the lock, and again whenever somebody has changed the state, until it gives a result; wakes nobody.
  ///
  /// - Parameter body: Takes what it waits for; nil while that is not there.
  public func firstResult<Result>(_ body: (inout State) -> Result?) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&state) { return result }
      pthread_cond_wait(condition, mutex)
    }
  }

  /// Has all that wait look again.
  public func wakeAll() { pthread_cond_broadcast(condition) }

  private func wake(_ waking: Waking) {
    switch waking {
    case .all: pthread_cond_broadcast(condition)
    case .one: pthread_cond_signal(condition)
    case .nobody: break
    }
  }
}
