internal import FaceEngine

/// How likely each candidate of an answer is the person: against a stranger, and against the other candidates.
///
/// They are those of `OperatingPoint.probability`, with the similarity from which the best candidate is named for the threshold. The
/// verdict is known exactly when the best has 0.5 or more.
struct CandidateOdds {
  private let point: OperatingPoint?
  private let named: Float
  private let best: TopFaces.Entry?
  private let isKnown: Bool
  /// The best entry of each person, in their order, so that sums are the same to the last bit.
  private let people: [TopFaces.Entry]

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
    var seen: Set<UInt64> = []
    people = entries.filter { seen.insert($0.person).inserted }
  }

  /// Nil where nothing was measured.
  func probability(of entry: TopFaces.Entry) -> Double? {
    guard
      let shared = point?.probability(
        similarity: entry.similarity, threshold: named,
        besides: people.lazy.filter { $0.person != entry.person }.map(\.similarity))
    else { return nil }
    guard isKnown, entry.person == best?.person else { return min(shared, (0.5).nextDown) }
    return entry.face == best?.face ? max(shared, 0.5) : shared
  }
}
