internal import CDlib
package import Imaging

/// Finds five landmarks in a face's box, and cuts the face out so that they lie at fixed places.
///
/// Landmarks by an ensemble of regression trees (Kazemi & Sullivan, 2014), read from
/// `shape_predictor_5_face_landmarks.dat`. It is immutable: threads may share it.
package final class FaceAligner: @unchecked Sendable {
  private let handle: OpaquePointer
  private let weightsDigest: String

  /// Width and height of the chip that qualities are measured in, and that dlib's network takes.
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

  /// What the fingerprint says of the alignment of chips of a size.
  package func identity(height: Int, width: Int) -> String {
    let size = height == width ? "\(width)" : "\(width)×\(height)"
    return "dlib-5-points(\(weightsDigest.prefix(16))), \(size) pixels, padding \(Self.padding)"
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
  /// An oblong chip is the middle of the square one of its longer side.
  /// - Throws: ``EngineError`` with code `invalidInput` unless there are five landmarks that lie apart.
  package func chip(
    of landmarks: [PixelPoint], in image: RGBImage, height: Int = chipSide, width: Int = chipSide
  ) throws(EngineError) -> RGBImage {
    // Beyond this a chip would be cut from a place far outside of any picture.
    let reach = 1e6
    guard landmarks.count == 5, landmarks.allSatisfy({ abs($0.x) < reach && abs($0.y) < reach }),
      Set(landmarks).count > 2
    else {
      throw EngineError(
        .invalidInput, "A face is aligned by five landmarks that lie apart; these are not: detect it again.")
    }
    let side = max(height, width)
    var pixels = [UInt8](repeating: 0, count: side * side * 3)
    var message = fg_dlib_message()
    let status = image.withDlibImage {
      fg_dlib_chip(
        $0, landmarks.flatMap { [$0.x, $0.y] }, Int32(side), Self.padding, &pixels, &message)
    }
    try DlibError.check(status, message)
    do {
      let square = try RGBImage(width: side, height: side, pixels: pixels)
      let middle = square.cropped(
        x: (side - width) / 2, y: (side - height) / 2, width: width, height: height)
      return middle ?? square
    } catch {
      throw EngineError(.internalFailure, error.message)
    }
  }
}
