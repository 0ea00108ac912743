/// How a search is done and what it may answer.
public struct SearchOptions: Sendable {
  /// Who answers a search.
  public enum Plan: String, Sendable, Hashable {
    /// The cheaper of graph and exact scan, judged by count, filter and k.
    case automatic
    /// The graph, whatever it costs.
    case graph
    /// A scan of every vector: recall 1.
    case exact
  }

  /// Size of the graph search's candidate pool; `nil` takes it from ``recall``, else the index's default.
  public var ef: Int?

  /// Recall to aim for, 0…1, where ``ef`` is `nil`.
  ///
  /// The ef that reaches it was found by ``HNSWIndex/tune(recall:k:)``. Where that was not called, or as many vectors have
  /// since been added, replaced and removed as there were, the search that first asks for a recall tunes, which takes
  /// four hundred exact scans; others go on meanwhile. ``Plan/automatic`` scans where the graph does not reach the recall,
  /// or not for less; ``SearchResult/expectedRecall`` says what was reached.
  public var recall: Double?

  /// Who answers.
  public var plan: Plan

  /// Only vectors whose key passes are returned. Called from the searching thread, perhaps several times a key.
  /// It may search the index, but a change or save of it throws ``IndexError/calledFromCallback``.
  public var filter: (@Sendable (UInt64) -> Bool)?

  /// Maps a key to its group: only the best neighbour of each group is returned and k counts groups.
  public var groupBy: (@Sendable (UInt64) -> UInt64)?

  /// Called while not all of a mapped index is in memory, with the keys that ``filter`` and ``groupBy`` are likely to be asked
  /// about: what they need can be brought in at once.
  package var expecting: (@Sendable ([UInt64]) -> Void)?

  /// A node that the graph is searched and answered without, as if it had never been added.
  var absence: Absence?

  /// Only neighbours at least this similar (at most this distant, for ``Metric/squaredDistance``) are returned.
  public var minimumScore: Float?

  /// Creates options; without arguments, the index decides everything.
  public init(
    ef: Int? = nil, recall: Double? = nil, plan: Plan = .automatic,
    filter: (@Sendable (UInt64) -> Bool)? = nil, groupBy: (@Sendable (UInt64) -> UInt64)? = nil,
    minimumScore: Float? = nil
  ) {
    self.ef = ef
    self.recall = recall
    self.plan = plan
    self.filter = filter
    self.groupBy = groupBy
    self.minimumScore = minimumScore
  }

  func validate(k: Int) throws(IndexError) {
    guard k >= 0 else {
      throw .invalidParameter(name: "k", value: "\(k)", allowed: "0 or more")
    }
    if let ef, ef < 1 {
      throw .invalidParameter(name: "ef", value: "\(ef)", allowed: "1 or more")
    }
    if let recall, !(0...1).contains(recall) {
      throw .invalidParameter(name: "recall", value: "\(recall)", allowed: "0 to 1")
    }
    if let minimumScore, minimumScore.isNaN {
      throw .invalidParameter(name: "minimumScore", value: "nan", allowed: "a number")
    }
  }
}
