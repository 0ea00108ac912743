public import FaceEngine

/// What to do with a photo of one person that shows several faces.
public enum SeveralFacesPolicy: String, Sendable, Hashable, Codable, CaseIterable {
  /// Refuse the photo: which face is meant is not known.
  case refuse
  /// Take the largest face.
  case largest
  /// Take every face as one of this person.
  case all
}

/// How photos are enrolled.
public struct EnrolmentOptions: Sendable, Hashable {
  /// How faces are looked for.
  public var detection: DetectionOptions

  /// What to do with a photo that shows several faces.
  public var severalFaces: SeveralFacesPolicy

  /// What a face must be like.
  public var quality: QualityLimits

  /// Whether a thumbnail of each face is kept in the gallery; see ``Gallery/thumbnail(of:)``. Nothing of
  /// a photo but its digest and path is kept otherwise.
  public var keepThumbnails: Bool

  /// What each face that is added is tagged with; see ``Gallery/tag(_:_:)-(FaceID,_)``.
  public var tags: [String: String] = [:]

  /// Whether photos are taken of whose file a part is missing or damaged, as far as they can be read; else they are refused.
  public var allowsDamaged = false

  /// Whether a photo is refused whose face may not be the person's; else that is told, see ``PhotoReport/doubts``.
  public var refusesDoubtful = false

  /// Whether ``Gallery/fitDataset(at:options:progress:)`` takes numbers, names of cameras and words such as `photo` as
  /// people's names, too: data sets have people without other names.
  public var takesAnyName = false

  /// Options; the defaults suit portraits.
  public init(
    detection: DetectionOptions = DetectionOptions(), severalFaces: SeveralFacesPolicy = .refuse,
    quality: QualityLimits = QualityLimits(), keepThumbnails: Bool = false
  ) {
    self.detection = detection
    self.severalFaces = severalFaces
    self.quality = quality
    self.keepThumbnails = keepThumbnails
  }
}

/// What a face must be like to be enrolled: poor faces resemble each other and attract strangers.
public struct QualityLimits: Sendable, Hashable {
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
