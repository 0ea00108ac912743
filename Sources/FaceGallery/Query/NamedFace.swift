public import FaceEngine

/// One face of a photo with the name that the gallery gives it.
public struct NamedFace: Sendable, Hashable {
  /// Where the face is.
  public let detection: DetectedFace
  /// The person's name; nil when nobody is similar enough.
  public let name: String?
  /// Cosine similarity to the most similar person, named or not; nil when the gallery is empty.
  public let similarity: Float?
}
