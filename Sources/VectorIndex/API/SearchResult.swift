/// The answer to a search, and who gave it.
public struct SearchResult: Sendable, Hashable {
  /// The neighbours, best first, equal scores by key. Fewer than asked for when there are no more.
  public let neighbors: [Neighbor]

  /// Which path answered and why.
  public let plan: AnsweredBy

  /// The recall that searches of this effort had when it was measured, or a little less; 1 for an exact scan, `nil` where
  /// it was not measured.
  ///
  /// Where a search asked for ``SearchOptions/recall``, this says what it got. It was measured without filters, groups and
  /// least scores.
  public let expectedRecall: Double?

  init(neighbors: [Neighbor], plan: AnsweredBy, expectedRecall: Double? = nil) {
    self.neighbors = neighbors
    self.plan = plan
    self.expectedRecall = plan.isExact ? 1 : expectedRecall
  }
}

/// A stored vector near a query.
public struct Neighbor: Sendable, Hashable {
  /// The key under which the vector was added.
  public let key: UInt64

  /// The exact float32 similarity (``Metric/cosine``, ``Metric/innerProduct``: greater is closer) or distance
  /// (``Metric/squaredDistance``: smaller is closer).
  public let score: Float

  /// Creates a neighbour from its key and score.
  public init(key: UInt64, score: Float) {
    self.key = key
    self.score = score
  }
}

/// Which path answered a search, and why it was chosen.
public enum AnsweredBy: String, Sendable, Hashable, CaseIterable {
  /// The graph: the usual case.
  case graph
  /// The graph, whose pool had to grow until enough neighbours passed the filter or enough groups were found.
  case widenedGraph
  /// The exact scan, because it was asked for.
  case exactAsAsked
  /// The exact scan, because the index is small enough for it to be the faster one.
  case exactAsSmall
  /// The exact scan, because so few vectors pass the filter that the graph would be the slower one.
  case exactAsNarrow
  /// The exact scan, because the graph would have had to visit most of the index to find enough.
  case exactAsExhaustive
  /// The exact scan, because the recall that was asked for is not known to be reached by the graph for less.
  case exactAsMeasured

  /// Whether the answer is exact (recall 1).
  public var isExact: Bool { self != .graph && self != .widenedGraph }
}
