public import FaceEngine

/// How the threshold must rise with a gallery, so that a stranger is named no more often.
public struct ThresholdCurve: Sendable, Hashable, Codable {
  /// A gallery's size with its threshold.
  public struct Point: Sendable, Hashable, Codable {
    /// People enrolled, with one face each.
    public let people: Int
    /// The similarity from which a probe is named.
    public let threshold: Float
  }

  /// The share of strangers who may be named (FPIR).
  public let falsePositiveIdentificationRate: Double
  /// From one face to a hundred thousand.
  public let points: [Point]

  /// The curve of an engine's measured thresholds.
  public init(_ point: OperatingPoint, falsePositiveIdentificationRate rate: Double) {
    falsePositiveIdentificationRate = rate
    let sizes = [1, 10, 100, 1_000, 10_000].flatMap { [$0, 2 * $0, 5 * $0] } + [100_000]
    points = sizes.map {
      Point(people: $0, threshold: point.threshold(faces: $0, falsePositiveIdentificationRate: rate))
    }
  }
}
