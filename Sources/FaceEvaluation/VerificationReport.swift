/// Verification by a k-fold protocol: of each fold, with the threshold that is best on the others.
public struct VerificationReport: Sendable, Codable {
  /// A point of the receiver operating characteristic.
  public struct RatePoint: Sendable, Codable, Hashable {
    /// The share of pairs of different people that are accepted.
    public let falseAcceptRate: Double
    /// The share of pairs of one person that are accepted.
    public let trueAcceptRate: Double
  }

  /// The mean over the folds, 0…1.
  public let accuracy: Double
  /// The accuracy of each fold, 0…1.
  public let folds: [Double]
  /// Of the mean.
  public let standardError: Double
  /// Pairs of all folds.
  public let pairs: Int
  /// Pairs with a photo that has no face; they are answered "different people".
  public let pairsWithoutFace: Int
  /// The area under ``curve``.
  public let areaUnderCurve: Double
  /// The rate at which as many strangers are accepted as people are rejected.
  public let equalErrorRate: Double
  /// The rates at FAR 1e-1, 1e-2, 1e-3 and 1e-4.
  public let atFalseAcceptRates: [RatePoint]
  /// Every step of the curve, from (0, 0) to (1, 1).
  public let curve: [RatePoint]

  /// A pair as it was compared.
  package typealias Judged = (similarity: Float, isSame: Bool)

  /// Judges the pairs of a protocol.
  public init(_ pairs: PairsFile, _ faces: FaceSet) {
    var missing = 0
    let folds = pairs.folds.map { Self.judged($0, faces, missing: &missing) }
    self.init(folds, missing: missing)
  }

  /// The similarities of pairs of photos; −1 for a pair with a photo that has no face.
  static func judged(_ pairs: [PairsFile.Pair], _ faces: FaceSet, missing: inout Int) -> [Judged] {
    pairs.map { pair in
      guard let first = faces.place[pair.first], let second = faces.place[pair.second] else {
        missing += 1
        return (-1, pair.isSame)
      }
      return (faces.similarity(first, second), pair.isSame)
    }
  }

  /// Judges folds of pairs that were compared before; `missing` of them had a photo without a face.
  package init(_ folds: [[Judged]], missing: Int) {
    let accuracies = folds.indices.map { held in
      let threshold = Self.bestThreshold(folds.indices.filter { $0 != held }.flatMap { folds[$0] })
      return Self.accuracy(folds[held], threshold)
    }
    let mean = accuracies.reduce(0, +) / Double(accuracies.count)
    let variance = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(accuracies.count)
    accuracy = mean
    self.folds = accuracies
    standardError = (variance / Double(accuracies.count)).squareRoot()
    pairsWithoutFace = missing
    let all = folds.flatMap { $0 }
    self.pairs = all.count
    let curve = Self.curve(all)
    self.curve = curve
    var area = 0.0
    for (a, b) in zip(curve, curve.dropFirst()) {
      area += (b.falseAcceptRate - a.falseAcceptRate) * (a.trueAcceptRate + b.trueAcceptRate) / 2
    }
    areaUnderCurve = area
    equalErrorRate =
      curve.map { max($0.falseAcceptRate, 1 - $0.trueAcceptRate) }.min() ?? 1
    atFalseAcceptRates = [0.1, 0.01, 0.001, 0.0001].map { rate in
      let reached = curve.last { $0.falseAcceptRate <= rate }
      return RatePoint(falseAcceptRate: rate, trueAcceptRate: reached?.trueAcceptRate ?? 0)
    }
  }

  private static func curve(_ pairs: [Judged]) -> [RatePoint] {
    let same = Double(max(pairs.count { $0.isSame }, 1))
    let different = Double(max(pairs.count { !$0.isSame }, 1))
    var accepted = (same: 0, different: 0)
    var points = [RatePoint(falseAcceptRate: 0, trueAcceptRate: 0)]
    let sorted = pairs.sorted { $0.similarity > $1.similarity }
    for (index, pair) in sorted.enumerated() {
      if pair.isSame { accepted.same += 1 } else { accepted.different += 1 }
      // Equal similarities are accepted together.
      if index + 1 < sorted.count, sorted[index + 1].similarity == pair.similarity { continue }
      points.append(
        RatePoint(
          falseAcceptRate: Double(accepted.different) / different,
          trueAcceptRate: Double(accepted.same) / same))
    }
    return points
  }

  /// The share of pairs that a threshold answers rightly.
  package static func accuracy(_ pairs: [Judged], _ threshold: Float) -> Double {
    Double(pairs.count { ($0.similarity >= threshold) == $0.isSame }) / Double(pairs.count)
  }

  /// The threshold that answers most pairs rightly.
  package static func bestThreshold(_ pairs: [Judged]) -> Float {
    // Going down the similarities, each pair that is passed becomes "same".
    var right = pairs.count { !$0.isSame }
    var best = (right: right, threshold: Float.infinity)
    for pair in pairs.sorted(by: { $0.similarity > $1.similarity }) {
      right += pair.isSame ? 1 : -1
      if right > best.right { best = (right, pair.similarity) }
    }
    return best.threshold
  }
}
