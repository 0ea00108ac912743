internal import CDlib
package import Imaging

/// dlib's face chips: its five landmarks brought to the places of a mean face.
package struct DlibAligner: FaceAligner {
  package let scheme = LandmarkScheme.dlib5
  package var identity: String { "padding \(Self.padding)" }
  package let measuredSide = 150
  package let usualSide = 150

  /// The margin around the face, as a share of its size.
  package static let padding = 0.25

  package init() {}

  package func chip(
    of landmarks: [PixelPoint], in image: RGBImage, height: Int, width: Int
  ) throws(EngineError) -> RGBImage {
    try checkLandmarks(landmarks)
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
