import Foundation

/// The values marked along an axis.
struct AxisTicks {
  /// Values with a label and a strong grid line.
  let major: [Double]
  /// Values with a faint grid line.
  let minor: [Double]

  /// Marks for `range`: about `count` of them, at round values.
  init(_ range: ClosedRange<Double>, scale: Axis.Scale, count: Int) {
    switch scale {
    case .linear:
      let step = AxisTicks.step(for: range.upperBound - range.lowerBound, count: count)
      // Half a step in 10⁶ forgives the rounding of range bounds.
      let first = (range.lowerBound / step - 1e-6).rounded(.up)
      let last = (range.upperBound / step + 1e-6).rounded(.down)
      major = first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
      minor = []
    case .logarithmic:
      let decades = AxisTicks.log10(range.upperBound / range.lowerBound)
      let exponents =
        Int(
          AxisTicks.log10(range.lowerBound).rounded(.down))...Int(
          AxisTicks.log10(range.upperBound).rounded(.up))
      // Few decades label 1, 2 and 5 of each; many label every second or third decade.
      let labelled: [Double] = decades <= 2.2 ? [1, 2, 5] : [1]
      let skip = max(1, Int((decades / Double(max(count, 2))).rounded(.up)))
      let inRange = { (value: Double) in
        value >= range.lowerBound * (1 - 1e-9) && value <= range.upperBound * (1 + 1e-9)
      }
      major = exponents.filter { $0 % skip == 0 }.flatMap { exponent in
        labelled.map { $0 * pow(10, Double(exponent)) }
      }.filter(inRange)
      let rest = decades > 8 ? [] : (1...9).map(Double.init).filter { !labelled.contains($0) }
      minor = exponents.flatMap { exponent in rest.map { $0 * pow(10, Double(exponent)) } }.filter(inRange)
    }
  }

  /// The round step (1, 2 or 5 times a power of ten) that divides `span` into about `count` parts.
  static func step(for span: Double, count: Int = 6) -> Double {
    let raw = span / Double(max(count, 1))
    let power = pow(10, log10(raw).rounded(.down))
    let factor = raw / power
    return (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10) * power
  }

  /// A value as people read it: 0.95, 20, 10k, 1M, 1e-5.
  static func label(_ value: Double) -> String {
    let magnitude = abs(value)
    if magnitude < 1e-12 { return "0" }
    if magnitude < 1e-3 {
      let exponent = Int(log10(magnitude).rounded(.down))
      return trimmed(value / pow(10, Double(exponent))) + "e\(exponent)"
    }
    if magnitude >= 1e12 { return trimmed(value / 1e12) + "T" }
    if magnitude >= 1e9 { return trimmed(value / 1e9) + "G" }
    if magnitude >= 1e6 { return trimmed(value / 1e6) + "M" }
    if magnitude >= 1e4 || (magnitude >= 1e3 && value.truncatingRemainder(dividingBy: 100) == 0) {
      return trimmed(value / 1e3) + "k"
    }
    return trimmed(value)
  }

  static func log10(_ value: Double) -> Double { Foundation.log10(value) }

  /// Up to five digits behind the point, without trailing zeros.
  private static func trimmed(_ value: Double) -> String {
    var text = String(format: "%.5f", locale: Locale(identifier: "en_US_POSIX"), value)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
