internal import CVectorKernels
internal import Glibc
internal import Synchronization

/// Runs the same work on several threads of its own and waits for all: nothing here may block a task's thread.
enum Parallel {
  private final class Work: Sendable {
    let body: @Sendable (Int) -> Void
    let worker: Int
    init(_ worker: Int, _ body: @escaping @Sendable (Int) -> Void) {
      self.worker = worker
      self.body = body
    }
  }

  /// Calls `body` once on each of `threads` threads with the thread's number.
  static func run(threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var started: [pthread_t] = []
    for worker in 1..<max(1, threads) {
      if let thread = start({ body(worker) }) { started.append(thread) } else { body(worker) }
    }
    body(0)
    for thread in started { pthread_join(thread, nil) }
  }

  /// Calls `body` with consecutive ranges of `0..<count`, handed out as threads become free.
  static func chunks(
    _ count: Int, of size: Int, threads: Int, _ body: @escaping @Sendable (Int, Range<Int>) -> Void
  ) {
    let next = Next()
    let useful = min(threads, (count + size - 1) / size)
    run(threads: useful) { worker in
      while true {
        let begin = next.value.wrappingAdd(size, ordering: .relaxed).oldValue
        if begin >= count { return }
        body(worker, begin..<min(count, begin + size))
      }
    }
  }

  private final class Next: Sendable {
    let value = Atomic<Int>(0)
  }

  /// Runs `body` on a thread that nobody waits for; false, without running it, when the system has no more threads.
  static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let thread = start(body) else { return false }
    pthread_detach(thread)
    return true
  }

  /// Starts a thread that the caller joins, or detaches; `nil` when the system has no more threads.
  static func start(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
    let work = Unmanaged.passRetained(Work(0) { _ in body() })
    var thread = pthread_t()
    let code = cvk_start_thread(
      &thread,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        work.body(work.worker)
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      return nil
    }
    return thread
  }
}
