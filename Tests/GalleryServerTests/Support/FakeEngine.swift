import FaceGallery

/// An engine for pictures whose first row lists the faces: red is the person, green the face, blue its size.
///
/// The first pixel's red is the number of faces; its green fails the engine on purpose when it is 66.
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
  /// Called before each photo, to hold it up.
  var hook: @Sendable () -> Void = {}

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    hook()
    let (count, failure, _) = image[0, 0]
    if failure == 66 { throw EngineError(.internalFailure, "The engine failed on purpose.") }
    var faces: [Face] = []
    for index in 0..<Int(count) {
      let (person, face, size) = image[index, 1]
      let box = PixelRect(x: index * 200, y: 5, width: Int(size), height: Int(size))
      let quality = FaceQuality(size: Int(size), sharpness: 0.5, yaw: 0, roll: 0, detectorScore: 1)
      faces.append(
        Face(
          detection: DetectedFace(
            box: box, landmarks: (0..<5).map { PixelPoint(x: Double($0), y: Double(index)) }, quality: quality
          ),
          embedding: try Self.embedding(person: Int(person), face: Int(face))))
    }
    faces.sort { $0.detection.quality.size > $1.detection.quality.size }
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

/// A picture for the ``FakeEngine``.
struct FakePhoto {
  var faces: [(person: Int, face: Int)]
  var failsEngine = false

  /// A portrait.
  init(person: Int, face: Int = 0) { faces = [(person, face)] }

  init(_ faces: [(person: Int, face: Int)], failsEngine: Bool = false) {
    self.faces = faces
    self.failsEngine = failsEngine
  }

  /// The file's bytes; PNG keeps every pixel.
  func png() throws -> [UInt8] {
    var image = RGBImage(width: 16, height: 16, red: 0, green: 0, blue: 0)
    image[0, 0] = (UInt8(faces.count), failsEngine ? 66 : 0, 0)
    for (index, face) in faces.enumerated() {
      image[index, 1] = (UInt8(face.person), UInt8(face.face), UInt8(120 - index))
    }
    return [UInt8](try image.pngData())
  }
}
