internal import CDlib
package import Imaging

/// dlib's five landmarks by an ensemble of regression trees (Kazemi & Sullivan, 2014), read from
/// `shape_predictor_5_face_landmarks.dat`.
///
/// The handle is never changed after it was made, and dlib only reads it: threads may share it.
package final class DlibLandmarks: LandmarkPredictor, @unchecked Sendable {
  private let handle: OpaquePointer
  package let identity: String

  package var scheme: LandmarkScheme { .dlib5 }

  /// Reads the landmark trees.
  package init(weights: WeightsFile) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    let status = fg_dlib_landmarks_create(weights.path, &made, &message)
    try DlibError.check(status, message, loading: weights)
    handle = try DlibError.unwrap(made)
    identity = "dlib-5-points(\(weights.digest.prefix(16)))"
  }

  deinit { fg_dlib_landmarks_destroy(handle) }

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
}
