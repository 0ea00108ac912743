internal import Support

/// Work that is done again and again, on a thread of its own, until the object is gone.
final class RegularWork: Sendable {
  private let isOver = Monitor(false)

  /// Whether there is a thread for it; the work is never done when the system gives none.
  let hasThread: Bool

  init(every interval: Duration, _ work: @escaping @Sendable () -> Void) {
    let isOver = isOver
    hasThread = WorkerThread.start("upkeep") {
      while isOver.withLock(when: { $0 }, until: .now + interval, waking: .nobody, { _ in true }) == nil {
        work()
      }
    }
  }

  deinit { isOver.withLock { $0 = true } }
}
