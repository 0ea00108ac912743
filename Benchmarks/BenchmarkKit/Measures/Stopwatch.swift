import Foundation

/// Time spent, on the wall and on all processors together.
public struct Stopwatch: Sendable {
  // The wall is read last and first, as the processor's clock takes a system call.
  private let processStart = Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID)
  private let wallStart = Stopwatch.now(CLOCK_MONOTONIC)

  /// Starts.
  public init() {}

  /// Seconds on the wall since the start.
  public var wall: Double { Stopwatch.now(CLOCK_MONOTONIC) - wallStart }

  /// Seconds of processor time of all threads since the start.
  public var processor: Double { Stopwatch.now(CLOCK_PROCESS_CPUTIME_ID) - processStart }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
