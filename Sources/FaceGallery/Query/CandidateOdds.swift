internal import FaceEngine
internal import Foundation

/// How likely each candidate of an answer is the person: against a stranger, and against the other candidates.
///
/// A stranger is as likely as the best candidate at the similarity from which that is named (`OperatingPoint.probability`), and by
/// Bayes' rule each candidate is exp(slope · difference) times as likely as another. The verdict is known exactly when the best has 0.5
/// or more.
struct CandidateOdds {
  private let point: OperatingPoint?
  private let named: Float
  private let best: TopFaces.Entry?
  private let isKnown: Bool
  /// Each person's greatest similarity.
  private let similarities: [UInt64: Float]

  /// The odds of these entries, best first.
  ///
  /// - Parameters:
  ///   - named: The similarity from which the best is named.
  ///   - isTold: Whether the best is told from the others.
  init(_ entries: [TopFaces.Entry], named: Float, isTold: Bool, _ point: OperatingPoint?) {
    self.point = point
    self.named = named
    best = entries.first
    isKnown = isTold && entries.first.map { $0.similarity >= named } == true
    similarities = Dictionary(entries.map { ($0.person, $0.similarity) }, uniquingKeysWith: max)
  }

  /// Nil where nothing was measured.
  func probability(of entry: TopFaces.Entry) -> Double? {
    guard let point, let alone = point.probability(similarity: entry.similarity, threshold: named) else {
      return nil
    }
    let others = similarities.reduce(into: 0.0) { sum, other in
      guard other.key != entry.person else { return }
      sum += exp(point.slope * (Double(other.value) - Double(entry.similarity)))
    }
    let shared = alone / (1 + others)
    guard isKnown, entry.person == best?.person else { return min(shared, (0.5).nextDown) }
    return entry.face == best?.face ? max(shared, 0.5) : shared
  }
}
