import BenchmarkKit
import Foundation
import Synchronization
import VectorIndex

/// A thread that adds vectors one by one until it is told to stop.
final class BackgroundWriter: Sendable {
  private struct State {
    var added = 0
    var seconds = 0.0
    var failure: IndexError?
  }

  private let stopping = Atomic(false)
  private let state = Mutex(State())
  private let done = DispatchSemaphore(value: 0)

  /// Starts adding the rows of `set` from row `start` on, around its end if need be, under ascending keys.
  init(_ index: HNSWIndex, _ set: VectorSet, firstKey: UInt64, start: Int) {
    let thread = Thread { [self] in
      let watch = Stopwatch()
      var added = 0
      var failure: IndexError?
      while !stopping.load(ordering: .relaxed), failure == nil {
        do throws(IndexError) {
          try index.add(set[(start + added) % set.count], key: firstKey + UInt64(added))
          added += 1
        } catch { failure = error }
      }
      let result = State(added: added, seconds: watch.wall, failure: failure)
      state.withLock { $0 = result }
      done.signal()
    }
    thread.start()
  }

  /// Ends the thread and returns what it did.
  func stop() throws(IndexError) -> (count: Int, seconds: Double) {
    stopping.store(true, ordering: .relaxed)
    done.wait()
    let result = state.withLock { $0 }
    if let failure = result.failure { throw failure }
    return (result.added, result.seconds)
  }
}
