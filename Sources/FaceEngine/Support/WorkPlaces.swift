internal import Foundation

/// So many threads at work at a time; the others wait, and go on in the order in which they came.
///
/// Without the order a thread that has just left its place would take it again before one that waits wakes up, and that
/// one might wait for ever.
final class WorkPlaces: @unchecked Sendable {
  // Guards the two variables below.
  private let lock = NSLock()
  private var free: Int
  private var waiting: [DispatchSemaphore] = []

  /// - Precondition: `count` is at least 1.
  init(_ count: Int) {
    precondition(count > 0, "somebody can work")
    free = count
  }

  /// Runs `body` in a place.
  func occupy<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    enter()
    defer { leave() }
    return try body()
  }

  private func enter() {
    lock.lock()
    guard free == 0 else {
      free -= 1
      lock.unlock()
      return
    }
    let turn = DispatchSemaphore(value: 0)
    waiting.append(turn)
    lock.unlock()
    // Whoever leaves hands the place over: it is never free in between.
    turn.wait()
  }

  private func leave() {
    lock.lock()
    defer { lock.unlock() }
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().signal() }
  }
}
