internal import CTurboJPEG

/// JPEG by libjpeg-turbo: baseline, extended and progressive; grey, YCbCr, RGB, CMYK and YCCK; 8 bits. Of an
/// MPO file, which is several of them, the first. (ITU-T T.81.)
struct JPEGDecoder: PictureDecoder {
  private let structure: JPEGStructure
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    structure = try JPEGStructure(bytes)
    self.bytes = bytes
    guard structure.precision == 8 else {
      throw ImageError(
        .unsupported, "JPEG files of \(structure.precision) bits a sample are not read; save it with 8 bits.")
    }
    guard structure.width > 0, structure.height > 0 else {
      throw ImageError(.corrupt, "The JPEG file is damaged: its header gives it no pixels.")
    }
  }

  var width: Int { structure.width }
  var height: Int { structure.height }
  var orientation: ImageOrientation? { structure.orientation }
  var greatestReduction: Int { 8 }

  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    let decompressor = try Decompressor()
    let width = (structure.width + reduction - 1) / reduction
    let height = (structure.height + reduction - 1) / reduction
    let isInk = structure.components == 4
    let channels = isInk ? 4 : 3
    let pixels = try decompressor.decode(
      bytes, width: width, height: height, channels: channels,
      format: isInk ? TJPF_CMYK : TJPF_RGB, hasEnd: structure.hasEnd)
    return RGBImage(
      uncheckedWidth: width, height: height, pixels: isInk ? rgb(fromInk: pixels) : pixels)
  }

  /// Cyan, magenta, yellow and black to RGB without a colour profile: each channel is the light that its ink
  /// and the black let through. Files by Adobe's programs, and by most others that write the Adobe marker,
  /// hold the light itself; the rest hold the ink.
  private func rgb(fromInk ink: [UInt8]) -> [UInt8] {
    let inversion: UInt8 = structure.hasAdobeMarker ? 0 : 255
    return [UInt8](unsafeUninitializedCapacity: ink.count / 4 * 3) { target, count in
      ink.withUnsafeBufferPointer { ink in
        for pixel in 0..<ink.count / 4 {
          let light = Int(ink[pixel * 4 + 3] ^ inversion)
          for channel in 0..<3 {
            target[pixel * 3 + channel] = UInt8(
              (Int(ink[pixel * 4 + channel] ^ inversion) * light + 127) / 255)
          }
        }
      }
      count = target.count
    }
  }
}

/// A TurboJPEG decompressor.
private struct Decompressor: ~Copyable {
  private let handle: tjhandle

  init() throws(ImageError) {
    guard let handle = tjInitDecompress() else {
      throw ImageError(.corrupt, "libjpeg-turbo could not be started: there is not enough memory.")
    }
    self.handle = handle
  }

  deinit { tjDestroy(handle) }

  func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, width: Int, height: Int, channels: Int, format: TJPF, hasEnd: Bool
  ) throws(ImageError) -> [UInt8] {
    // TurboJPEG reads the size again and takes the largest scale that fits; given ours and the row length it never
    // writes past the buffer.
    // Pixels that damaged data leave out must not be whatever the memory held before.
    var pixels = [UInt8](repeating: 0, count: width * height * channels)
    let decoded = pixels.withUnsafeMutableBufferPointer { target in
      tjDecompress2(
        handle, bytes.baseAddress, UInt(bytes.count), target.baseAddress, Int32(width),
        Int32(width * channels), Int32(height), format.rawValue.asInt32, TJFLAG_LIMITSCANS)
    }
    if decoded != 0 { try report(hasEnd: hasEnd) }
    return pixels
  }

  /// Turns what libjpeg-turbo says into an error, or into nothing when the picture is whole nevertheless.
  private func report(hasEnd: Bool) throws(ImageError) {
    let isFatal = tjGetErrorCode(handle) == TJERR_FATAL.rawValue.asInt32
    let text = String(cString: tjGetErrorStr2(handle))
    if isFatal && (text.contains("Unsupported") || text.contains("not supported")) {
      throw ImageError(.unsupported, "This kind of JPEG file is not read (\(text)); save it as a plain JPEG.")
    }
    if isFatal && text.lowercased().contains("memory") {
      throw ImageError(.tooManyPixels, "There is not enough memory to decode the JPEG file.")
    }
    if text.contains("Premature end") || !hasEnd { throw JPEGStructure.truncated }
    let isHarmless = Self.harmless.contains { text.contains($0) }
    if isFatal || !isHarmless {
      throw ImageError(.corrupt, "The JPEG file is damaged (\(text)); get an undamaged copy of it.")
    }
  }

  /// Warnings after which every pixel is as it was written.
  private static let harmless = [
    "extraneous bytes before marker", "Invalid SOS parameters", "unknown Adobe color transform",
    "Unknown Adobe",
    "JFIF major revision",
  ]
}

extension FixedWidthInteger {
  /// C enumerations come as signed or unsigned, by the platform.
  fileprivate var asInt32: Int32 { Int32(truncatingIfNeeded: self) }
}
