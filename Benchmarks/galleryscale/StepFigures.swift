import Foundation
import Synchronization

/// What a step's process reports.
struct StepFigures: Codable {
  let step: String
  /// Seconds of what was measured.
  var seconds: Double
  /// How many things were done in them.
  var count: Int
  /// Milliseconds each: median, and 99 of 100 are not above.
  var median: Double?
  var worst: Double?
  /// Peak of the process' own memory, bytes: what the system cannot take back.
  var memory: Int
  /// What else there is to say.
  var note: String

  /// Own memory of this process at its peak so far: pages of mapped files, which all processes share and the system
  /// takes back when it needs them, are not in it.
  ///
  /// It is looked at a hundred times a second from the first call on.
  static var peakMemory: Int { sampler.peak }

  private static let sampler = Sampler()

  private final class Sampler: Sendable {
    private let most = Mutex(0)

    init() {
      let thread = Thread { [self] in
        while true {
          note()
          usleep(10_000)
        }
      }
      thread.start()
    }

    func note() {
      let now = StepFigures.ownMemory
      most.withLock { $0 = max($0, now) }
    }

    var peak: Int {
      note()
      return most.withLock { $0 }
    }
  }

  private static var ownMemory: Int {
    guard let data = FileManager.default.contents(atPath: "/proc/self/status") else { return 0 }
    let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return line.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { $0 * 1024 }
      ?? 0
  }
}
