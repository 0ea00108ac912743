import Foundation

/// Which similarity is enough to call two faces the same person, and how sure that is.
public struct OperatingPoint: Sendable, Hashable, Codable {
  /// One measured point: at this threshold, this share of pairs of different people reaches it.
  public struct Point: Sendable, Hashable, Codable {
    /// False match rate.
    public var falseMatchRate: Double
    /// Cosine similarity.
    public var threshold: Float

    /// A point.
    public init(falseMatchRate: Double, threshold: Float) {
      self.falseMatchRate = falseMatchRate
      self.threshold = threshold
    }
  }

  /// The measured points, false match rates falling, thresholds rising.
  public var points: [Point]

  /// The slope and offset of the calibrated confidence: 1 / (1 + exp(−(slope · similarity + offset))).
  public var slope: Double
  /// See ``slope``.
  public var offset: Double

  /// An operating point by its parts.
  public init(points: [Point], slope: Double, offset: Double) {
    self.points = points
    self.slope = slope
    self.offset = offset
  }

  /// The threshold at which two people are confused with this probability.
  public func threshold(falseMatchRate: Double) -> Float {
    points.first { $0.falseMatchRate <= falseMatchRate }?.threshold ?? points.last?.threshold ?? 1
  }

  /// The threshold at which a stranger is named with at most this probability by a gallery of so many people.
  public func threshold(people: Int, falsePositiveIdentificationRate: Double = 0.01) -> Float {
    let rate = 1 - pow(1 - falsePositiveIdentificationRate, 1 / Double(max(people, 1)))
    return threshold(falseMatchRate: rate)
  }

  /// The probability that two faces of this similarity are the same person, when both answers are equally
  /// likely beforehand.
  public func confidence(similarity: Float) -> Double {
    1 / (1 + exp(-(slope * Double(similarity) + offset)))
  }
}

extension OperatingPoint {
  /// dlib's ResNet, measured on LFW.
  static let dlibResNet = OperatingPoint(
    points: [Point(falseMatchRate: 1e-3, threshold: 0.93)], slope: 60, offset: -55)
}
