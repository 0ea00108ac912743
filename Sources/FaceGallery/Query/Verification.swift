public import FaceEngine

/// Whether two photos show the same person.
public struct Verification: Sendable, Hashable {
  /// The largest face of each photo.
  public let faces: [Face]
  /// How alike they are.
  public let comparison: Comparison
  /// The cosine similarity from which they are taken for the same person.
  public let threshold: Float
  /// Probability that they are the same person for this threshold: at least ½ exactly when the similarity reaches it.
  /// Nil when the engine is not calibrated.
  public let probability: Double?
  /// Whether the similarity reaches the threshold.
  public var isSamePerson: Bool { comparison.cosineSimilarity >= threshold }
}
