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
