public import FaceGallery

/// Whether the faces of a photo are a certain person's, in JSON.
public struct ClaimRecord: Encodable, Sendable {
  /// A face of the photo, in JSON.
  public struct Face: Encodable, Sendable {
    /// Where the face is and how good.
    public let detection: DetectedFace
    /// Whether the similarity reaches the threshold.
    public let samePerson: Bool
    /// Cosine similarity to the person, −1…1.
    public let similarity: Float
    /// Squared Euclidean distance, 0…4.
    public let squaredDistance: Float
    /// The similarity from which a face is the person's.
    public let threshold: Float
    /// How likely it is that person; absent for an engine that is not calibrated.
    public let probability: Double?
    /// The number of the person's face that is most like it.
    public let face: UInt64
    /// How many of the person's faces the similarity is of.
    public let facesCompared: Int
    /// Where a server has the picture of the person's face; absent when none is kept.
    public let thumbnail: String?

    /// The record of a face.
    public init(_ detection: DetectedFace, _ answer: ClaimAnswer, thumbnail: String?) {
      self.detection = detection
      samePerson = answer.isSamePerson
      similarity = answer.similarity
      squaredDistance = 2 - 2 * answer.similarity
      threshold = answer.threshold
      probability = answer.probability
      face = answer.face.rawValue
      facesCompared = answer.faces
      self.thumbnail = thumbnail
    }
  }

  /// Who it was claimed to be.
  public let person: PersonRecord
  /// Whether a face of the photo is the person's.
  public let samePerson: Bool
  /// The faces of the photo, largest first.
  public let faces: [Face]
  /// What is to be said of the photo's file though its picture was read; absent when there is nothing.
  public let remarks: [String]?

  /// The record of a photo.
  public init(_ person: Person, faces: [Face], remarks: [String]) {
    self.person = PersonRecord(person)
    self.faces = faces
    samePerson = faces.contains(where: \.samePerson)
    self.remarks = remarks.isEmpty ? nil : remarks
  }
}
