package import Imaging

/// Finds faces in a picture. One file an implementation; see `docs/engine.md`.
///
/// A detector is used by one thread at a time.
package protocol FaceDetector: AnyObject {
  /// The longer side, in pixels, to which photos are shrunk for the search unless the caller says otherwise.
  var defaultMaximumSide: Int { get }

  /// The longer side that is enough for a first search: larger photos are halved while they keep it; nil for none.
  var sufficientSide: Int? { get }

  /// The faces in a picture, in any order.
  ///
  /// - Parameters:
  ///   - image: The picture.
  ///   - upsampling: How often it is doubled in size first.
  ///   - minimumScore: Faces below this margin over the detector's own threshold are left out.
  func detect(
    in image: RGBImage, upsampling: Int, minimumScore: Float
  ) throws(EngineError) -> [ScoredBox]
}

/// A face that a detector found.
package struct ScoredBox: Sendable, Hashable {
  /// Where.
  package var box: PixelRect
  /// How sure: the margin over the detector's threshold.
  package var score: Float
}
