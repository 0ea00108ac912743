import Foundation

/// Numbers as people read them.
public enum Format {
  /// A decimal number with a fixed count of digits behind the point.
  public static func fixed(_ value: Double, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
    // What rounds to nothing has no sign.
    return text.hasPrefix("-") && text.allSatisfy { "-0.".contains($0) } ? String(text.dropFirst()) : text
  }

  /// A rate or figure with about three significant digits: 0.25, 8.1, 132.
  public static func number(_ value: Double) -> String {
    switch abs(value) {
    case 100...: fixed(value, 0)
    case 10...: fixed(value, 1)
    default: fixed(value, 2)
    }
  }

  /// A number with the digits that it needs: 0, 30, 0.2.
  public static func plain(_ value: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
    value == value.rounded() ? fixed(Double(value), 0) : "\(value)"
  }

  /// A length of time: "0.8 s", "42 s", "3 min 05 s", "2 h 10 min".
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "?" }
    if seconds < 10 { return fixed(seconds, 1) + " s" }
    let whole = Int(min(seconds.rounded(), 1e9))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
    return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
  }

  /// A size in bytes in the nearest binary unit: "512 B", "1.4 KiB", "22 MiB".
  public static func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 || value >= 100 ? "\(Int(value)) \(units[unit])" : "\(fixed(value, 1)) \(units[unit])"
  }

  /// "1 photo", "3 photos": a count with its noun.
  public static func count(_ count: Int, _ noun: String, plural: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
