internal import CDlib
package import Imaging

/// dlib's frontal face detector: a sliding window over a pyramid of histograms of oriented gradients.
/// (Dalal & Triggs 2005; King, "Max-Margin Object Detection", 2015.)
package final class HOGFaceDetector: DlibDetector {
  private let handle: OpaquePointer

  /// A detector.
  ///
  /// - Parameter kernel: The instruction set, `avx512`, `avx2` or `portable`, or `dlib` for its own code; nil is the best that the
  ///   processor has.
  package init(kernel: String? = nil) throws(EngineError) {
    var made: OpaquePointer?
    var message = fg_dlib_message()
    try DlibError.check(fg_dlib_hog_create(kernel, &made, &message), message)
    handle = try DlibError.unwrap(made)
  }

  deinit { fg_dlib_hog_destroy(handle) }

  /// Unpacks the detector that is built into dlib, which takes 0.2 s once a process; others wait meanwhile.
  package static func prepare() { fg_dlib_hog_prepare() }

  /// The instruction set that runs.
  package var kernel: String { String(cString: fg_dlib_hog_kernel(handle)) }

  package var defaultMaximumSide: Int { 4_096 }
  package var decodeSizeHint: Int? { 1_920 }
  package var halvesWhileLarge: Bool { true }

  package func detect(
    in image: RGBImage, upsampling: Int, minimumScore: Float
  ) throws(EngineError) -> [FoundFace] {
    var found = fg_dlib_detections()
    var message = fg_dlib_message()
    let status = image.withDlibImage {
      fg_dlib_hog_detect(handle, $0, Int32(upsampling), Double(minimumScore), &found, &message)
    }
    try DlibError.check(status, message)
    return found.take()
  }
}
