import Console

/// A probability as people read it.
enum Percentage {
  /// `share` of 1 in per cent, rounded down, so that less than half is not shown as half; what is nearly certain is shown
  /// as a bound, because it is not certain.
  static func text(_ share: Double) -> String {
    switch share {
    case 0.999...: "> 99.9 %"
    case ..<0.001: "< 0.1 %"
    default: Format.fixed((share * 1000 + 1e-9).rounded(.down) / 10, 1) + " %"
    }
  }
}
