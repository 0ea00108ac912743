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
