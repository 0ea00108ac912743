internal import CJPEG

/// JPEG by libjpeg-turbo: baseline, extended and progressive; grey, YCbCr, RGB, CMYK and YCCK; 8 bits. Of an
/// MPO file, which is several of them, the first. (ITU-T T.81.)
struct JPEGDecoder: PictureDecoder {
  private let structure: JPEGStructure
  private let bytes: UnsafeBufferPointer<UInt8>

  private(set) var remarks: [ImageRemark] = []
  private(set) var damage: ImageError?

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    structure = try JPEGStructure(bytes)
    self.bytes = bytes
    guard !structure.isLossless else {
      throw ImageError(.unsupported, "Lossless JPEG files are not read; save it as a plain JPEG.")
    }
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

  mutating func decode(reduction: Int) throws(ImageError) -> RGBImage {
    let width = (structure.width + reduction - 1) / reduction
    let height = (structure.height + reduction - 1) / reduction
    var decoded = decode(bytes, width, height, reduction)
    if decoded.isWrong,
      let cleaned = withoutStrayRestarts().map({ decode($0, isStrict: true, width, height, reduction) }),
      !cleaned.isWrong
    {
      decoded = cleaned
      remarks.append(
        .harmlessFault(
          "The JPEG file has markers among its pixels that do not belong there; they are passed over."))
    }
    let reason = decoded.message.string
    switch Int(decoded.status) {
    case FG_JPEG_OK: break
    case FG_JPEG_WITHOUT_END:
      remarks.append(
        .harmlessFault("The last bytes of the JPEG file are missing; all of its pixels are there."))
    case FG_JPEG_TRUNCATED: throw JPEGStructure.truncated
    case FG_JPEG_CUT: damage = JPEGStructure.truncated
    case FG_JPEG_DAMAGED: damage = .damaged("JPEG", " (\(reason))")
    case FG_JPEG_UNSUPPORTED:
      throw ImageError(
        .unsupported, "This kind of JPEG file is not read (\(reason)); save it as a plain JPEG.")
    case FG_JPEG_OUT_OF_MEMORY:
      throw ImageError(.outOfMemory, "There is not enough memory to decode the JPEG file.")
    default: throw .damaged("JPEG", " (\(reason))")
    }
    return RGBImage(
      uncheckedWidth: width, height: height, pixels: isInk ? rgb(fromInk: decoded.pixels) : decoded.pixels)
  }

  private var isInk: Bool { structure.components == 4 }

  private struct Decoded {
    var pixels: [UInt8] = []
    var status: Int32 = 0
    var message = fg_jpeg_message()

    /// Whether there are pixels, of which some are missing or not as they were written.
    var isWrong: Bool { Int(status) == FG_JPEG_CUT || Int(status) == FG_JPEG_DAMAGED }
  }

  private func decode(
    _ file: some Collection<UInt8>, isStrict: Bool = false, _ width: Int, _ height: Int, _ reduction: Int
  ) -> Decoded {
    var decoded = Decoded()
    let channels = isInk ? 4 : 3
    decoded.pixels = [UInt8](unsafeUninitializedCapacity: width * height * channels) { target, count in
      let status = file.withContiguousStorageIfAvailable { file in
        fg_jpeg_decode(
          file.baseAddress, file.count, isStrict ? 1 : 0, UInt32(reduction), target.baseAddress,
          UInt32(width), UInt32(height),
          UInt32(channels), &decoded.message)
      }
      decoded.status = status ?? Int32(FG_JPEG_CORRUPT)
      // With a picture, every pixel was written.
      count = Int(decoded.status) <= FG_JPEG_DAMAGED ? target.count : 0
    }
    return decoded
  }

  /// The file without restart markers that libjpeg would stop at; nil when it has none.
  private func withoutStrayRestarts() -> [UInt8]? {
    let copy = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
      count = fg_jpeg_without_stray_restarts(bytes.baseAddress, bytes.count, target.baseAddress)
    }
    return copy.count < bytes.count ? copy : nil
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

extension fg_jpeg_message {
  /// The sentence as a string.
  var string: String {
    withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
