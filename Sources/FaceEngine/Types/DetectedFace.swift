/// A face found in a photo.
public struct DetectedFace: Sendable, Hashable, Codable {
  /// Where the face is, in pixels of the photo as decoded (orientation applied).
  public var box: PixelRect

  /// Five landmarks in dlib's order: outer and inner corner of the eye that is on the right of the photo,
  /// outer and inner corner of the eye on the left of the photo, base of the nose.
  public var landmarks: [PixelPoint]

  /// How well the face can be recognised.
  public var quality: FaceQuality

  /// A face by its parts.
  public init(box: PixelRect, landmarks: [PixelPoint], quality: FaceQuality) {
    self.box = box
    self.landmarks = landmarks
    self.quality = quality
  }
}
