import Foundation

/// How the search rate falls as recall rises, at several efforts.
public struct RecallCurve: Sendable, Codable {
  /// One effort.
  public struct Level: Sendable, Codable, Hashable {
    /// The effort: ef, or what the engine calls it.
    public let effort: Int
    /// The share of true neighbours found.
    public let recall: Double
    /// Queries a CPU second.
    public var rate: Double

    /// A level by its figures.
    public init(effort: Int, recall: Double, rate: Double) {
      self.effort = effort
      self.recall = recall
      self.rate = rate
    }
  }

  /// The levels, by effort.
  public var levels: [Level]

  /// A curve through levels.
  public init(_ levels: [Level]) { self.levels = levels.sorted { $0.effort < $1.effort } }

  /// The greatest recall reached.
  public var greatestRecall: Double { levels.map(\.recall).max() ?? 0 }

  /// The neighbouring levels below and at or above a recall, the cheapest such pair; `nil` when the recall is
  /// not reached. Both are the first level when that reaches it already.
  public func bracket(_ recall: Double) -> (below: Level, above: Level)? {
    guard let index = levels.firstIndex(where: { $0.recall >= recall }) else { return nil }
    return (levels[max(0, index - 1)], levels[index])
  }

  /// The rate at a recall, between the levels of its bracket: the logarithm of the rate is taken as linear in
  /// the logarithm of 1 − recall, as it nearly is for graph searches.
  ///
  /// A recall that the least effort exceeds is answered with that effort's rate, which favours nobody: it is
  /// what a user would get.
  public func rate(at recall: Double) -> Double? {
    guard let (below, above) = bracket(recall) else { return nil }
    let miss = { (recall: Double) in log(max(1 - recall, 1e-6)) }
    let span = miss(below.recall) - miss(above.recall)
    guard span > 1e-12 else { return above.rate }
    let share = (miss(below.recall) - miss(recall)) / span
    return exp(log(below.rate) + share * (log(above.rate) - log(below.rate)))
  }
}
