internal import FaceGallery

/// An answer in JSON.
struct AnswerRecord: Encodable {
  /// Whether the best candidate reaches the threshold.
  let known: Bool
  let threshold: Float
  let candidates: [Candidate]
  let plan: String
  let sequence: UInt64

  /// A candidate in JSON.
  struct Candidate: Encodable {
    let person: UInt64
    let name: String
    let face: UInt64
    let similarity: Float
    let squaredDistance: Float
    let probability: Double?

    enum CodingKeys: String, CodingKey {
      case person, name, face, similarity, probability
      case squaredDistance = "squared_distance"
    }

    init(_ match: Match) {
      person = match.person.rawValue
      name = match.name
      face = match.face.rawValue
      similarity = match.similarity
      squaredDistance = match.squaredDistance
      probability = match.confidence
    }
  }

  init(_ answer: Answer) {
    if case .known = answer.verdict { known = true } else { known = false }
    threshold = answer.threshold
    candidates = answer.candidates.map(Candidate.init)
    plan = answer.plan
    sequence = answer.sequence
  }
}

/// A face of a photo with its answer in JSON.
struct ProbeRecord: Encodable {
  let detection: DetectionRecord
  let embedding: [Float]?
  let answer: AnswerRecord

  init(_ probe: ProbeAnswer, withEmbedding: Bool) {
    detection = DetectionRecord(probe.face.detection)
    embedding = withEmbedding ? probe.face.embedding.values : nil
    answer = AnswerRecord(probe.answer)
  }
}
