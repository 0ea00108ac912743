public import FaceEngine
internal import GalleryStore
internal import Imaging
public import Video

/// Finds and follows the faces in the frames of a video; frames are not turned, a video says which side is up.
///
/// It holds what is visible at the moment: of each track a few faces.
public struct VideoFaces: Sendable {
  private let engine: any EmbeddingEngine
  private let detection: DetectionOptions
  private let keepsPictures: Bool
  private var tracker: FaceTracker

  /// Tracks that have not ended, in the order in which they began.
  public var tracks: [FaceTrack] { tracker.tracks }

  /// Begins with a video.
  ///
  /// - Parameters:
  ///   - engine: Finds and embeds the faces.
  ///   - every: Seconds between the frames that are looked at.
  ///   - detection: How faces are looked for.
  ///   - keepsPictures: Whether tracks have a picture of their best sighting.
  public init(
    engine: any EmbeddingEngine, every: Double, detection: DetectionOptions = DetectionOptions(),
    keepsPictures: Bool = false
  ) {
    self.engine = engine
    self.keepsPictures = keepsPictures
    var detection = detection
    detection.tryQuarterTurns = false
    self.detection = detection
    let point = engine.operatingPoint
    // A face may be missed in one frame, however far apart they are.
    tracker = FaceTracker(
      .init(
        gap: max(2, 2.5 * every),
        sameSimilarity: point.isCalibrated
          ? point.threshold(falseMatchRate: OperatingPoint.loosestRate) : nil))
  }

  /// Looks at the next frame.
  ///
  /// - Returns: The tracks that have ended by now.
  /// - Throws: ``GalleryError``: `engineFailure`, `invalidArgument`, `outOfMemory`.
  public mutating func look(at frame: VideoFrame) throws(GalleryError) -> [FaceTrack] {
    let sightings = try GalleryError.wrapping {
      try engine.faces(in: frame.image, options: detection).map { face in
        FaceTrack.Sighting(
          time: frame.time, face: face,
          thumbnail: keepsPictures ? try Thumbnail(of: face.detection.box, in: frame.image).jpeg : nil)
      }
    }
    return tracker.add(sightings, at: frame.time)
  }

  /// Ends all tracks.
  public mutating func finish() -> [FaceTrack] { tracker.finish() }

  /// Looks at all frames that are left.
  ///
  /// - Returns: The tracks in the order in which they began.
  /// - Throws: ``GalleryError`` as ``look(at:)``; ``VideoError`` where there is not one frame.
  public mutating func tracks(of frames: VideoFrames) throws -> [FaceTrack] {
    var tracks: [FaceTrack] = []
    while let frame = try frames.next() { tracks += try look(at: frame) }
    return (tracks + finish()).sorted { $0.number < $1.number }
  }
}
