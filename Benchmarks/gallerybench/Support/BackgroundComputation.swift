import Foundation
import Synchronization

/// A thread that computes in registers until it is told to stop: load without any use of memory.
final class BackgroundComputation: Sendable {
  private let stopping = Atomic(false)
  private let result = Atomic<UInt64>(0)
  private let done = DispatchSemaphore(value: 0)

  /// Starts.
  init() {
    let thread = Thread { [self] in
      var x: UInt64 = 88_172_645_463_325_252
      while !stopping.load(ordering: .relaxed) {
        for _ in 0..<10_000 {
          x ^= x << 13
          x ^= x >> 7
          x ^= x << 17
        }
      }
      result.store(x, ordering: .relaxed)
      done.signal()
    }
    thread.start()
  }

  /// Ends the thread.
  func stop() {
    stopping.store(true, ordering: .relaxed)
    done.wait()
  }
}
