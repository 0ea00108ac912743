/// A probability as people read it.
public enum Percentage {
  /// `share` of 1 in per cent, rounded down: what is less than half, however little, is shown below "50.0 %", as the probabilities
  /// of people who are not named are. What is nearly certain is shown as a bound, because it is not certain.
  public static func text(_ share: Double) -> String {
    switch share {
    case 0.999...: return "> 99.9 %"
    case ..<0.001: return "< 0.1 %"
    default:
      // The addend is for shares such as 0.29, whose product with 1000 may lie a bit below 290.
      let tenths = (share * 1000 + 1e-9).rounded(.down)
      return Format.fixed((share < 0.5 ? min(tenths, 499) : tenths) / 10, 1) + " %"
    }
  }
}
