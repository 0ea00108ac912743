public import FaceEngine
public import GalleryStore
public import Imaging

/// One candidate of an answer.
public struct Match: Sendable, Hashable {
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
  /// Probability that both are the same person, given the number of people in the gallery and the other candidates: at least ½ exactly for
  /// the person of a known face, and with the other people's at most 1. Nil when there is no engine with a measured operating point.
  public internal(set) var probability: Double?
}

/// Whether the gallery knows the probe.
public enum Verdict: Sendable, Hashable {
  /// The best candidate reaches the threshold, and nobody comes near it.
  case known(Match)
  /// The best candidate reaches the threshold and is not told from the others that are listed, best first; a list of one says that it may
  /// be somebody alike who is not enrolled.
  case ambiguous([Match])
  /// Nobody reaches the threshold.
  case unknown
}

extension Verdict {
  /// Whether the probe is one person of the gallery.
  public var isKnown: Bool { if case .known = self { true } else { false } }

  /// Whether the probe is somebody of the gallery, or somebody alike.
  public var isAmbiguous: Bool { if case .ambiguous = self { true } else { false } }

  /// The names of those whom the probe may show, the most similar first; none when unknown.
  public var names: [String] {
    switch self {
    case .known(let match): [match.name]
    case .ambiguous(let matches): matches.map(\.name)
    case .unknown: []
    }
  }

  /// The verdict in words: a name, "A or B", "A or somebody alike", or "unknown".
  public var text: String {
    switch self {
    case .known(let match): match.name
    case .ambiguous(let matches) where matches.count == 1: "\(matches[0].name) or somebody alike"
    case .ambiguous(let matches): matches.map(\.name).joined(separator: " or ")
    case .unknown: "unknown"
    }
  }
}

/// What a gallery says about one embedding.
public struct Answer: Sendable, Hashable {
  /// The most similar people or faces, best first, ties by face number: `k`, or all there are.
  public internal(set) var candidates: [Match]

  /// The similarity from which the best candidate is taken for the person: it follows the gallery's size, and is at least
  /// `OperatingPoint.floor(faces:)` for a person who is judged by several faces.
  public let threshold: Float

  /// The similarity from which the best candidate is told from people alike who are not enrolled: `OperatingPoint.certainty(faces:)`, or
  /// ``threshold`` where that is higher, not measured, or was given.
  public let certainty: Float

  /// People whom the probe resembles nearly as much as the best candidate, by less than `OperatingPoint.margin`, best first, also beyond
  /// the `k` candidates; nobody when the best candidate stays below the threshold.
  public let rivals: [Match]

  /// Which way the search went, and why.
  public let plan: String

  /// The last committed change that the answer takes into account.
  public let sequence: UInt64

  /// Another face of the photo, by its place among the answers, that is more like the best candidate and has the name: this one is
  /// ambiguous for that. Nil otherwise; see ``ofOnePhoto(_:)``.
  public internal(set) var betterFace: Int? = nil

  /// The best candidate when it reaches the threshold and nobody else comes near it, otherwise ambiguous or, below the threshold, unknown.
  public var verdict: Verdict {
    guard let best = candidates.first, best.similarity >= threshold else { return .unknown }
    let isTold = rivals.isEmpty && best.similarity >= certainty && betterFace == nil
    return isTold ? .known(best) : .ambiguous([best] + rivals)
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
public struct Comparison: Sendable, Hashable {
  /// Cosine of the angle between them, −1…1; greater is more alike.
  public let cosineSimilarity: Float
  /// Squared Euclidean distance, 0…4; smaller is more alike.
  public let squaredDistance: Float
}

/// One face of a photo with the name that the gallery gives it.
public struct NamedFace: Sendable, Hashable {
  /// Where the face is.
  public let detection: DetectedFace
  /// The person's name; nil when nobody is similar enough, or two people are alike.
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
  /// What is to be said of each photo's file though its picture was read.
  public let remarks: [[ImageRemark]]
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
