/// What a face must be like to be enrolled: poor faces resemble each other and attract strangers.
public struct QualityLimits: Sendable, Hashable, Codable {
  /// Shortest side of the face's box, in pixels of the photo.
  public var minimumSize: Int

  /// Least `FaceQuality.sharpness`.
  public var minimumSharpness: Float

  /// Greatest turn of the head to a side, in degrees.
  public var maximumYaw: Float

  /// Limits; the defaults keep what dlib's ResNet recognises reliably.
  public init(minimumSize: Int = 40, minimumSharpness: Float = 0.05, maximumYaw: Float = 60) {
    self.minimumSize = minimumSize
    self.minimumSharpness = minimumSharpness
    self.maximumYaw = maximumYaw
  }

  /// Every face is good enough.
  public static let none = QualityLimits(minimumSize: 0, minimumSharpness: 0, maximumYaw: 180)
}
