import Foundation
import Support
import Testing

@Suite("Threads of our own")
struct ThreadTests {
  @Test("a team does all of its work, whatever its size")
  func team() {
    let next = Counter()
    let done = Counter()
    let members = WorkerThread.team(of: 4, "test") { _ in
      while next.add() <= 1000 { _ = done.add() }
    }
    #expect(done.value == 1000 && (1...4).contains(members))
  }
}

private final class Counter: @unchecked Sendable {
  // The lock guards the value.
  private let lock = NSLock()
  private var count = 0

  var value: Int { lock.withLock { count } }
  func add() -> Int {
    lock.withLock {
      count += 1; return count
    }
  }
}
