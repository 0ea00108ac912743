import Foundation

/// Times as the command line shows them.
enum Timestamp {
  /// `date` in the local time zone: "2026-03-01 14:05".
  static func text(_ date: Date) -> String {
    let style = Date.ISO8601FormatStyle(timeZone: .current).year().month().day()
      .dateTimeSeparator(.space).time(includingFractionalSeconds: false)
    return String(date.formatted(style).prefix(16))
  }
}
