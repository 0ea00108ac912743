/// The answer to a search, and who gave it.
public struct SearchResult: Sendable, Hashable {
  /// The neighbours, best first, equal scores by key. Fewer than asked for when there are no more.
  public let neighbors: [Neighbor]

  /// Which path answered and why.
  public let plan: AnsweredBy

  init(neighbors: [Neighbor], plan: AnsweredBy) {
    self.neighbors = neighbors
    self.plan = plan
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

  /// Whether the answer is exact (recall 1).
  public var isExact: Bool { self != .graph && self != .widenedGraph }
}
