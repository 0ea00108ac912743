/// A detected face with its embedding.
public struct Face: Sendable, Hashable {
  /// Where the face is and how good.
  public var detection: DetectedFace

  /// What it looks like.
  public var embedding: Embedding

  /// A face by its parts.
  public init(detection: DetectedFace, embedding: Embedding) {
    self.detection = detection
    self.embedding = embedding
  }
}
