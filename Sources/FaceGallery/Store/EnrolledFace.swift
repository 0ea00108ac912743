public import FaceEngine
public import Foundation

/// A face that a gallery holds.
public struct EnrolledFace: Sendable, Hashable, Codable, Identifiable {
  /// The face's number.
  public let id: FaceID

  /// Whose face it is; ``PersonID/unnamed`` for a face without a name.
  public let person: PersonID

  /// Where in the photo it is and how good; nil for an embedding that was added without a photo.
  public let detection: DetectedFace?

  /// Digest of the photo; nil for an embedding that was added without a photo.
  public let photo: PhotoDigest?

  /// Path or label of the photo when it was added; it may have moved since.
  public let path: String?

  /// When the face was added.
  public let added: Date

  /// A face by its parts.
  public init(
    id: FaceID, person: PersonID, detection: DetectedFace?, photo: PhotoDigest?, path: String?, added: Date
  ) {
    self.id = id
    self.person = person
    self.detection = detection
    self.photo = photo
    self.path = path
    self.added = added
  }
}
