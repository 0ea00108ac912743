package import Imaging
package import NeuralNetwork

/// Finds faces in a picture. One folder an implementation; see `docs/engine.md`.
///
/// A detector is used by one thread at a time.
package protocol FaceDetector: AnyObject {
  /// The longer side, in pixels, down to which a photo may be halved when it is decoded, since the first search looks at no more
  /// unless the options say otherwise; nil when all of its pixels are needed.
  var decodeSizeHint: Int? { get }

  /// How large the pictures are that it looks at.
  var searchSize: SearchSize { get }

  /// Which landmarks it gives with a face; nil for boxes only.
  var scheme: LandmarkScheme? { get }

  /// What the fingerprint says of its landmarks; empty for boxes only.
  var landmarkIdentity: String { get }

  /// The faces of a photo that may have been decoded smaller, in any order.
  ///
  /// - Throws: ``EngineError``: `invalidOption`, `invalidInput`, `outOfMemory`.
  func search(_ photo: ReducedImage, _ options: DetectionOptions) throws(EngineError) -> FoundFaces

  /// What each step of its network runs, in order, for a photo of 640 × 480; none where another library runs it.
  func steps() throws(EngineError) -> [LayerDescription]
}

extension FaceDetector {
  package func steps() throws(EngineError) -> [LayerDescription] { [] }
}

/// The faces that a detector found in a photo.
package struct FoundFaces: Sendable {
  /// Places are in pixels of ``picture``.
  package var faces: [FoundFace]
  /// The upright picture.
  package var picture: RGBImage
  /// How many times larger a side of the photo is.
  package var reduction: Int
}

/// A face that a detector found.
package struct FoundFace: Sendable, Hashable {
  /// Where.
  package var box: PixelRect
  /// How sure; see ``FaceQuality/detectorScore``.
  package var score: Float
  /// In the order of the detector's scheme; empty for a detector without one.
  package var landmarks: [PixelPoint] = []
  /// The quarter turns clockwise after which the face stands upright, 0…3.
  package var quarterTurns = 0

  /// The square in which dlib's detectors would see the face, which its landmarks are looked for in. YuNet's boxes reach from the
  /// forehead to the chin: on 230 faces of LFW the HOG detector's has 0.98 of their side, and lies 0.06 of their height lower.
  var dlibBox: PixelRect {
    if landmarks.isEmpty { return box }
    let side = 0.98 * (Double(box.width) * Double(box.height)).squareRoot()
    return PixelRect(
      x: Int((Double(box.x) + (Double(box.width) - side) / 2).rounded()),
      y: Int((Double(box.y) + 0.56 * Double(box.height) - side / 2).rounded()), width: Int(side.rounded()),
      height: Int(side.rounded()))
  }

  /// Largest first; equal ones by score, then by place, so that the order never depends on the detector's.
  static func largestFirst(_ a: FoundFace, _ b: FoundFace) -> Bool {
    if a.box.area != b.box.area { return a.box.area > b.box.area }
    if a.score != b.score { return a.score > b.score }
    return (a.box.x, a.box.y) < (b.box.x, b.box.y)
  }

  /// The face in a picture `scale` times as large.
  func scaled(by scale: Double) -> FoundFace {
    if scale == 1 { return self }
    var face = self
    face.box = box.scaled(by: scale)
    face.landmarks = landmarks.map { $0.scaled(by: scale) }
    return face
  }
}
