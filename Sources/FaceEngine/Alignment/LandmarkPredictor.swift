package import Imaging

/// Finds the landmarks of a face by its box, for detectors that give boxes only.
package protocol LandmarkPredictor: Sendable {
  /// Which landmarks.
  var scheme: LandmarkScheme { get }

  /// What the fingerprint says of them.
  var identity: String { get }

  /// The landmarks of the upright face in a box.
  func landmarks(in image: RGBImage, box: PixelRect) throws(EngineError) -> [PixelPoint]
}
