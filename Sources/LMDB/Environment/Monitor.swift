internal import Glibc

/// A mutex with a condition variable around a state: what `Synchronization.Mutex` lacks is the waiting.
final class Monitor<State>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  init(_ state: sending State) {
    self.state = state
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// The state, for those who know that nobody changes it.
  var unguarded: State { state }

  /// Runs `body` alone as soon as `isReady`, unless that takes too long; wakes every waiter afterwards.
  ///
  /// - Returns: What `body` returns; nil when it was not run.
  func withLock<Result>(
    when isReady: (borrowing State) -> Bool, until deadline: ContinuousClock.Instant,
    _ body: (inout State) -> Result
  ) -> Result? {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    while !isReady(state) {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return nil }
      // The condition's clock is the system's time, which may be set meanwhile: the deadline itself is asked each time.
      var end = timespec()
      clock_gettime(CLOCK_REALTIME, &end)
      let nanoseconds = end.tv_nsec + Int(min(left, .milliseconds(100)) / .nanoseconds(1))
      end.tv_sec += nanoseconds / 1_000_000_000
      end.tv_nsec = nanoseconds % 1_000_000_000
      pthread_cond_timedwait(condition, mutex, &end)
    }
    return body(&state)
  }

  /// Runs `body` alone, after waiting until `isReady`; wakes every waiter afterwards.
  func withLock<Result>(
    when isReady: (borrowing State) -> Bool = { _ in true }, _ body: (inout State) -> Result
  ) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    while !isReady(state) { pthread_cond_wait(condition, mutex) }
    return body(&state)
  }
}
