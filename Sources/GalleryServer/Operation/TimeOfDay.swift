public import Foundation

/// A time of every day, by the machine's time zone.
public struct TimeOfDay: Sendable, Hashable {
  /// From 0 to 23.
  public let hour: Int
  /// From 0 to 59.
  public let minute: Int

  /// Reads a time as `04:00`; nil for other text.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard parts.count == 2,
      parts.allSatisfy({ (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy(digits.contains) }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), (0...23).contains(hour), (0...59).contains(minute)
    else { return nil }
    (self.hour, self.minute) = (hour, minute)
  }

  /// Whether it came after a moment, and until another one. A time that the clock leaves out on a day counts at the next one that is there.
  public func came(after start: Date, until end: Date, calendar: Calendar = .current) -> Bool {
    let components = DateComponents(hour: hour, minute: minute)
    guard let next = calendar.nextDate(after: start, matching: components, matchingPolicy: .nextTime) else {
      return false
    }
    return next <= end
  }
}
