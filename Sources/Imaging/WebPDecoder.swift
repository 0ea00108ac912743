internal import CWebP

/// Still WebP pictures by libwebp, lossy or lossless. (RFC 9649.)
struct WebPDecoder {
  let width: Int
  let height: Int
  private let hasAlpha: Bool
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    guard bytes.count >= 20, Self.uint32(bytes, 4) <= bytes.count - 8 else { throw Self.truncated }
    var features = WebPBitstreamFeatures()
    try Self.check(WebPGetFeatures(bytes.baseAddress, bytes.count, &features))
    guard features.has_animation == 0 else {
      throw ImageError(.unsupported, "Animated WebP files are not read; save one picture of it.")
    }
    width = Int(features.width)
    height = Int(features.height)
    hasAlpha = features.has_alpha != 0
    self.bytes = bytes
  }

  /// The orientation of the EXIF chunk.
  var orientation: ImageOrientation? {
    var position = 12
    while position + 8 <= bytes.count {
      let length = Self.uint32(bytes, position + 4)
      guard position + 8 + length <= bytes.count else { return nil }
      if bytes[position..<position + 4].elementsEqual("EXIF".utf8) {
        return EXIFOrientation.find(
          in: UnsafeBufferPointer(rebasing: bytes[position + 8..<position + 8 + length]))
      }
      position += 8 + length + length & 1
    }
    return nil
  }

  func decode() throws(ImageError) -> RGBImage {
    let channels = hasAlpha ? 4 : 3
    var config = WebPDecoderConfig()
    guard WebPInitDecoderConfig(&config) != 0 else {
      throw ImageError(
        .unsupported, "The libwebp that is installed does not fit; install libwebp 1.2 or newer.")
    }
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    let status = pixels.withUnsafeMutableBufferPointer { target in
      config.output.colorspace = hasAlpha ? MODE_RGBA : MODE_RGB
      config.output.is_external_memory = 1
      config.output.u.RGBA = WebPRGBABuffer(
        rgba: target.baseAddress, stride: Int32(width * channels), size: target.count)
      return WebPDecode(bytes.baseAddress, bytes.count, &config)
    }
    WebPFreeDecBuffer(&config.output)
    try Self.check(status)
    return RGBImage(uncheckedWidth: width, height: height, pixels: hasAlpha ? Self.onWhite(pixels) : pixels)
  }

  private static func onWhite(_ rgba: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: rgba.count / 4 * 3) { target, count in
      rgba.withUnsafeBufferPointer { rgba in
        for pixel in 0..<rgba.count / 4 {
          let alpha = Int(rgba[pixel * 4 + 3])
          for channel in 0..<3 {
            let value = Int(rgba[pixel * 4 + channel]) * alpha + 255 * (255 - alpha)
            target[pixel * 3 + channel] = UInt8((value + 127) / 255)
          }
        }
      }
      count = target.count
    }
  }

  private static func check(_ status: VP8StatusCode) throws(ImageError) {
    switch status {
    case VP8_STATUS_OK: return
    case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: throw truncated
    case VP8_STATUS_OUT_OF_MEMORY:
      throw ImageError(.tooManyPixels, "There is not enough memory to decode the WebP file.")
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      throw ImageError(.unsupported, "This kind of WebP file is not read; save it as JPEG or PNG.")
    default: throw ImageError(.corrupt, "The WebP file is damaged; get an undamaged copy of it.")
    }
  }

  private static let truncated = ImageError(
    .truncated, "The WebP file is cut off before its picture ends; get a complete copy of it.")

  private static func uint32(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Int {
    (0..<4).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
  }
}
