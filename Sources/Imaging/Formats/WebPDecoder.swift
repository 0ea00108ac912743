internal import CWebP

/// WebP by libwebp, lossy or lossless; of an animation the first frame, where it lies on the canvas. (RFC 9649.)
struct WebPDecoder: PictureDecoder {
  let width: Int
  let height: Int

  private let bytes: UnsafeBufferPointer<UInt8>
  private let frame: Frame

  /// A picture within the file, and where it lies.
  private struct Frame {
    var x = 0
    var y = 0
    let width: Int
    let height: Int
    let hasAlpha: Bool
    let data: UnsafeBufferPointer<UInt8>

    init(_ data: UnsafeBufferPointer<UInt8>, _ features: WebPBitstreamFeatures) {
      (width, height) = (Int(features.width), Int(features.height))
      hasAlpha = features.has_alpha != 0
      self.data = data
    }
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    guard bytes.count >= 20, let size = bytes.little(4, at: 4), size <= bytes.count - 8 else {
      throw Self.truncated
    }
    let features = try Self.features(bytes)
    (width, height) = (Int(features.width), Int(features.height))
    frame = try features.has_animation == 0 ? Frame(bytes, features) : Self.firstFrame(bytes, width, height)
    self.bytes = bytes
  }

  /// The orientation of the EXIF chunk.
  var orientation: ImageOrientation? { Self.chunk("EXIF", in: bytes).flatMap(EXIFOrientation.find(in:)) }

  var remarks: [ImageRemark] { frame.data.count == bytes.count ? [] : [.first("frame")] }

  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    let pixels = try decodedPixels()
    let image =
      frame.hasAlpha
      ? RGBImage(width: frame.width, height: frame.height, onWhite: pixels)
      : RGBImage(uncheckedWidth: frame.width, height: frame.height, pixels: pixels)
    if frame.width == width, frame.height == height { return image }
    var canvas = RGBImage(width: width, height: height)
    canvas.draw(image, x: frame.x, y: frame.y)
    return canvas
  }

  /// The frame's pixels: red, green and blue, and alpha where it has it.
  private func decodedPixels() throws(ImageError) -> [UInt8] {
    let channels = frame.hasAlpha ? 4 : 3
    var config = WebPDecoderConfig()
    guard WebPInitDecoderConfig(&config) != 0 else {
      throw ImageError(
        .unsupported, "The libwebp that is installed does not fit; install libwebp 1.2 or newer.")
    }
    var pixels = [UInt8](repeating: 0, count: frame.width * frame.height * channels)
    let status = pixels.withUnsafeMutableBufferPointer { target in
      config.output.colorspace = frame.hasAlpha ? MODE_RGBA : MODE_RGB
      config.output.is_external_memory = 1
      config.output.u.RGBA = WebPRGBABuffer(
        rgba: target.baseAddress, stride: Int32(frame.width * channels), size: target.count)
      return WebPDecode(frame.data.baseAddress, frame.data.count, &config)
    }
    WebPFreeDecBuffer(&config.output)
    try Self.check(status)
    return pixels
  }

  /// The first frame of an animation: after its place, size and time, chunks as those of a file without animation.
  private static func firstFrame(
    _ bytes: UnsafeBufferPointer<UInt8>, _ width: Int, _ height: Int
  ) throws(ImageError) -> Frame {
    guard let chunk = chunk("ANMF", in: bytes), chunk.count > 16 else {
      throw .damaged("WebP", " (no frame)")
    }
    let data = UnsafeBufferPointer(rebasing: chunk[16...])
    var frame = Frame(data, try features(data))
    func number(_ offset: Int) -> Int { chunk.little(3, at: offset) ?? 0 }
    (frame.x, frame.y) = (number(0) * 2, number(3) * 2)
    guard frame.width == number(6) + 1, frame.height == number(9) + 1, frame.x + frame.width <= width,
      frame.y + frame.height <= height
    else { throw .damaged("WebP", " (its first frame lies outside of it)") }
    return frame
  }

  /// What is in the first chunk of a kind; nil when there is none before the file's end.
  private static func chunk(
    _ name: String, in bytes: UnsafeBufferPointer<UInt8>
  ) -> UnsafeBufferPointer<UInt8>? {
    var position = 12
    while let length = bytes.little(4, at: position + 4) {
      let content = position + 8
      guard length <= bytes.count - content else { return nil }
      if bytes[position..<position + 4].elementsEqual(name.utf8) {
        return UnsafeBufferPointer(rebasing: bytes[content..<content + length])
      }
      position = content + length + length & 1
    }
    return nil
  }

  private static func features(
    _ bytes: UnsafeBufferPointer<UInt8>
  ) throws(ImageError) -> WebPBitstreamFeatures {
    var features = WebPBitstreamFeatures()
    try check(WebPGetFeatures(bytes.baseAddress, bytes.count, &features))
    guard features.width > 0, features.height > 0 else { throw .damaged("WebP") }
    return features
  }

  private static func check(_ status: VP8StatusCode) throws(ImageError) {
    switch status {
    case VP8_STATUS_OK: return
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: throw truncated
    case VP8_STATUS_OUT_OF_MEMORY:
      throw ImageError(.outOfMemory, "There is not enough memory to decode the WebP file.")
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      throw ImageError(.unsupported, "This kind of WebP file is not read; save it as JPEG or PNG.")
    default: throw .damaged("WebP")
    }
  }

  private static let truncated = ImageError.truncated("WebP")
}
