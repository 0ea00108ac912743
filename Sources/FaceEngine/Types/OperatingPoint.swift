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

  /// What a similarity says of who it is, in a gallery: the logarithm of how many times as likely it is of the person as of anybody else,
  /// slope · similarity + offset.
  ///
  /// With a prior of 1/N for each of N people, and as much for all who are not in the gallery as for all who are, it is by Bayes' rule what
  /// ``logOdds(similarity:faces:people:threshold:)`` begins with.
  public struct Evidence: Sendable, Hashable, Codable {
    /// By how much a similarity greater by 1 raises the logarithm; positive.
    public var slope: Double
    /// The logarithm at similarity 0.
    public var offset: Double

    /// A line.
    public init(slope: Double, offset: Double) {
      self.slope = slope
      self.offset = offset
    }
  }

  /// The measured points, false match rates falling and thresholds rising; none for ``uncalibrated``.
  public let points: [Point]

  /// The slope of the logistic curve of ``confidence(similarity:)``, which ``margin`` and the probabilities of verifications follow.
  public let slope: Double

  /// The offset of the logistic curve of ``confidence(similarity:)``.
  public let offset: Double

  /// The similarity from which two faces are nearly the same picture; nil where that was not measured.
  public let nearDuplicate: Float?

  /// What 99 of 100 photos of a person reach who is judged by the mean of 2, 3, … faces; the last holds for more, and none where
  /// that was not measured. See ``floor(faces:)``.
  public let floors: [Float]

  /// What 97 of 100 photos of a person reach who is judged by 1, 2, 3, … faces; the last holds for more, and none where that was not
  /// measured. See ``certainty(faces:)``.
  public let certainties: [Float]

  /// What similarities say of somebody in a gallery who is judged by 1, 2, 3, … faces; the last holds for more, and none where that was not
  /// measured, as by versions that knew no ``Evidence``. See ``evidence(faces:)``.
  public let evidence: [Evidence]

  /// The share of faces that may have a stranger among their neighbours when faces without a name are grouped: as the false positive
  /// identification rate of ``threshold(faces:falsePositiveIdentificationRate:)`` it gives the similarity from which two faces are
  /// neighbours.
  public let falseNeighborRate: Double

  /// The ``falseNeighborRate`` where none was measured: groups should rather be split than mixed.
  public static let standardFalseNeighborRate = 0.01

  /// The false match rate that even a gallery of one person keeps to.
  public static let loosestRate = 1e-3

  /// An operating point by its measurements.
  ///
  /// - Precondition: There is a point; rates fall and are positive, thresholds rise; slopes of `evidence` are positive;
  ///   `falseNeighborRate` lies between 0 and 1.
  public init(
    points: [Point], slope: Double, offset: Double, nearDuplicate: Float? = nil, floors: [Float] = [],
    certainties: [Float] = [], evidence: [Evidence] = [],
    falseNeighborRate: Double = standardFalseNeighborRate
  ) {
    precondition(!points.isEmpty, "an operating point needs a measured point")
    precondition(Self.isOrdered(points), "false match rates fall and thresholds rise")
    precondition(evidence.allSatisfy(Self.isRising), "more similarity is more evidence")
    precondition(Self.isShare(falseNeighborRate), "a share lies between 0 and 1")
    self.points = points
    self.slope = slope
    self.offset = offset
    self.nearDuplicate = nearDuplicate
    self.floors = floors
    self.certainties = certainties
    self.evidence = evidence
    self.falseNeighborRate = falseNeighborRate
  }

  /// The operating point of a network that nobody has measured: no similarity reaches its thresholds, and every
  /// ``confidence(similarity:)`` is ½. A gallery asks for a threshold instead of using it.
  public static let uncalibrated = OperatingPoint()

  /// Whether there is a measured point.
  public var isCalibrated: Bool { !points.isEmpty }

  private init() {
    (points, slope, offset, nearDuplicate, floors, certainties) = ([], 0, 0, nil, [], [])
    evidence = []
    falseNeighborRate = Self.standardFalseNeighborRate
  }

  /// Reads a measured operating point.
  ///
  /// - Throws: `DecodingError.dataCorrupted` unless false match rates fall, and thresholds and evidence rise.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    points = try values.decode([Point].self, forKey: .points)
    slope = try values.decode(Double.self, forKey: .slope)
    offset = try values.decode(Double.self, forKey: .offset)
    nearDuplicate = try values.decodeIfPresent(Float.self, forKey: .nearDuplicate)
    floors = try values.decodeIfPresent([Float].self, forKey: .floors) ?? []
    certainties = try values.decodeIfPresent([Float].self, forKey: .certainties) ?? []
    evidence = try values.decodeIfPresent([Evidence].self, forKey: .evidence) ?? []
    falseNeighborRate =
      try values.decodeIfPresent(Double.self, forKey: .falseNeighborRate) ?? Self.standardFalseNeighborRate
    guard Self.isOrdered(points), slope.isFinite, offset.isFinite, nearDuplicate?.isFinite != false,
      (floors + certainties).allSatisfy({ (-1...1).contains($0) }), evidence.allSatisfy(Self.isRising),
      Self.isShare(falseNeighborRate)
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription:
            "False match rates fall and thresholds rise from point to point, evidence rises with the similarity, and the false neighbour "
            + "rate lies between 0 and 1."
        ))
    }
  }

  private static func isRising(_ evidence: Evidence) -> Bool {
    evidence.slope.isFinite && evidence.slope > 0 && evidence.offset.isFinite
  }

  private static func isShare(_ rate: Double) -> Bool { rate > 0 && rate < 1 }

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
  /// Between measured points the threshold is interpolated over the logarithm of the rate; above the first rate it stays the
  /// first threshold, and below the last one it goes on rising as over the last measured decade: an exponential tail, as
  /// `docs/accuracy.md` tests it.
  public func threshold(falseMatchRate rate: Double) -> Float {
    guard let next = points.firstIndex(where: { $0.falseMatchRate <= rate }) else {
      guard let last = points.last else { return Self.unreachable }
      return min(last.threshold - Float(log10(max(rate, 1e-12) / last.falseMatchRate)) * tail, 1)
    }
    if next == 0 { return points[0].threshold }
    let (low, high) = (points[next - 1], points[next])
    let share = log(rate / low.falseMatchRate) / log(high.falseMatchRate / low.falseMatchRate)
    return low.threshold + Float(share) * (high.threshold - low.threshold)
  }

  /// The probability that two different people reach a similarity: the inverse of
  /// ``threshold(falseMatchRate:)``, up to the first measured point's rate.
  public func falseMatchRate(threshold: Float) -> Double {
    guard let next = points.firstIndex(where: { $0.threshold >= threshold }) else {
      guard let last = points.last else { return 1 }
      return tail > 0
        ? last.falseMatchRate * pow(10, Double((last.threshold - threshold) / tail)) : last.falseMatchRate
    }
    if next == 0 { return points[0].falseMatchRate }
    let (low, high) = (points[next - 1], points[next])
    let share = Double((threshold - low.threshold) / (high.threshold - low.threshold))
    return low.falseMatchRate * pow(high.falseMatchRate / low.falseMatchRate, share)
  }

  /// By how much the threshold rises with each decade below the last measured rate.
  private var tail: Float {
    guard let last = points.last,
      let start = points.last(where: { $0.falseMatchRate > 9 * last.falseMatchRate }) ?? points.first,
      start.falseMatchRate > last.falseMatchRate
    else { return 0 }
    return (last.threshold - start.threshold) / Float(log10(start.falseMatchRate / last.falseMatchRate))
  }

  /// The threshold from which a gallery of so many faces names a probe.
  ///
  /// A stranger is compared with every face, so FPIR(N) = 1 − (1 − FMR)^N: the false match rate that a gallery
  /// can afford falls as it grows. It is never taken above 10⁻³; below the rate of the last measured point the tail model
  /// decides.
  ///
  /// - Parameters:
  ///   - faces: How many faces a stranger is compared with.
  ///   - rate: The false positive identification rate: the share of strangers that may be named, between 0 and 1.
  public func threshold(faces: Int, falsePositiveIdentificationRate rate: Double = 0.01) -> Float {
    let target = min(max(rate, 1e-9), 1 - 1e-9)
    let affordable = -expm1(log1p(-target) / Double(max(faces, 1)))
    return threshold(falseMatchRate: min(affordable, Self.loosestRate))
  }

  /// The least similarity from which a person is named who is judged by so many faces; nil for one face, and where nothing was
  /// measured.
  ///
  /// The mean of several faces is so much more like a person's other photos that who stays below is rather a relative: it costs one photo
  /// in a hundred, and matters while ``threshold(faces:falsePositiveIdentificationRate:)`` is lower, as in small galleries.
  public func floor(faces: Int) -> Float? {
    faces < 2 || floors.isEmpty ? nil : floors[min(faces - 2, floors.count - 1)]
  }

  /// The similarity below which a person who is judged by so many faces may be taken for somebody alike, such as a sister; nil where
  /// nothing was measured.
  ///
  /// Three photos of a person in a hundred stay below; who does is called ambiguous, not the person.
  public func certainty(faces: Int) -> Float? {
    faces < 1 || certainties.isEmpty ? nil : certainties[min(faces - 1, certainties.count - 1)]
  }

  /// What similarities say of somebody in a gallery who is judged by so many faces; nil where nothing was measured.
  public func evidence(faces: Int) -> Evidence? {
    faces < 1 || evidence.isEmpty ? nil : evidence[min(faces - 1, evidence.count - 1)]
  }

  /// By how much the best candidate has to be more similar than the second to be told from it; nil when nothing was measured, or a
  /// greater similarity does not make the same person more likely.
  ///
  /// By Bayes' rule the best is exp(slope · difference) times as likely as the second: twenty times at this margin.
  public var margin: Float? {
    isCalibrated && slope > 0 ? Float(log(Self.leastOdds) / slope) : nil
  }

  /// How much more likely the best candidate has to be than the second.
  private static let leastOdds = 20.0

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
