/// A face found in a photo.
public struct DetectedFace: Sendable, Hashable, Codable {
  /// Where the face is, in pixels of the photo as decoded (orientation applied).
  public var box: PixelRect

  /// Its landmarks, in the order of ``scheme``.
  public var landmarks: [PixelPoint]

  /// Which places of the face the landmarks are.
  public var scheme: LandmarkScheme

  /// How well the face can be recognised.
  public var quality: FaceQuality

  /// A face by its parts.
  public init(
    box: PixelRect, landmarks: [PixelPoint], scheme: LandmarkScheme = .dlib5, quality: FaceQuality
  ) {
    self.box = box
    self.landmarks = landmarks
    self.scheme = scheme
    self.quality = quality
  }

  /// Reads a face; one without ``scheme`` was written when there were only dlib's five landmarks.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    box = try values.decode(PixelRect.self, forKey: .box)
    landmarks = try values.decode([PixelPoint].self, forKey: .landmarks)
    scheme = try values.decodeIfPresent(LandmarkScheme.self, forKey: .scheme) ?? .dlib5
    quality = try values.decode(FaceQuality.self, forKey: .quality)
  }
}

extension DetectedFace {
  /// The face in a picture of the photo that is `scale` times as large; its quality stays that in the photo.
  package func scaled(by scale: Double) -> DetectedFace {
    if scale == 1 { return self }
    var face = self
    face.box = box.scaled(by: scale)
    face.landmarks = landmarks.map { $0.scaled(by: scale) }
    return face
  }

  /// Whether two detectors found the same face: by the eyes where both have them, else by half of both boxes' area.
  func isSame(as other: DetectedFace) -> Bool {
    guard let own = scheme.anchors(landmarks), let eyes = other.scheme.anchors(other.landmarks) else {
      return box.overlap(with: other.box) >= 0.5
    }
    let size = eyes.left.distance(to: eyes.right)
    return own.left.distance(to: eyes.left) < 0.5 * size && own.right.distance(to: eyes.right) < 0.5 * size
  }
}
