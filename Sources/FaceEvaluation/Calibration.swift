public import FaceEngine
internal import Foundation

/// Thresholds and confidence of an engine, measured on a data set.
public struct Calibration: Sendable {
  /// What was measured, as the engine uses it.
  public let operatingPoint: OperatingPoint
  /// Pairs of one person, and of two.
  public let pairs: (genuine: Int, impostor: Int)
  /// People, and those of them who have a second photo.
  public let people: (all: Int, withSecondPhoto: Int)
  /// Whether every pair of one person is more similar than every pair of two: then nothing says how steeply the probability rises.
  public let isSeparated: Bool
  /// The similarity that half of the pairs reach.
  public let medians: (genuine: Float, impostor: Float)
  /// The share of genuine pairs that reach each threshold of the operating point.
  public let trueMatchRates: [Double]
  /// How well faces are grouped, where there are enough; its best rate is the operating point's.
  public let grouping: GroupingReport?

  /// Measures all pairs of the first ten photos of a person, and of the first photos of all people.
  ///
  /// - Throws: ``EvaluationError`` with code `badData` when there are too few people, or none with two photos.
  public init(_ faces: FaceSet) throws(EvaluationError) {
    let genuine = faces.genuine()
    let impostors = faces.impostors()
    guard genuine.total > 0, impostors.total >= 100 else {
      throw EvaluationError(
        .badData,
        "Thresholds need people with two photos (\(genuine.total) pairs here) and at least 15 people "
          + "(\(impostors.total) pairs of different people here).")
    }
    var points: [OperatingPoint.Point] = []
    for exponent in stride(from: -1.0, through: -6.0, by: -0.5) {
      let rate = pow(10, exponent)
      // Below ten pairs a rate is chance.
      guard rate * Double(impostors.total) >= 10 else { break }
      let threshold = min(impostors.threshold(rate: rate), 1)
      if threshold > points.last?.threshold ?? -1 {
        points.append(.init(falseMatchRate: rate, threshold: threshold))
      }
    }
    guard !points.isEmpty else {
      throw EvaluationError(
        .badData, "All pairs of different people have one similarity; is the engine trained?")
    }
    let (slope, offset) = Self.logistic(genuine, impostors)
    grouping = GroupingReport(faces, point: OperatingPoint(points: points, slope: slope, offset: offset))
    operatingPoint = OperatingPoint(
      points: points, slope: slope, offset: offset,
      floors: Self.reached(faces, missing: 0.01, from: 2),
      certainties: Self.reached(faces, missing: 0.03, from: 1),
      evidence: EvidenceFit.curves(faces.facesByPerson, faces),
      falseNeighborRate: grouping?.best.falseNeighborRate ?? OperatingPoint.standardFalseNeighborRate)
    pairs = (genuine.total, impostors.total)
    let groups = faces.facesByPerson
    people = (groups.count, groups.count { $0.count > 1 })
    isSeparated = genuine.lies(above: impostors)
    medians = (genuine.median, impostors.median)
    trueMatchRates = points.map { genuine.rate(reaching: $0.threshold) }
  }

  /// How many people with a second photo are needed at least: the photos of one person are no measurements of their own.
  public static let leastPeopleWithSecondPhoto = 30

  /// How many people have ten pairs of different people, or more, at a false match rate: a rate that fewer pairs show is chance.
  public static func leastPeople(falseMatchRate rate: Double) -> Int {
    // n people are n · (n − 1) / 2 pairs.
    Int((0.5 + (0.25 + 20 / rate).squareRoot()).rounded(.up))
  }

