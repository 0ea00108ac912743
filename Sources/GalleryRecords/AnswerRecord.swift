public import FaceGallery

/// What a gallery says about one embedding, in JSON.
public struct AnswerRecord: Encodable, Sendable {
  /// Whether the best candidate reaches the threshold, and nobody else comes near.
  public let known: Bool
  /// Whether the best candidate reaches the threshold, and is not told from others or from somebody alike.
  public let ambiguous: Bool
  /// The name of that candidate, when it is known.
  public let name: String?
  /// Who it may be: one name when known, one or more when ambiguous, none when unknown.
  public let names: [String]
  /// The similarity from which a candidate is taken for the person.
  public let threshold: Float
  /// The similarity from which the best candidate is told from people alike who are not enrolled.
  public let certainty: Float
  /// The most similar people or faces, best first.
  public let candidates: [Candidate]
  /// Another face of the photo, by its place in `faces` from 0, which is more like the best candidate and has the name; absent where the
  /// name is given once.
  public let betterFace: Int?
  /// Which way the search went, and why.
  public let plan: String
  /// The last committed change that the answer takes into account.
  public let sequence: UInt64

  /// A candidate in JSON.
  public struct Candidate: Encodable, Sendable {
    /// The number of the person.
    public let person: UInt64
    /// The person's name.
    public let name: String
    /// The number of the face that is most like the probe.
    public let face: UInt64
    /// Cosine similarity, −1…1.
    public let similarity: Float
    /// Squared Euclidean distance, 0…4.
    public let squaredDistance: Float
    /// How likely it is that person; absent for an engine that is not calibrated.
    public let probability: Double?
    /// Where a server has the picture of that face; absent when none is kept.
    public let thumbnail: String?

    /// The record of a match.
    public init(_ match: Match, thumbnail: String? = nil) {
      self.thumbnail = thumbnail
      person = match.person.rawValue
      name = match.name
      face = match.face.rawValue
      similarity = match.similarity
      squaredDistance = match.squaredDistance
      probability = match.probability
    }
  }

  /// The record of an answer.
  ///
  /// - Parameters:
  ///   - count: At most so many candidates are in it.
  ///   - thumbnail: Where a server has the picture of a face; nil for one that it has not.
  public init(
    _ answer: Answer, candidates count: Int = .max, thumbnail: (FaceID) -> String? = { _ in nil }
  ) {
    let verdict = answer.verdict
    names = verdict.names
    (known, ambiguous) = (verdict.isKnown, verdict.isAmbiguous)
    name = known ? names.first : nil
    threshold = answer.threshold
    certainty = answer.certainty
    candidates = answer.candidates.prefix(count).map { Candidate($0, thumbnail: thumbnail($0.face)) }
    betterFace = answer.betterFace
    plan = answer.plan
    sequence = answer.sequence
  }
}

/// What a gallery says about several embeddings, in JSON.
public struct AnswersRecord: Encodable, Sendable {
  /// An answer for each embedding, in their order.
  public let answers: [AnswerRecord]

  /// The record of these answers; see ``AnswerRecord/init(_:candidates:thumbnail:)``.
  public init(_ answers: [Answer], thumbnail: (FaceID) -> String? = { _ in nil }) {
    self.answers = answers.map { AnswerRecord($0, thumbnail: thumbnail) }
  }
}

/// An embedding, in JSON.
public struct EmbeddingRecord: Encodable, Sendable {
  /// Its components.
  public let embedding: [Float]

  /// The record of an embedding.
  public init(_ embedding: Embedding) { self.embedding = embedding.values }
}

/// A face of a photo with its answer, in JSON.
public struct ProbeRecord: Encodable, Sendable {
  /// Where the face is and how good.
  public let detection: DetectedFace
  /// Its embedding, when it was asked for.
  public let embedding: [Float]?
  /// Who it is.
  public let answer: AnswerRecord

  /// The record of a face; see ``AnswerRecord/init(_:candidates:thumbnail:)``.
  public init(
    _ probe: ProbeAnswer, withEmbedding: Bool = false, thumbnail: (FaceID) -> String? = { _ in nil }
  ) {
    detection = probe.face.detection
    embedding = withEmbedding ? probe.face.embedding.values : nil
    answer = AnswerRecord(probe.answer, thumbnail: thumbnail)
  }
}

/// Whether two photos show the same person, in JSON.
public struct VerificationRecord: Encodable, Sendable {
  /// Whether the similarity reaches the threshold.
  public let samePerson: Bool
  /// Cosine similarity of the two faces, −1…1.
  public let similarity: Float
  /// Squared Euclidean distance, 0…4.
  public let squaredDistance: Float
  /// The similarity from which two faces are one person's.
  public let threshold: Float
  /// How likely it is that both are the same person; absent for an engine that is not calibrated.
  public let probability: Double?
  /// The face of each photo that was compared: the largest.
  public let faces: [DetectedFace]
  /// How many faces each photo shows.
  public let facesFound: [Int]
  /// What is to be said of each photo's file though its picture was read; absent when there is nothing.
  public let remarks: [[String]]?

  /// The record of a verification.
  public init(_ result: Verification) {
    samePerson = result.isSamePerson
    similarity = result.comparison.cosineSimilarity
    squaredDistance = result.comparison.squaredDistance
    threshold = result.threshold
    probability = result.probability
    faces = result.faces.map(\.detection)
    facesFound = result.faceCounts
    let sentences = result.remarks.map { $0.map(\.message) }
    remarks = sentences.allSatisfy(\.isEmpty) ? nil : sentences
  }
}
