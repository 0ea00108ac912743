/// Counts what is under way, so that somebody can wait for the end of all.
public final class Countdown: Sendable {
  private let count = Monitor(0)

  /// Nothing is under way.
  public init() {}

  /// Something begins.
  public func add() { count.withLock(waking: .nobody) { $0 += 1 } }

  /// Something has ended.
  public func subtract() { count.withLock { $0 -= 1 } }

  /// Returns when nothing is under way.
  public func wait() { count.withLock(when: { $0 == 0 }, waking: .nobody) { _ in } }
}