  /// What the data set is too small for, a sentence each; empty where the operating point may be used in galleries.
  ///
  /// Even a gallery of one person keeps to `OperatingPoint.loosestRate`, so thresholds need as many people as show that rate.
  public var shortcomings: [String] {
    var sentences: [String] = []
    let needed = Self.leastPeople(falseMatchRate: OperatingPoint.loosestRate)
    if people.all < needed {
      let measured = operatingPoint.points.last?.falseMatchRate ?? 1
      sentences.append(
        "Thresholds are not supported: \(people.all) people, \(pairs.impostor) pairs of two, show a false match rate of "
          + "\(Self.percent(measured)) at best, and galleries need \(Self.percent(OperatingPoint.loosestRate)), for which at least \(needed) people are needed."
      )
    }
    if people.withSecondPhoto < Self.leastPeopleWithSecondPhoto {
      sentences.append(
        "True matches are not supported: \(people.withSecondPhoto) people have a second photo, and at least "
          + "\(Self.leastPeopleWithSecondPhoto) are needed.")
    }
    if isSeparated {
      sentences.append(
        "Probabilities are not supported: all \(pairs.genuine) pairs of one person are more similar than all \(pairs.impostor) pairs of two, so their slope is "
          + "chance; more people, or harder photos, are needed.")
    }
    return sentences
  }

  private static func percent(_ rate: Double) -> String { String(format: "%.2g %%", rate * 100) }

  /// The similarities to the mean of a person's first 1, 2, 3, 4 and 5 photos that all but a share of the person's other photos reach; of
  /// those that were asked about a thousand times.
  static func reached(_ faces: FaceSet, missing share: Double, from first: Int) -> [Float] {
    var levels: [Float] = []
    for count in first...5 {
      var scores: [Float] = []
      for group in faces.facesByPerson where group.count > count {
        let enrolled = Array(group.prefix(count))
        let probes = Array(group[count..<min(group.count, count + 10)])
        let own = faces.similarities(enrolled, to: enrolled)
        let rows = faces.similarities(probes, to: enrolled)
        for row in probes.indices {
          scores.append(PersonRuleReport.score(rows[row * count..<(row + 1) * count], own, count))
        }
      }
      guard scores.count >= 1_000 else { break }
      scores.sort()
      levels.append(max(scores[Int(share * Double(scores.count))], levels.last ?? -1))
    }
    return levels
  }

  /// The maximum-likelihood logistic curve between both distributions at equal weight, by Newton's method.
  static func logistic(
    _ genuine: SimilarityHistogram, _ impostors: SimilarityHistogram
  ) -> (slope: Double, offset: Double) {
    // Centred where the two distributions meet, Newton's method is well conditioned.
    let centre = Double(genuine.median + impostors.median) / 2
    let gap = max(Double(genuine.median - impostors.median), 0.02)
    var points: [(x: Double, same: Double, different: Double)] = []
    for bin in 0..<SimilarityHistogram.bins where genuine.counts[bin] + impostors.counts[bin] > 0 {
      points.append(
        (
          SimilarityHistogram.similarity(of: bin) - centre,
          Double(genuine.counts[bin]) / Double(genuine.total),
          Double(impostors.counts[bin]) / Double(impostors.total)
        ))
    }
    var slope = 3 / gap
    var offset = 0.0
    for _ in 0..<100 {
      var gradient = (slope: 0.0, offset: 0.0)
      var hessian = (ss: 1e-12, so: 0.0, oo: 1e-12)
      for point in points {
        let p = 1 / (1 + exp(-(slope * point.x + offset)))
        let error = point.same * (1 - p) - point.different * p
        let weight = (point.same + point.different) * p * (1 - p)
        gradient.slope += error * point.x
        gradient.offset += error
        hessian.ss += weight * point.x * point.x
        hessian.so += weight * point.x
        hessian.oo += weight
      }
      let determinant = hessian.ss * hessian.oo - hessian.so * hessian.so
      guard determinant > 0 else { break }
      let slopeStep = (hessian.oo * gradient.slope - hessian.so * gradient.offset) / determinant
      let offsetStep = (hessian.ss * gradient.offset - hessian.so * gradient.slope) / determinant
      // Distributions that do not overlap have no finite optimum: the curve is kept from becoming a step.
      slope = min(max(slope + slopeStep, 1 / gap), 1_000 / gap)
      offset = min(max(offset + offsetStep, -1_000), 1_000)
      if abs(slopeStep) < 1e-9 && abs(offsetStep) < 1e-9 { break }
    }
    return (slope, offset - centre * slope)
  }
}
