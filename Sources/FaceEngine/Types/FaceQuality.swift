/// What is known of how well a face can be recognised; a gallery refuses poor ones at enrolment.
public struct FaceQuality: Sendable, Hashable, Codable {
  /// The shorter side of the face's box, in pixels of the photo.
  public var size: Int

  /// How sharp the face is: the standard deviation of the Laplacian over the luma (0…255) in the middle of
  /// the 150 × 150 chip, divided by the luma's own standard deviation, so that contrast does not count.
  /// Portraits have 0.3 and more; LFW's faces have 0.18 at the median and 0.09 at the first percentile; a face
  /// blurred by 2 % of its width has about 0.06.
  public var sharpness: Float

  /// Rough turn of the head to a side, in degrees: 0 looks into the camera, positive towards the right of
  /// the photo; estimated from the five landmarks, good to about ±10°.
  public var yaw: Float

  /// Tilt of the line through the eyes, in degrees: 0 is level, positive is clockwise in the photo.
  public var roll: Float

  /// The detector's score: its margin over the detection threshold; comparable within one detector only.
  /// Zero when faces were not detected but given.
  public var detectorScore: Float

  /// The qualities of one face.
  public init(size: Int, sharpness: Float, yaw: Float, roll: Float, detectorScore: Float) {
    self.size = size
    self.sharpness = sharpness
    self.yaw = yaw
    self.roll = roll
    self.detectorScore = detectorScore
  }
}
