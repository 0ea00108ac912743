public import FaceEngine
public import GalleryStore

/// One candidate of an answer.
public struct Match: Sendable, Hashable, Codable {
  /// Whose face it is.
  public let person: PersonID
  /// The person's name.
  public let name: String
  /// The face that is most like the probe.
  public let face: FaceID
  /// Cosine similarity to the probe, −1…1, computed in float32 from the stored embeddings: of the face, or of the person
  /// by ``QueryOptions/rule``.
  public let similarity: Float
  /// Squared Euclidean distance to the probe: 2 − 2 · similarity.
  public let squaredDistance: Float
  /// Probability that both are the same person in a gallery with the answer's threshold: at least ½ exactly when the
  /// similarity reaches it. Nil when there is no engine with a measured operating point.
  public let probability: Double?
}

/// Whether the gallery knows the probe.
public enum Verdict: Sendable, Hashable {
  /// The best candidate reaches the threshold.
  case known(Match)
  /// Nobody reaches the threshold.
  case unknown
}

/// What a gallery says about one embedding.
public struct Answer: Sendable, Hashable {
  /// The most similar people or faces, best first, ties by face number: `k`, or all there are.
  public let candidates: [Match]

  /// The similarity from which the best candidate is taken for the person: it follows the gallery's size, and is at least
  /// `OperatingPoint.floor(faces:)` for a person who is judged by several faces.
  public let threshold: Float

  /// Which way the search went, and why.
  public let plan: String

  /// The last committed change that the answer takes into account.
  public let sequence: UInt64

  /// The best candidate when it reaches the threshold, otherwise unknown: nobody is named below it.
  public var verdict: Verdict {
    guard let best = candidates.first, best.similarity >= threshold else { return .unknown }
    return .known(best)
  }
}

/// What a gallery says about one face of a photo.
public struct ProbeAnswer: Sendable, Hashable {
  /// The face.
  public let face: Face
  /// Who it is.
  public let answer: Answer
}

/// How alike two embeddings are.
public struct Comparison: Sendable, Hashable, Codable {
  /// Cosine of the angle between them, −1…1; greater is more alike.
  public let cosineSimilarity: Float
  /// Squared Euclidean distance, 0…4; smaller is more alike.
  public let squaredDistance: Float
}

/// One face of a photo with the name that the gallery gives it.
public struct NamedFace: Sendable, Hashable {
  /// Where the face is.
  public let detection: DetectedFace
  /// The person's name; nil when nobody is similar enough.
  public let name: String?
  /// Cosine similarity to the most similar person, named or not; nil when the gallery is empty.
  public let similarity: Float?
}

/// Whether two photos show the same person.
public struct Verification: Sendable, Hashable {
  /// The largest face of each photo.
  public let faces: [Face]
  /// How many faces each photo shows: with more than one, another than the largest may be meant.
  public let faceCounts: [Int]
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
