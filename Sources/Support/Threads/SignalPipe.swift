internal import Glibc
internal import Synchronization

/// Hands signals over to where they can be dealt with: what comes is written to a pipe, and read where somebody waits.
///
/// There is one for the process; a signal belongs to whom took it last.
public final class SignalPipe: Sendable {
  // The handler may use nothing but this number and `write`.
  private static let input = Atomic<Int32>(-1)

  private let ends: (output: Int32, input: Int32)
  private let numbers: [Int32]

  /// From here on these signals do not end the process, but are handed over, also where the parent of the process had them
  /// blocked; nil when there is no pipe. The calling thread receives them, so it has to be one that lasts.
  public init?(_ numbers: [Int32]) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    // A handler never waits for a reader.
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    self.ends = (ends[0], ends[1])
    self.numbers = numbers
    Self.input.store(ends[1], ordering: .sequentiallyConsistent)
    // A parent may have blocked them: a handler alone would then never run.
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    for number in numbers {
      signal(number) { number in
        let before = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(SignalPipe.input.load(ordering: .relaxed), &byte, 1)
        errno = before
      }
    }
  }

  deinit {
    cancel()
    close(ends.input)
    close(ends.output)
  }

  /// Waits for a signal; nil after ``cancel()``.
  public func wait() -> Int32? {
    var byte: UInt8 = 0
    while true {
      let count = read(ends.output, &byte, 1)
      if count < 0, errno == EINTR { continue }
      return count == 1 && byte != 0 ? Int32(byte) : nil
    }
  }

  /// From here on the signals do what they do by themselves; who waits is let go.
  public func cancel() {
    for number in numbers { signal(number, SIG_DFL) }
    var end: UInt8 = 0
    _ = write(ends.input, &end, 1)
  }
}
