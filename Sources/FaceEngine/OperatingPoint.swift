internal import Foundation

/// Which similarity is enough to call two faces the same person, and how sure that is.
///
/// It is measured, not chosen: see `docs/accuracy.md`.
public struct OperatingPoint: Sendable, Hashable, Codable {
  /// One measured point: this share of pairs of different people reaches this similarity.
  public struct Point: Sendable, Hashable, Codable {
    /// False match rate, 0…1.
    public var falseMatchRate: Double
    /// Cosine similarity, −1…1.
    public var threshold: Float

    /// A point.
    public init(falseMatchRate: Double, threshold: Float) {
      self.falseMatchRate = falseMatchRate
      self.threshold = threshold
    }
  }

  /// The measured points, false match rates falling and thresholds rising; none for ``uncalibrated``.
  public let points: [Point]

  /// The slope of the logistic curve of ``confidence(similarity:)``.
  public let slope: Double

  /// The offset of the logistic curve of ``confidence(similarity:)``.
  public let offset: Double

  /// The false match rate that even a gallery of one person keeps to.
  public static let loosestRate = 1e-3

  /// An operating point by its measurements.
  ///
  /// - Precondition: There is a point; rates fall and are positive, thresholds rise.
  public init(points: [Point], slope: Double, offset: Double) {
    precondition(!points.isEmpty, "an operating point needs a measured point")
    precondition(Self.isOrdered(points), "false match rates fall and thresholds rise")
    self.points = points
    self.slope = slope
    self.offset = offset
  }

  /// The operating point of a network that nobody has measured: no similarity reaches its thresholds, and every
  /// ``confidence(similarity:)`` is ½. A gallery asks for a threshold instead of using it.
  public static let uncalibrated = OperatingPoint()

  /// Whether there is a measured point.
  public var isCalibrated: Bool { !points.isEmpty }

  private init() {
    (points, slope, offset) = ([], 0, 0)
  }

  /// Reads a measured operating point.
  ///
  /// - Throws: `DecodingError.dataCorrupted` unless false match rates fall and thresholds rise.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    points = try values.decode([Point].self, forKey: .points)
    slope = try values.decode(Double.self, forKey: .slope)
    offset = try values.decode(Double.self, forKey: .offset)
    guard Self.isOrdered(points), slope.isFinite, offset.isFinite else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "False match rates fall and thresholds rise from point to point."))
    }
  }

  private static func isOrdered(_ points: [Point]) -> Bool {
    points.allSatisfy { (-1...1).contains($0.threshold) && $0.falseMatchRate > 0 && $0.falseMatchRate <= 1 }
      && zip(points, points.dropFirst()).allSatisfy {
        $0.falseMatchRate > $1.falseMatchRate && $0.threshold < $1.threshold
      }
  }

  /// A similarity that two embeddings never reach.
  private static let unreachable: Float = 2

  /// The similarity that two different people reach with this probability.
  ///
  /// Between measured points the threshold is interpolated over the logarithm of the rate; beyond the first
  /// and the last it stays theirs.
  public func threshold(falseMatchRate rate: Double) -> Float {
    guard let next = points.firstIndex(where: { $0.falseMatchRate <= rate }) else {
      return points.last?.threshold ?? Self.unreachable
    }
    if next == 0 { return points[0].threshold }
    let (low, high) = (points[next - 1], points[next])
    let share = log(rate / low.falseMatchRate) / log(high.falseMatchRate / low.falseMatchRate)
    return low.threshold + Float(share) * (high.threshold - low.threshold)
  }

  /// The probability that two different people reach a similarity: the inverse of
  /// ``threshold(falseMatchRate:)``, from the last measured point's rate up to the first's.
  public func falseMatchRate(threshold: Float) -> Double {
    guard let next = points.firstIndex(where: { $0.threshold >= threshold }) else {
      return points.last?.falseMatchRate ?? 1
    }
    if next == 0 { return points[0].falseMatchRate }
    let (low, high) = (points[next - 1], points[next])
    let share = Double((threshold - low.threshold) / (high.threshold - low.threshold))
    return low.falseMatchRate * pow(high.falseMatchRate / low.falseMatchRate, share)
  }

  /// The threshold from which a gallery of so many people names a probe.
  ///
  /// A stranger is compared with everybody, so FPIR(N) = 1 − (1 − FMR)^N: the false match rate that a gallery
  /// can afford falls as it grows. It is never taken above 10⁻³, and never below the rate of the last measured
  /// point, beyond which larger galleries name more strangers than asked for.
  ///
  /// - Parameters:
  ///   - people: How many people are enrolled.
  ///   - rate: The false positive identification rate: the share of strangers that may be named, between 0 and 1.
  public func threshold(people: Int, falsePositiveIdentificationRate rate: Double = 0.01) -> Float {
    let target = min(max(rate, 1e-9), 1 - 1e-9)
    let affordable = -expm1(log1p(-target) / Double(max(people, 1)))
    return threshold(falseMatchRate: min(affordable, Self.loosestRate))
  }

  /// The probability that two faces of this similarity are the same person, when same and different are
  /// equally likely beforehand.
  public func confidence(similarity: Float) -> Double {
    1 / (1 + exp(-(slope * Double(similarity) + offset)))
  }

  /// The probability that two faces of this similarity are the same person, where faces are named from a threshold on.
  ///
  /// How likely that is beforehand is what the threshold says: it is right where both answers are equally likely at it,
  /// as it is in a larger gallery with more strangers in it. By Bayes' rule the odds are then
  /// exp(slope · (similarity − threshold)): at least ½ exactly when the similarity reaches the threshold, and rising
  /// with it.
  ///
  /// - Returns: Nil when nothing was measured, or a greater similarity does not make it more likely.
  public func probability(similarity: Float, threshold: Float) -> Double? {
    guard isCalibrated, slope > 0 else { return nil }
    let value = 1 / (1 + exp(-slope * (Double(similarity) - Double(threshold))))
    // The smallest differences are lost in the exponential.
    return similarity >= threshold ? max(value, 0.5) : min(value, (0.5).nextDown)
  }
}
