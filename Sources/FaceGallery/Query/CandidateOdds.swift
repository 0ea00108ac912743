internal import FaceEngine
internal import Foundation

/// How likely each candidate of an answer is the person: against a stranger, and against the other candidates.
///
/// They are those of `OperatingPoint.probability`, with the similarity from which the best candidate is named for the threshold. The
/// verdict is known exactly when the best has 0.5 or more.
///
/// - Complexity: O(*k*) for all of *k* entries together.
struct CandidateOdds {
  private let point: OperatingPoint?
  private let named: Float
  private let best: TopFaces.Entry?
  private let isKnown: Bool
  /// What all people but one weigh together, by that person, beside one whose similarity is ``reference``: the logarithm of the sum of
  /// exp(slope · difference), which may itself be out of range.
  private let others: [UInt64: Double]
  /// The greatest similarity.
  private let reference: Float

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
    let reference = entries.map(\.similarity).max() ?? 0
    self.reference = reference
    others = point.map { Self.others(entries, slope: $0.slope, reference: reference) } ?? [:]
  }

  /// Nil where nothing was measured.
  func probability(of entry: TopFaces.Entry) -> Double? {
    guard let point, let alone = point.probability(similarity: entry.similarity, threshold: named) else {
      return nil
    }
    let difference = point.slope * (Double(reference) - Double(entry.similarity))
    let shared = alone / (1 + exp(difference + (others[entry.person] ?? -.infinity)))
    guard isKnown, entry.person == best?.person else { return min(shared, (0.5).nextDown) }
    return entry.face == best?.face ? max(shared, 0.5) : shared
  }

  /// See ``others``. The sums go from both ends, so that nothing is subtracted and no digit is lost.
  private static func others(
    _ entries: [TopFaces.Entry], slope: Double, reference: Float
  ) -> [UInt64: Double] {
    var seen: Set<UInt64> = []
    // The best entry of each person, in their order, so that sums are the same to the last bit.
    let people = entries.filter { seen.insert($0.person).inserted }
    let weights = people.map { slope * (Double($0.similarity) - Double(reference)) }
    var sums = [Double](repeating: -.infinity, count: people.count)
    var (before, after) = (-Double.infinity, -Double.infinity)
    for place in people.indices {
      sums[place] = before
      before = Self.logSum(before, weights[place])
    }
    for place in people.indices.reversed() {
      sums[place] = Self.logSum(sums[place], after)
      after = Self.logSum(after, weights[place])
    }
    var others: [UInt64: Double] = [:]
    others.reserveCapacity(people.count)
    for (person, sum) in zip(people, sums) { others[person.person] = sum }
    return others
  }

  /// The logarithm of the sum of two numbers whose logarithms these are.
  private static func logSum(_ a: Double, _ b: Double) -> Double {
    let (less, more) = (min(a, b), max(a, b))
    return less == -.infinity ? more : more + log1p(exp(less - more))
  }
}
