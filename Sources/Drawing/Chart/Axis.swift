/// One axis of a chart.
public struct Axis: Sendable, Hashable {
  /// How values are spread along the axis.
  public enum Scale: String, Sendable, Hashable, CaseIterable {
    /// Evenly.
    case linear
    /// By their logarithm; values that are not positive are left out.
    case logarithmic
  }

  /// What it measures, with its unit.
  public var label: String
  /// How values are spread along it.
  public var scale: Scale
  /// The values at its ends; `nil` to fit the data.
  public var range: ClosedRange<Double>?

  /// An axis by its parts.
  public init(_ label: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil) {
    self.label = label
    self.scale = scale
    self.range = range
  }

  /// Whether a value has a place on the axis.
  func admits(_ value: Double) -> Bool {
    // The bounds keep spans and ratios of values finite.
    switch scale {
    case .linear: abs(value) < 1e150
    case .logarithmic: value > 1e-150 && value < 1e150
    }
  }

  /// The range shown for data that spans `extent`: rounded outwards to ticks, never empty.
  func shownRange(for extent: ClosedRange<Double>?) -> ClosedRange<Double> {
    if let range, range.lowerBound < range.upperBound, admits(range.lowerBound), admits(range.upperBound) {
      return range
    }
    switch scale {
    case .linear:
      guard let extent else { return 0...1 }
      let span = extent.upperBound - extent.lowerBound
      let pad = span > 0 ? span * 0.04 : max(abs(extent.lowerBound) * 0.1, 0.5)
      let step = AxisTicks.step(for: span + 2 * pad)
      // A range that nearly reaches zero starts there.
      let nearZero = extent.lowerBound >= 0 && extent.lowerBound < span * 0.25
      let lower = nearZero ? 0 : ((extent.lowerBound - pad) / step).rounded(.down) * step
      return lower...((extent.upperBound + pad) / step).rounded(.up) * step
    case .logarithmic:
      guard let extent else { return 1...10 }
      let ratio = extent.upperBound / extent.lowerBound
      let pad = ratio > 1 ? max(1.1, 1 + ratio * 1e-4).squareRoot() : 2
      return extent.lowerBound / pad...extent.upperBound * pad
    }
  }

  /// Where `value` lies between the ends of `range`: 0 … 1.
  func position(of value: Double, in range: ClosedRange<Double>) -> Double {
    switch scale {
    case .linear: (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    case .logarithmic:
      AxisTicks.log10(value / range.lowerBound) / AxisTicks.log10(range.upperBound / range.lowerBound)
    }
  }
}
