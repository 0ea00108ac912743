import Foundation
import Synchronization

/// Progress of a long job on standard error: share done, rate, time left.
///
/// On a terminal one line is redrawn ten times a second; elsewhere a line is written every five seconds.
/// Nothing is shown during the first two seconds, so that short jobs stay silent. Safe from any thread.
public final class ProgressBar: Sendable {
  private struct State {
    var done = 0
    var lastDrawn: ContinuousClock.Instant?
    var drawn = false
  }

  private let title: String
  private let unit: String
  private let total: Int?
  private let enabled: Bool
  private let redraws: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// A bar for `total` units of work (`nil` when unknown), named for the reader.
  ///
  /// - Parameter enabled: `false` makes every call a no-op, for `--quiet`.
  public init(_ title: String, total: Int?, unit: String, enabled: Bool = true) {
    self.title = title
    self.unit = unit
    self.total = total
    self.enabled = enabled
    redraws = Terminal.canRedraw
  }

  /// Says that `done` units are done.
  public func update(_ done: Int) {
    guard enabled else { return }
    state.withLock { state in
      state.done = max(done, state.done)
      let now = ContinuousClock.now
      let pause: Duration = state.lastDrawn == nil ? .seconds(2) : redraws ? .milliseconds(100) : .seconds(5)
      guard now - (state.lastDrawn ?? start) >= pause else { return }
      state.lastDrawn = now
      state.drawn = true
      draw(done: state.done, elapsed: now - start)
    }
  }

  /// Ends the bar and wipes its line.
  public func finish() {
    state.withLock { state in
      if state.drawn, redraws { Terminal.redraw("") }
      state.drawn = false
    }
  }

  private func draw(done: Int, elapsed: Duration) {
    let line = ProgressBar.line(
      title: title, done: done, total: total, unit: unit, seconds: elapsed / .seconds(1),
      columns: redraws ? Terminal.columns : 100)
    if redraws { Terminal.redraw(line) } else { Terminal.note(line + "\n") }
  }

  /// One line of progress, at most `columns` wide.
  static func line(title: String, done: Int, total: Int?, unit: String, seconds: Double, columns: Int)
    -> String
  {
    let rate = seconds > 0 ? Double(done) / seconds : 0
    let speed = "\(Format.number(rate)) \(unit)/s"
    guard let total, total > 0 else {
      return TextWidth.truncated("\(title)  \(done) \(unit)  \(speed)", to: columns - 1)
    }
    let share = min(1, Double(done) / Double(total))
    let left = rate > 0 ? Format.duration(Double(total - done) / rate) + " left" : ""
    let tail = "  \(Int(share * 100))%  \(done)/\(total)  \(speed)  \(left)"
    let room = min(30, columns - 3 - TextWidth.of(title) - TextWidth.of(tail))
    guard room >= 5 else { return TextWidth.truncated(title + tail, to: columns - 1) }
    let filled = Int(share * Double(room))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: room - filled)
    return "\(title)  \(bar)\(tail)"
  }
}
