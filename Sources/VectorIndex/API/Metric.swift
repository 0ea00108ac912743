/// How closeness of two vectors is measured.
public enum Metric: String, Sendable, Hashable, CaseIterable {
  /// Cosine similarity, −1…1; vectors are scaled to unit length when they are added. Greater is closer.
  case cosine
  /// Inner product of the vectors as given. Greater is closer.
  case innerProduct
  /// Squared Euclidean distance. Smaller is closer.
  case squaredDistance
}
