internal import FaceEngine

/// How likely each candidate of an answer is the person, beside the other candidates and somebody who is not in the gallery
/// (`CandidateShares`). The verdict is known exactly when the best has 0.5 or more.
///
/// The odds of all are by the evidence for as many faces as the best candidate is judged by, as the threshold is: so they fall in the
/// order of the candidates.
///
/// - Complexity: O(*k*) for all of *k* entries together.
struct CandidateOdds {
  private let best: TopFaces.Entry?
  private let shares: CandidateShares
  /// The place of each person.
  private let places: [UInt64: Int]
  /// The logarithm of the odds of a similarity; nil where nothing was measured.
  private let logOdds: (Float) -> Double?

  /// The odds of these entries, best first.
  ///
  /// - Parameters:
  ///   - faces: By how many faces the best is judged.
  ///   - people: How many people, or faces, are compared with.
  ///   - named: The similarity from which the best is named.
  ///   - isTold: Whether the best is told from the others.
  init(
    _ entries: [TopFaces.Entry], faces: Int, people: Int, named: Float, isTold: Bool, _ point: OperatingPoint?
  ) {
    best = entries.first
    logOdds = { point?.logOdds(similarity: $0, faces: faces, people: people, threshold: named) }
    var (places, odds): ([UInt64: Int], [Double]) = ([:], [])
    // The best entry of each person, in their order, so that sums are the same to the last bit.
    for entry in entries where places[entry.person] == nil {
      guard let own = logOdds(entry.similarity) else { break }
      places[entry.person] = odds.count
      odds.append(own)
    }
    self.places = places
    let isKnown = isTold && entries.first.map { $0.similarity >= named } == true
    shares = CandidateShares(odds, isKnown: isKnown, hasEvidence: point?.evidence.isEmpty == false)
  }

  /// Nil where nothing was measured.
  func probability(of entry: TopFaces.Entry) -> Double? {
    guard let own = logOdds(entry.similarity), let place = places[entry.person] else { return nil }
    return shares.probability(at: place, logOdds: own, isBest: entry.face == best?.face)
  }
}
