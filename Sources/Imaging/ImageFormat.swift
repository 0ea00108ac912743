/// A picture format, told from a file's first bytes, never from its name.
enum ImageFormat {
  /// A format that is read, by its decoder.
  case known(any PictureDecoder.Type)
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
      self = .known(JPEGDecoder.self)
    } else if starts("\u{89}PNG\r\n\u{1A}\n") {
      self = .known(PNGDecoder.self)
    } else if starts("RIFF"), starts("WEBP", at: 8) {
      self = .known(WebPDecoder.self)
    } else if starts("GIF87a") || starts("GIF89a") {
      self = .known(GIFDecoder.self)
    } else if starts("ftyp", at: 4) {
      guard let format = Self(isoBrands: bytes) else { return nil }
      self = format
    } else if starts("II*\0") || starts("MM\0*") || starts("II+\0") || starts("MM\0+") {
      self = .known(TIFFDecoder.self)
    } else if starts("BM"), bytes.count >= 18, (12...124).contains(bytes[14]), bytes[15] == 0 {
      self = .known(BMPDecoder.self)
    } else if starts("\u{FF}\u{0A}") || starts("\0\0\0\u{0C}JXL ") {
      self = .known(JPEGXLDecoder.self)
    } else if starts("\0\0\0\u{0C}jP  ") || starts("\u{FF}\u{4F}\u{FF}\u{51}") {
      self = .known(JPEG2000Decoder.self)
    } else if bytes.count >= 3, bytes[0] == 0x50, (0x31...0x36).contains(bytes[1]),
      bytes[2] == 0x20 || bytes[2] == 0x23 || (0x09...0x0D).contains(bytes[2])
    {
      self = .known(PNMDecoder.self)
    } else if starts("8BPS") {
      self = .other("Photoshop")
    } else if starts("%PDF-") {
      self = .other("PDF")
    } else if starts("\0\0\u{01}\0"), bytes.count >= 22 {
      self = .known(ICODecoder.self)
    } else {
      return nil
    }
  }

  /// The format of a file in the ISO base media container: the first of its brands that is a picture's.
  private init?(isoBrands bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count >= 12, let size = bytes.big(4, at: 0) else { return nil }
    // The main brand, its version, and the compatible brands up to the box's end.
    let brands = [8] + stride(from: 16, to: min(size, bytes.count) - 3, by: 4)
    let isPicture = brands.contains { place in
      ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis"]
        .contains(String(decoding: bytes[place..<place + 4], as: UTF8.self))
    }
    self = isPicture ? .known(HEIFDecoder.self) : .other("video")
  }
}

extension ImageDecoder {
  /// Extensions of the names of files that are taken for photos when a folder is looked through, in lower case. What a file
  /// is, its bytes tell.
  public static let fileExtensions: Set<String> = [
    "jpg", "jpeg", "jpe", "jfif", "mpo", "png", "webp", "heic", "heif", "hif", "avif", "tif", "tiff", "gif",
    "bmp", "dib",
    "pnm", "pbm", "pgm", "ppm", "ico", "jp2", "jpf", "jpx", "j2k", "j2c", "jpc", "jxl",
  ]
}
