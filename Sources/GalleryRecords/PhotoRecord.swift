/// What was found on a photo, in JSON.
public struct PhotoRecord<Face: Encodable & Sendable>: Encodable, Sendable {
  /// The photo as it was called; a server, which is sent one, leaves it out.
  public let photo: String?
  /// Its faces, largest first; absent when the photo cannot be used.
  public let faces: [Face]?
  /// Why the photo cannot be used.
  public let error: String?
  /// What is to be said of its file though its picture was read; absent when there is nothing.
  public let remarks: [String]?

  /// The record of a photo.
  public init(photo: String? = nil, faces: [Face]?, error: String? = nil, remarks: [String]) {
    self.photo = photo
    self.faces = faces
    self.error = error
    self.remarks = remarks.isEmpty ? nil : remarks
  }
}
