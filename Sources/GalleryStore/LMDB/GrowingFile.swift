internal import Foundation
internal import Support

/// A file that is being written by somebody else's code.
struct GrowingFile {
  let path: String

  /// Runs `body`, calling `progress` ten times a second, on another thread, with the file's size in bytes; not at all when
  /// the system has no thread for it.
  func watched<Result>(
    by progress: (@Sendable (Int) -> Void)?, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let progress else { return try body() }
    let running = Countdown()
    let isEnded = Monitor(false)
    running.add()
    let starts = WorkerThread.start("progress") { [path] in
      while isEnded.withLock(when: { $0 }, until: .now + .milliseconds(100), { _ in }) == nil {
        var status = stat()
        if stat(path, &status) == 0 { progress(Int(status.st_size)) }
      }
      running.subtract()
    }
    if !starts { running.subtract() }
    defer {
      isEnded.withLock { $0 = true }
      // A call that is under way ends before this returns.
      running.wait()
    }
    return try body()
  }
}
