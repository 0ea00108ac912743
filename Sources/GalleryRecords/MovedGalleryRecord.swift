public import FaceGallery

/// A gallery that was copied from a folder to PostgreSQL, or back, in JSON.
public struct MovedGalleryRecord: Encodable, Sendable {
  /// Where it was copied from: a folder, or an address without passwords.
  public let source: String
  /// Where it was copied to.
  public let target: String
  /// People in it.
  public let people: Int
  /// Faces in it, those without a name among them.
  public let faces: Int
  /// The last change in it.
  public let sequence: UInt64

  /// The record of a copy that was made.
  public init(_ report: GalleryCopyReport, source: String, target: String) {
    (self.source, self.target) = (source, target)
    (people, faces, sequence) = (report.people, report.faces, report.sequence)
  }
}
