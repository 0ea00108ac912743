/// How closeness is measured, by the names of the command line.
public enum Score: String, Sendable, CaseIterable, Codable {
  /// Cosine similarity.
  case cosine
  /// Inner product.
  case ip
  /// Squared Euclidean distance.
  case l2
}
