/// A picture format, told from a file's first bytes, never from its name.
enum ImageFormat {
  case jpeg
  case png
  case webP
  /// A format that is known but not read, by its name for the error.
  case other(String)

  /// The format of these bytes, or nil when they are of none that is known.
  init?(sniffing bytes: UnsafeBufferPointer<UInt8>) {
    func starts(_ text: String, at offset: Int = 0) -> Bool {
      let magic = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      guard bytes.count >= offset + magic.count else { return false }
      return (0..<magic.count).allSatisfy { bytes[offset + $0] == magic[$0] }
    }
    if starts("\u{FF}\u{D8}\u{FF}") {
      self = .jpeg
    } else if starts("\u{89}PNG\r\n\u{1A}\n") {
      self = .png
    } else if starts("RIFF"), starts("WEBP", at: 8) {
      self = .webP
    } else if starts("GIF87a") || starts("GIF89a") {
      self = .other("GIF")
    } else if starts("ftyp", at: 4) {
      guard let name = Self.isoBrand(bytes) else { return nil }
      self = .other(name)
    } else if starts("II*\0") || starts("MM\0*") || starts("II+\0") || starts("MM\0+") {
      self = .other("TIFF")
    } else if starts("BM"), bytes.count >= 18, (12...124).contains(bytes[14]), bytes[15] == 0 {
      self = .other("BMP")
    } else if starts("\u{FF}\u{0A}") || starts("\0\0\0\u{0C}JXL ") {
      self = .other("JPEG XL")
    } else if starts("\0\0\0\u{0C}jP  ") {
      self = .other("JPEG 2000")
    } else if starts("8BPS") {
      self = .other("Photoshop")
    } else if starts("%PDF-") {
      self = .other("PDF")
    } else if starts("\0\0\u{01}\0"), bytes.count >= 22 {
      self = .other("Windows icon")
    } else {
      return nil
    }
  }

  /// The picture format that a file in the ISO base media container names as its brand.
  private static func isoBrand(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.count >= 12 else { return nil }
    switch String(decoding: bytes[8..<12], as: UTF8.self) {
    case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1": return "HEIC"
    case "avif", "avis": return "AVIF"
    default: return "video"
    }
  }
}
