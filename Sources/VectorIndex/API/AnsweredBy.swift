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
