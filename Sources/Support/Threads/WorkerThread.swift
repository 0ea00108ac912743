internal import Glibc

/// A thread of our own. Unlike `Thread` and Dispatch, which go on as if it ran, or wait for ever, it says when the
/// system gives none (`EAGAIN`: the process or its container has as many as it may).
public enum WorkerThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    let name: String

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Runs `body` on a thread that nobody waits for; its end is for `body` to tell.
  ///
  /// - Parameters:
  ///   - name: What the system's tools call it; 15 bytes of it are shown.
  ///   - stackBytes: Decoders, detectors and networks use more stack than the usual half megabyte.
  ///   - body: What it does.
  /// - Returns: Whether it runs. If not, `body` was not called and will not be: do the work on this thread, or with fewer.
  public static func start(
    _ name: String, stackBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) -> Bool {
    let work = Unmanaged.passRetained(Work(name, body))
    guard create(work.toOpaque(), stackBytes) == 0 else {
      work.release()
      return false
    }
    return true
  }

  private static func create(_ work: UnsafeMutableRawPointer, _ stackBytes: Int) -> Int32 {
    withUnsafeTemporaryAllocation(of: pthread_attr_t.self, capacity: 1) { memory in
      guard let attributes = memory.baseAddress else { return ENOMEM }
      let code = pthread_attr_init(attributes)
      if code != 0 { return code }
      pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
      pthread_attr_setstacksize(attributes, stackBytes)
      let result = create(work, attributes)
      pthread_attr_destroy(attributes)
      return result
    }
  }

  private static func create(
    _ work: UnsafeMutableRawPointer, _ attributes: UnsafeMutablePointer<pthread_attr_t>
  ) -> Int32 {
    var thread = pthread_t()
    return pthread_create(&thread, attributes, main, work)
  }

  /// What a thread begins with.
  private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
    argument in
    guard let argument else { return nil }
    let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
    setName(work.name)
    work.body()
    return nil
  }

  /// Names this thread, as far as the system lets it.
  private static func setName(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = Array(name.utf8.prefix(15)).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    close(descriptor)
  }

  /// Runs `body` on so many threads at once, this one among them, and returns when all are done; on fewer when the system
  /// gives no more. `body` is called once on each that there is, so the work must not be divided beforehand.
  ///
  /// - Parameters:
  ///   - count: How many threads, this one among them.
  ///   - name: What the system's tools call them.
  ///   - body: What each does, given its number from 0.
  /// - Returns: How many there were.
  @discardableResult
  public static func team(
    of count: Int, _ name: String, _ body: @Sendable (Int) -> Void
  ) -> Int {
    // It returns when every thread has ended its work and let go of it.
    withoutActuallyEscaping(body) { body in
      let work = TeamWork(body)
      var members = 1
      while members < count {
        let number = members
        work.running.add()
        let starts = start(name) {
          work.run(number)
          work.running.subtract()
        }
        guard starts else {
          work.running.subtract()
          break
        }
        members += 1
      }
      work.run(0)
      work.running.wait()
      work.end()
      return members
    }
  }

  /// What the threads of a team do; gone when the team is done, although a thread may still be on its way out.
  private final class TeamWork: @unchecked Sendable {
    let running = Countdown()
    // Changed only when no thread is at work any more.
    private var body: (@Sendable (Int) -> Void)?

    init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }

    @inline(never)
    func run(_ number: Int) { body?(number) }

    func end() { body = nil }
  }
}
