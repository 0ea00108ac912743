internal import Foundation

extension OperatingPoint {
  /// The logarithm of how many times as likely a person of a gallery is to be who is asked about as somebody who is not in it.
  ///
  /// By Bayes' rule it is the measured ``evidence(faces:)`` less the logarithm of the number of people: before anything was compared each of
  /// them is as likely as the others, and all together as likely as somebody else. Where no evidence was measured the prior is the one that
  /// the threshold stands for: both are equally likely at it, slope · (similarity − threshold).
  ///
  /// - Parameters:
  ///   - similarity: To the person.
  ///   - faces: By how many of the person's faces.
  ///   - people: How many people the gallery has; what is counted, if more than one similarity a person is.
  ///   - threshold: The similarity from which the person is named.
  /// - Returns: Nil when nothing was measured, or a greater similarity does not make it more likely.
  public func logOdds(similarity: Float, faces: Int, people: Int, threshold: Float) -> Double? {
    guard isCalibrated else { return nil }
    if let evidence = evidence(faces: faces) {
      return evidence.slope * Double(similarity) + evidence.offset - log(Double(max(people, 1)))
    }
    return slope > 0 ? slope * (Double(similarity) - Double(threshold)) : nil
  }
}

/// The probabilities of the people whom an answer looks at, which with that of somebody who is not in the gallery have the sum 1, or less
/// where the verdict says so.
///
/// By Bayes' rule each has odds / (1 + the sum of all odds). Without evidence it is, as in versions before there was any, the probability
/// beside a stranger times the share of the odds. A probability must not contradict the verdict, which is made by thresholds: the best
/// candidate has ½ at least when it is known, and everybody less than ½ otherwise.
///
/// - Complexity: O(*k*) for all of *k* people together.
package struct CandidateShares {
  private let isKnown: Bool
  private let hasEvidence: Bool
  /// The logarithm of the odds of all other people together, for each person.
  private let others: [Double]
  /// By what the probabilities of the others shrink where the best has been given ½.
  private var rest = 1.0

  /// - Parameters:
  ///   - logOdds: Logarithms of the people's odds, the best first.
  ///   - isKnown: Whether the verdict names the best.
  ///   - hasEvidence: Whether the odds are by evidence and the number of people, not by the threshold.
  package init(_ logOdds: [Double], isKnown: Bool, hasEvidence: Bool) {
    self.isKnown = isKnown
    self.hasEvidence = hasEvidence
    // The sums go from both ends, so that nothing is subtracted and no digit is lost.
    var sums = [Double](repeating: -.infinity, count: logOdds.count)
    var (before, after) = (-Double.infinity, -Double.infinity)
    for place in logOdds.indices {
      sums[place] = before
      before = Self.logSum(before, logOdds[place])
    }
    for place in logOdds.indices.reversed() {
      sums[place] = Self.logSum(sums[place], after)
      after = Self.logSum(after, logOdds[place])
    }
    others = sums
    guard isKnown, !logOdds.isEmpty else { return }
    let best = share(logOdds[0], at: 0)
    if best < 0.5 { rest = 0.5 / (1 - best) }
  }

  /// The probability that the face is of the person at a place.
  ///
  /// - Parameters:
  ///   - place: The place of the person.
  ///   - logOdds: The logarithm of the odds by one of the person's faces, not above those given for the person.
  ///   - isBest: Whether this is the face that the verdict is about.
  package func probability(at place: Int, logOdds: Double, isBest: Bool) -> Double {
    let value = share(logOdds, at: place)
    guard isKnown else { return min(value, (0.5).nextDown) }
    if place == 0 { return isBest ? max(value, 0.5) : value }
    return min(value * rest, (0.5).nextDown)
  }

  /// What Bayes' rule says, whatever the verdict.
  private func share(_ logOdds: Double, at place: Int) -> Double {
    hasEvidence
      ? Self.share(logOdds, beside: Self.logSum(0, others[place]))
      : Self.share(logOdds, beside: 0) * Self.share(logOdds, beside: others[place])
  }

  /// e^a / (e^a + e^b).
  private static func share(_ a: Double, beside b: Double) -> Double { 1 / (1 + exp(b - a)) }

  /// The logarithm of the sum of two numbers whose logarithms these are.
  private static func logSum(_ a: Double, _ b: Double) -> Double {
    let (less, more) = (min(a, b), max(a, b))
    return less == -.infinity ? more : more + log1p(exp(less - more))
  }
}
