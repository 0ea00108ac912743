import FaceGallery

/// An engine for pictures whose first row lists the faces, also when a part is cut out: see ``FakePhoto``.
struct FakeEngine: EmbeddingEngine {
  let fingerprint = EngineFingerprint(
    alignment: "none", weightsDigest: "0123", preprocessing: "none", normalization: "unit length",
    dimension: 16)
  let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-2, threshold: 0.5), .init(falseMatchRate: 1e-4, threshold: 0.6),
      .init(falseMatchRate: 1e-6, threshold: 0.7),
    ], slope: 20, offset: -12)
  let concurrency = 2
  /// What the landmarks are said to be.
  var scheme = LandmarkScheme.eyesNoseMouth
  /// Those of a face that looks up.
  private static let landmarks = [(2.0, 2.0), (6, 2), (4, 3), (3, 6), (5, 6)]
  /// Called before each photo, to hold it up.
  var hook: @Sendable () -> Void = {}
  /// Larger pictures it does not take.
  static let mostPixels = 1 << 20

  func searchedPixels(ofWidth width: Int, height: Int, _ options: DetectionOptions) throws(EngineError) -> Int
  {
    let pixels = (width * height) << (2 * (options.upsampling ?? 0))
    guard pixels <= Self.mostPixels else {
      throw EngineError(
        .invalidOption, "The photo would be too large for the engine (upsampling, search_side).")
    }
    return pixels
  }

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    hook()
    var faces: [Face] = []
    for place in 0..<image.width {
      let (person, mark, face) = image[place, 0]
      if mark == FakePhoto.failure { throw EngineError(.internalFailure, "The engine failed on purpose.") }
      if mark == FakePhoto.unusable {
        throw EngineError(.invalidInput, "The picture is too small to be a face.")
      }
      guard mark == FakePhoto.face else { break }
      let quality = FaceQuality(size: 120 - place, sharpness: 0.5, yaw: 10, roll: 5, detectorScore: 1)
      guard quality.detectorScore >= options.minimumScore else { continue }
      faces.append(
        Face(
          detection: DetectedFace(
            box: PixelRect(x: place, y: 0, width: 8, height: 8),
            landmarks: Self.landmarks.map { PixelPoint(x: $0, y: $1 + Double(place)) }, scheme: scheme,
            quality: quality),
          embedding: try Self.embedding(person: Int(person), face: Int(face))))
    }
    return Array(faces.prefix(options.maxFaces ?? .max))
  }

  /// A direction a person, turned a little by the face.
  static func embedding(person: Int, face: Int) throws(EngineError) -> Embedding {
    var values = [Float](repeating: 0, count: 16)
    values[person % 15] = 1
    values[15] = Float(face) / 50
    return try Embedding(normalizing: values)
  }
}
