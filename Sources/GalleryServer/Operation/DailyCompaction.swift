internal import FaceGallery
internal import Foundation
internal import Synchronization

/// Compacts galleries at a time of every day, while they are served.
final class DailyCompaction: Sendable {
  private struct State {
    /// When it was last looked whether it is time.
    var looked: Date
    /// The galleries whose turn it is.
    var waiting: [ServedGallery] = []
    /// Until when one that is in use is tried again.
    var deadline = Date.distantPast
  }

  /// So long, in seconds, a gallery that another program has open is tried again.
  static let patience: TimeInterval = 3600

  private let time: TimeOfDay
  private let galleries: [ServedGallery]
  private let log: EventLog
  private let state: Mutex<State>

  init(at time: TimeOfDay, _ galleries: [ServedGallery], _ log: EventLog, now: Date = .now) {
    (self.time, self.galleries, self.log) = (time, galleries, log)
    state = Mutex(State(looked: now))
  }

  /// Compacts the galleries if it has become time, and those that were in use.
  func run(now: Date, calendar: Calendar = .current) {
    let (waiting, isLast) = state.withLock { state in
      if time.came(after: state.looked, until: now, calendar: calendar) {
        (state.waiting, state.deadline) = (galleries, now.addingTimeInterval(Self.patience))
      }
      state.looked = now
      return (state.waiting, now >= state.deadline)
    }
    let left = waiting.filter { !compact($0, isLast: isLast) }
    state.withLock { $0.waiting = left }
  }

  /// Compacts a gallery and logs what came of it; false when it is to be tried again.
  private func compact(_ served: ServedGallery, isLast: Bool) -> Bool {
    do throws(GalleryError) {
      let report = try served.gallery.compact()
      log.event(
        "compaction", "\(served.name): \(report.bytesBefore) bytes before, \(report.bytesAfter) now")
      for warning in report.warnings { log.event("compaction", "\(served.name): \(warning)") }
      return true
    } catch {
      if error.code == .inUse, !isLast { return false }
      log.event("compaction", "\(served.name) was not compacted: \(error)")
      return true
    }
  }
}
