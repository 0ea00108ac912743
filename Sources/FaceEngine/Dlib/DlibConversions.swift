internal import CDlib
internal import Imaging

extension RGBImage {
  /// Lends the pixels to the shim, without a copy.
  func withDlibImage<Result>(_ body: (fg_dlib_image) -> Result) -> Result {
    pixels.withUnsafeBufferPointer { buffer in
      body(fg_dlib_image(pixels: buffer.baseAddress, width: Int64(width), height: Int64(height)))
    }
  }
}

extension fg_dlib_detections {
  /// The detections as Swift values; the C memory is given back.
  mutating func take() -> [FoundFace] {
    let boxes = UnsafeBufferPointer(start: items, count: count).map { item in
      FoundFace(
        box: PixelRect(x: Int(item.left), y: Int(item.top), width: Int(item.width), height: Int(item.height)),
        score: Float(item.score))
    }
    fg_dlib_detections_free(&self)
    return boxes
  }
}

extension fg_dlib_detection {
  /// A box for the shim.
  init(_ box: PixelRect) {
    self.init(
      left: Int64(box.x), top: Int64(box.y), width: Int64(box.width), height: Int64(box.height), score: 0)
  }
}
