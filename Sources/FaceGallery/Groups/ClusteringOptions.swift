/// How faces without a name are grouped.
public struct ClusteringOptions: Sendable, Hashable {
  /// Cosine similarity from which two faces are neighbours; nil lets one face in five have a stranger among its
  /// neighbours, by the engine's operating point.
  public var threshold: Float?

  /// Each face is compared with so many of its nearest faces, 1 to 1000.
  public var neighbors: Int

  /// Smaller groups are left out.
  public var minimumFaces: Int

  /// Options; the defaults keep groups pure rather than complete.
  public init(threshold: Float? = nil, neighbors: Int = 20, minimumFaces: Int = 2) {
    self.threshold = threshold
    self.neighbors = neighbors
    self.minimumFaces = minimumFaces
  }
}
