/// How alike two embeddings are.
public struct Comparison: Sendable, Hashable, Codable {
  /// Cosine of the angle between them, −1…1; greater is more alike.
  public let cosineSimilarity: Float
  /// Squared Euclidean distance, 0…4; smaller is more alike.
  public let squaredDistance: Float
}
