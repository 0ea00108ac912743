internal import CPNG

/// PNG by libpng: every colour type and depth, interlaced or not. (ISO/IEC 15948.)
struct PNGDecoder: PictureDecoder {
  let width: Int
  let height: Int
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    guard bytes.count >= 33 else { throw Self.truncated }
    guard Self.uint32(bytes, 8) == 13, Self.uint32(bytes, 12) == 0x4948_4452 else {
      throw ImageError(.corrupt, "The PNG file is damaged: it does not begin with its header.")
    }
    width = Self.uint32(bytes, 16)
    height = Self.uint32(bytes, 20)
    self.bytes = bytes
    guard width > 0, height > 0, width <= Int(Int32.max), height <= Int(Int32.max) else {
      throw ImageError(.corrupt, "The PNG file is damaged: its header gives it no possible size.")
    }
  }

  /// The orientation of the eXIf chunk, which may stand before or after the picture data.
  var orientation: ImageOrientation? {
    var position = 8
    while position + 12 <= bytes.count {
      let length = Self.uint32(bytes, position)
      guard position + 12 + length <= bytes.count else { return nil }
      if Self.uint32(bytes, position + 4) == 0x6558_4966 {
        return EXIFOrientation.find(
          in: UnsafeBufferPointer(rebasing: bytes[position + 8..<position + 8 + length]))
      }
      position += 12 + length
    }
    return nil
  }

  /// An animation says before the first pixels how many frames it has.
  var remarks: [ImageRemark] {
    var position = 8
    while let length = bytes.big(4, at: position), let kind = bytes.big(4, at: position + 4),
      length <= bytes.count - position - 8, kind != 0x4944_4154
    {
      if kind == 0x6163_544C, length >= 8 {
        return (bytes.big(4, at: position + 8) ?? 0) > 1 ? [.first("frame")] : []
      }
      position += 12 + length
    }
    return []
  }

  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    var message = fg_png_message()
    var status: Int32 = 0
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      status = fg_png_decode(
        bytes.baseAddress, bytes.count, target.baseAddress, UInt32(width), UInt32(height), &message)
      count = status == Int32(FG_PNG_OK) ? target.count : 0
    }
    switch Int(status) {
    case FG_PNG_OK: return RGBImage(uncheckedWidth: width, height: height, pixels: pixels)
    case FG_PNG_TRUNCATED: throw Self.truncated
    case FG_PNG_OUT_OF_MEMORY:
      throw ImageError(.outOfMemory, "There is not enough memory to decode the PNG file.")
    default:
      throw ImageError(.corrupt, "The PNG file is damaged (\(message.string)); get an undamaged copy of it.")
    }
  }

  private static let truncated = ImageError(
    .truncated, "The PNG file is cut off before its picture ends; get a complete copy of it.")

  private static func uint32(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
  }
}

extension fg_png_message {
  /// The sentence as a string.
  var string: String {
    withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
