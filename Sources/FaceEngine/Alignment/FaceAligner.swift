package import Imaging

/// Cuts a face out of a photo so that its landmarks lie at fixed places.
package protocol FaceAligner: Sendable {
  /// The landmarks that it takes.
  var scheme: LandmarkScheme { get }

  /// What the fingerprint says of it, behind the landmarks and the chip's size.
  var identity: String { get }

  /// The side of the square chips that qualities are measured in: the eyes lie as far apart in every aligner's.
  var measuredSide: Int { get }

  /// The side of the chips that networks of this alignment are trained with.
  var usualSide: Int { get }

  /// Where the landmarks lie in a picture that is cut to a face and in which no detector finds one; empty when a predictor is to
  /// say.
  func usualLandmarks(in box: PixelRect) -> [PixelPoint]

  /// The face with these landmarks as an upright chip; what lies outside the picture is black.
  ///
  /// An oblong chip is the middle of the square one of its longer side.
  /// - Throws: ``EngineError`` with code `invalidInput` unless the landmarks are of the scheme and lie apart.
  func chip(
    of landmarks: [PixelPoint], in image: RGBImage, height: Int, width: Int
  ) throws(EngineError) -> RGBImage
}

extension FaceAligner {
  package func usualLandmarks(in box: PixelRect) -> [PixelPoint] { [] }

  /// - Throws: ``EngineError`` with code `invalidInput` for landmarks from which no chip can be cut.
  func checkLandmarks(_ landmarks: [PixelPoint]) throws(EngineError) {
    // Beyond this a chip would be cut from a place far outside of any picture.
    let reach = 1e6
    guard landmarks.count == scheme.count, landmarks.allSatisfy({ abs($0.x) < reach && abs($0.y) < reach }),
      Set(landmarks).count > 2
    else {
      throw EngineError(
        .invalidInput, "A face is aligned by five landmarks that lie apart; these are not: detect it again.")
    }
  }
}
