internal import CDlib
package import Imaging

/// Finds five landmarks in a face's box, and cuts the face out so that they lie at fixed places.
///
/// Landmarks by an ensemble of regression trees (Kazemi & Sullivan, 2014), read from
/// `shape_predictor_5_face_landmarks.dat`. It is immutable: threads may share it.
package final class FaceAligner: @unchecked Sendable {
  private let handle: OpaquePointer
  private let weightsDigest: String

  /// Width and height of a chip.
  package static let chipSide = 150

  /// The margin around the face, as a share of its size.
  package static let padding = 0.25

  /// Reads the landmark trees.
  package init(weights: WeightsFile) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    let status = fg_dlib_landmarks_create(weights.path, &made, &message)
    try DlibError.check(status, message, loading: weights)
    handle = try DlibError.unwrap(made)
    weightsDigest = weights.digest
  }

  deinit { fg_dlib_landmarks_destroy(handle) }

  /// What the fingerprint says of the alignment.
  package var identity: String {
    "dlib-5-points(\(weightsDigest.prefix(16))), \(Self.chipSide) pixels, padding \(Self.padding)"
  }

  /// The five landmarks of the face in a box.
  package func landmarks(in image: RGBImage, box: PixelRect) throws(EngineError) -> [PixelPoint] {
    var points = [Double](repeating: 0, count: 10)
    var message = fg_dlib_message()
    let status = image.withDlibImage {
      fg_dlib_landmarks_find(handle, $0, fg_dlib_detection(box), &points, &message)
    }
    try DlibError.check(status, message)
    return (0..<5).map { PixelPoint(x: points[2 * $0], y: points[2 * $0 + 1]) }
  }

  /// The face with these landmarks as an upright chip; what lies outside the picture is black.
  ///
  /// - Throws: ``EngineError`` with code `invalidInput` unless there are five landmarks that lie apart.
  package func chip(of landmarks: [PixelPoint], in image: RGBImage) throws(EngineError) -> RGBImage {
    // Beyond this a chip would be cut from a place far outside of any picture.
    let reach = 1e6
    guard landmarks.count == 5, landmarks.allSatisfy({ abs($0.x) < reach && abs($0.y) < reach }),
      Set(landmarks).count > 2
    else {
      throw EngineError(
        .invalidInput, "A face is aligned by five landmarks that lie apart; these are not: detect it again.")
    }
    var pixels = [UInt8](repeating: 0, count: Self.chipSide * Self.chipSide * 3)
    var message = fg_dlib_message()
    let status = image.withDlibImage {
      fg_dlib_chip(
        $0, landmarks.flatMap { [$0.x, $0.y] }, Int32(Self.chipSide), Self.padding, &pixels, &message)
    }
    try DlibError.check(status, message)
    do {
      return try RGBImage(width: Self.chipSide, height: Self.chipSide, pixels: pixels)
    } catch {
      throw EngineError(.internalFailure, error.message)
    }
  }
}
