internal import CDlib
package import Imaging

/// dlib's convolutional face detector. (King, "Max-Margin Object Detection", 2015.)
package final class CNNFaceDetector: DlibDetector {
  private let handle: OpaquePointer

  /// Reads the network from `mmod_human_face_detector.dat`.
  package init(weights: WeightsFile) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    let status = fg_dlib_cnn_create(weights.path, &made, &message)
    try DlibError.check(status, message, loading: weights)
    handle = try DlibError.unwrap(made)
  }

  /// A second detector with the same weights, for another thread.
  package init(copying other: CNNFaceDetector) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    try DlibError.check(fg_dlib_cnn_copy(other.handle, &made, &message), message)
    handle = try DlibError.unwrap(made)
  }

  deinit { fg_dlib_cnn_destroy(handle) }

  /// Half a gigabyte of memory and four seconds a megapixel make this the bound.
  package var defaultMaximumSide: Int { 1_280 }
  package var decodeSizeHint: Int? { 1_280 }
  package var halvesWhileLarge: Bool { false }

  package func detect(
    in image: RGBImage, upsampling: Int, minimumScore: Float
  ) throws(EngineError) -> [FoundFace] {
    var found = fg_dlib_detections()
    var message = fg_dlib_message()
    let status = image.withDlibImage {
      fg_dlib_cnn_detect(handle, $0, Int32(upsampling), Double(minimumScore), &found, &message)
    }
    try DlibError.check(status, message)
    return found.take()
  }
}
