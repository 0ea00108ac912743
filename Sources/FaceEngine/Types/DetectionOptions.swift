/// How faces are looked for in one photo.
public struct DetectionOptions: Sendable, Hashable {
  /// Whether faces are looked for. False says that the photo is already a crop of one face: exactly one face
  /// is then reported, whatever the picture shows, and the other options do not count.
  public var detectFaces: Bool

  /// At most so many faces, the largest first; nil is all.
  public var maxFaces: Int?

  /// How often the photo is doubled in size before the search, 0…4: each doubling halves the smallest face
  /// that is found and takes four times the work. Nil searches the photo as it is and, when no face is found
  /// and its longer side is at most 1600 pixels, once more at double size.
  public var upsampling: Int?

  /// Faces whose detector score is lower are left out.
  public var minimumScore: Float

  /// Photos with a longer side than this are shrunk to it for the search (at least ``leastMaximumSide``). Nil is the detector's
  /// default: ``DetectorKind/yunet`` shrinks a photo of more than 1920 pixels to 1280, ``DetectorKind/hog`` halves one while its longer side
  /// keeps 1920 pixels, and both search it at 4096 when no face is found or ``upsampling`` is given; ``DetectorKind/cnn`` takes 1280.
  public var maximumSide: Int?

  /// The least ``maximumSide``, in pixels.
  public static let leastMaximumSide = 80

  /// Whether a photo without an upright face is searched again lying on either side and upside down, as photos
  /// lie that have lost their EXIF orientation; likewise a picture that is said to be one face. It makes photos
  /// without any face take four times as long.
  public var tryQuarterTurns: Bool

  /// Options; the defaults suit photos of people.
  public init(
    detectFaces: Bool = true, maxFaces: Int? = nil, upsampling: Int? = nil, minimumScore: Float = 0,
    maximumSide: Int? = nil, tryQuarterTurns: Bool = true
  ) {
    self.detectFaces = detectFaces
    self.maxFaces = maxFaces
    self.upsampling = upsampling
    self.minimumScore = minimumScore
    self.maximumSide = maximumSide
    self.tryQuarterTurns = tryQuarterTurns
  }
}
