public import FaceEngine

/// Whether the probabilities that answers show of their first candidate are right: of those that show 0.8, four of five should be.
///
/// Galleries are asked about people in them and about strangers, both kinds counted equally. The evidence is fitted to one half of the
/// people, and the other half is asked about, each in turn.
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

  /// People enrolled.
  public let people: Int
  /// Faces enrolled of each.
  public let faces: Int
  /// The bins with answers, rising.
  public let bins: [Bin]
  /// By how much the probabilities that are shown and the shares that are right differ, in the mean over all answers.
  public let meanError: Double
  /// The same without evidence, with the prior that the threshold stands for: what is shown where only pairs were measured.
  public let meanErrorByThreshold: Double

  /// Where bins begin: most answers are nearly certain, one way or the other.
  private static let edges = [0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999]

  /// The sizes of galleries, and the numbers of faces of each person.
  private static let sizes = (people: [10, 100, 1_000, 5_000], faces: [1, 2, 3, 5])

  /// The reports of galleries of several sizes, as far as there are enough people.
  ///
  /// - Parameter point: The thresholds by which a verdict is made.
  public static func reports(_ set: FaceSet, point: OperatingPoint) -> [ReliabilityReport] {
    let (first, second) = set.halves(seed: 1)
    let halves = [(first, second), (second, first)].map { fitted, judged in
      (curves: EvidenceFit.curves(fitted, set), fitted: fitted, judged: judged)
    }
    guard halves.allSatisfy({ !$0.curves.isEmpty }) else { return [] }
    var reports: [ReliabilityReport] = []
    for faces in sizes.faces {
      for people in sizes.people {
        var (shown, byThreshold): ([Shown], [Shown]) = ([], [])
        for half in halves {
          guard
            let galleries = GalleryTrials(
              people: people, faces: faces, judged: half.judged, others: half.fitted, set, seed: 100)
          else { continue }
          shown += answers(galleries, point.with(half.curves))
          byThreshold += answers(galleries, point.with([]))
        }
        if !shown.isEmpty {
          reports.append(ReliabilityReport(shown, people: people, faces: faces, byThreshold: byThreshold))
        }
      }
    }
    return reports
  }

  /// What answers show.
  private static func answers(_ galleries: GalleryTrials, _ point: OperatingPoint) -> [Shown] {
    let weights = galleries.weights
    return galleries.trials.compactMap { trial in
      point.shown(trial.best, people: galleries.people, faces: galleries.faces).map {
        Shown(
          probability: $0, isRight: trial.isRight,
          weight: trial.own == nil ? weights.stranger : weights.known)
      }
    }
  }

  /// The report of these answers.
  ///
  /// - Parameter byThreshold: The same answers by the threshold's prior.
  init(_ answers: [Shown], people: Int = 0, faces: Int = 1, byThreshold: [Shown] = []) {
    (bins, meanError) = Self.bins(answers)
    (self.people, self.faces) = (people, faces)
    meanErrorByThreshold = Self.bins(byThreshold).meanError
  }

  private static func bins(_ answers: [Shown]) -> (bins: [Bin], meanError: Double) {
    var bins: [Bin] = []
    var (error, weight) = (0.0, 0.0)
    for (place, from) in edges.enumerated() {
      let end = place + 1 < edges.count ? edges[place + 1] : .infinity
      let within = answers.filter { $0.probability >= from && $0.probability < end }
      let total = within.reduce(0) { $0 + $1.weight }
      guard total > 0 else { continue }
      let shown = within.reduce(0) { $0 + $1.weight * $1.probability } / total
      let right = within.reduce(0) { $0 + ($1.isRight ? $1.weight : 0) } / total
      bins.append(Bin(from: from, answers: within.count, shown: shown, right: right))
      error += total * abs(shown - right)
      weight += total
    }
    return (bins, weight > 0 ? error / weight : 0)
  }
}

extension OperatingPoint {
  /// The same thresholds with other evidence.
  func with(_ evidence: [Evidence]) -> OperatingPoint {
    OperatingPoint(
      points: points, slope: slope, offset: offset, nearDuplicate: nearDuplicate, floors: floors,
      certainties: certainties, evidence: evidence, falseNeighborRate: falseNeighborRate)
  }

  /// The probability that a gallery shows of its best candidate: at least ½ exactly when it is named, as in `Answer`. Nil when nothing was
  /// measured.
  ///
  /// - Parameters:
  ///   - similarities: To the most similar people, best first.
  ///   - people: How many there are.
  ///   - faces: How many of each.
  func shown(_ similarities: [Float], people: Int, faces: Int) -> Double? {
    guard let best = similarities.first, let margin else { return nil }
    let named = [floor(faces: faces), certainty(faces: faces)].compactMap { $0 }
      .reduce(threshold(faces: people * faces), max)
    let odds = similarities.compactMap {
      logOdds(similarity: $0, faces: faces, people: people, threshold: named)
    }
    guard let own = odds.first else { return nil }
    let isNamed = best >= named && similarities.dropFirst().first.map { $0 <= best - margin } != false
    return CandidateShares(odds, isKnown: isNamed, hasEvidence: !evidence.isEmpty)
      .probability(at: 0, logOdds: own, isBest: true)
  }
}
