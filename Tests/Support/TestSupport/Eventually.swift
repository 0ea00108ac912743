internal import Foundation

/// Waits until a condition holds that another thread or process brings about.
///
/// - Parameters:
///   - time: How long at most; long, since a machine at work on other things is no failure.
///   - condition: Asked every few milliseconds.
/// - Returns: Whether it came to hold.
package func eventually(within time: Duration = .seconds(60), _ condition: () throws -> Bool) rethrows -> Bool
{
  let end = ContinuousClock.now + time
  while true {
    if try condition() { return true }
    guard ContinuousClock.now < end else { return false }
    Thread.sleep(forTimeInterval: 0.005)
  }
}

/// The same in a task, whose thread others may use meanwhile.
package func eventually(
  within time: Duration = .seconds(60), isolation: isolated (any Actor)? = #isolation,
  _ condition: () throws -> Bool
) async throws -> Bool {
  let end = ContinuousClock.now + time
  while true {
    if try condition() { return true }
    guard ContinuousClock.now < end else { return false }
    try await Task.sleep(for: .milliseconds(5))
  }
}
