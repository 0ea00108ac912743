internal import FaceEngine

/// Whether the probabilities that answers show are right: of those that show 0.8, four of five should be.
public struct ReliabilityReport: Sendable, Codable, Hashable {
  /// Answers that show about the same probability.
  public struct Bin: Sendable, Codable, Hashable {
    /// The least probability of the bin; the next bin's is above all of them.
    public let from: Double
    /// How many answers there are.
    public let answers: Int
    /// The mean of the probabilities that they show.
    public let shown: Double
    /// The share of them whose best candidate is the person.
    public let right: Double
  }

  /// What one answer shows of its best candidate.
  struct Shown {
    let probability: Double
    let isRight: Bool
    /// How much it counts.
    let weight: Double
  }

  /// The bins with answers, rising.
  public let bins: [Bin]
  /// By how much the probabilities that are shown and the shares that are right differ, in the mean over all answers.
  public let meanError: Double

  /// Where bins begin: most answers are nearly certain, one way or the other.
  private static let edges = [0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999]

  /// The report of these answers.
  init(_ answers: [Shown]) {
    var bins: [Bin] = []
    var (error, weight) = (0.0, 0.0)
    for (place, from) in Self.edges.enumerated() {
      let end = place + 1 < Self.edges.count ? Self.edges[place + 1] : .infinity
      let within = answers.filter { $0.probability >= from && $0.probability < end }
      let total = within.reduce(0) { $0 + $1.weight }
      guard total > 0 else { continue }
      let shown = within.reduce(0) { $0 + $1.weight * $1.probability } / total
      let right = within.reduce(0) { $0 + ($1.isRight ? $1.weight : 0) } / total
      bins.append(Bin(from: from, answers: within.count, shown: shown, right: right))
      error += total * abs(shown - right)
      weight += total
    }
    self.bins = bins
    meanError = weight > 0 ? error / weight : 0
  }
}

extension OperatingPoint {
  /// What a gallery of people with one face each shows of its best candidate; nil when nothing was measured.
  ///
  /// - Parameter similarities: To all of them.
  /// - Returns: Who is the best, and the probability: at least ½ exactly when it is named, as in `Answer`.
  func shown(_ similarities: ArraySlice<Float>) -> (best: Int, probability: Double)? {
    guard let best = similarities.indices.max(by: { similarities[$0] < similarities[$1] }) else { return nil }
    let similarity = similarities[best]
    let others = similarities[..<best] + similarities[(best + 1)...]
    // As many people as a query for five looks at.
    let rivals = others.sorted(by: >).prefix(14)
    let named = max(threshold(faces: similarities.count), certainty(faces: 1) ?? -1)
    guard let shared = probability(similarity: similarity, threshold: named, besides: rivals), let margin
    else { return nil }
    let isNamed = similarity >= named && rivals.first.map { $0 <= similarity - margin } != false
    return (best - similarities.startIndex, isNamed ? max(shared, 0.5) : min(shared, (0.5).nextDown))
  }
}
