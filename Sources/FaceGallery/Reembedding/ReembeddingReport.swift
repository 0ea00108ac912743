/// What came of the change to another engine.
public struct ReembeddingReport: Sendable, Hashable, Codable {
  /// A face whose embedding could not be made again.
  public struct MissingFace: Sendable, Hashable, Codable {
    /// The face's number.
    public let face: FaceID
    /// Whose face it is; nil for a face without a name.
    public let person: String?
    /// Where its photo was when it was added.
    public let path: String?
    /// Why there is no new embedding, as one sentence.
    public let reason: String
  }

  /// Whether the gallery is the new engine's now.
  public internal(set) var isSwitched = false

  /// Faces embedded by this run.
  public internal(set) var embedded = 0

  /// Faces that an interrupted or stopped run had embedded before.
  public internal(set) var resumed = 0

  /// Faces without a new embedding, in the order of their numbers.
  public internal(set) var missing: [MissingFace] = []

  /// What could not be done of what is derived, a sentence each: the gallery is the new engine's all the same.
  public internal(set) var warnings: [String] = []

  /// How many of those were removed from the gallery.
  public internal(set) var dropped = 0
}
