internal import Foundation

/// Threads that do work in the order in which it comes.
final class WorkLane: @unchecked Sendable {
  // Guards the variables below.
  private let condition = NSCondition()
  private var work: [@Sendable () -> Void] = []
  private var next = 0
  private var isStopped = false

  init(_ name: String, threads: Int) {
    for _ in 0..<max(1, threads) {
      let thread = Thread { [self] in while let work = take() { work() } }
      thread.name = name
      // Decoders and detectors use more stack than a secondary thread's 512 KiB.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func enqueue(_ body: @escaping @Sendable () -> Void) {
    condition.lock()
    work.append(body)
    condition.signal()
    condition.unlock()
  }

  /// Ends the threads when what waits is done.
  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    condition.unlock()
  }

  private func take() -> (@Sendable () -> Void)? {
    condition.lock()
    defer { condition.unlock() }
    while next == work.count, !isStopped { condition.wait() }
    guard next < work.count else { return nil }
    let body = work[next]
    work[next] = {}
    next += 1
    if next == work.count || next >= 1_024 {
      work.removeFirst(next)
      next = 0
    }
    return body
  }
}
