internal import Foundation
internal import Support
internal import Synchronization

/// A file that is being written by somebody else's code.
struct GrowingFile {
  let path: String

  /// Runs `body`, calling `progress` ten times a second, on another thread, with the file's size in bytes; not at all when
  /// the system has no thread for it.
  func watched<Result>(
    by progress: (@Sendable (Int) -> Void)?, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let progress else { return try body() }
    let watch = Watch()
    watch.running.add()
    let starts = WorkerThread.start("progress") { [path] in
      while watch.waits() {
        var status = stat()
        if stat(path, &status) == 0 { progress(Int(status.st_size)) }
      }
      watch.running.subtract()
    }
    if !starts { watch.running.subtract() }
    defer {
      watch.end()
      // A call that is under way ends before this returns.
      watch.running.wait()
    }
    return try body()
  }
}

/// Lets a thread wait for a tenth of a second, or for the end.
private final class Watch: Sendable {
  let running = Countdown()
  private let condition = NSCondition()
  private let isEnded = Mutex(false)

  /// False when the end has come.
  func waits() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    if !isEnded.withLock({ $0 }) { _ = condition.wait(until: Date.now + 0.1) }
    return !isEnded.withLock { $0 }
  }

  func end() {
    condition.lock()
    isEnded.withLock { $0 = true }
    condition.broadcast()
    condition.unlock()
  }
}
