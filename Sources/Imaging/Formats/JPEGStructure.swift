/// What a JPEG file says of itself before its picture data: size, kind, orientation. (ITU-T T.81, annex B.)
struct JPEGStructure {
  private(set) var width = 0
  private(set) var height = 0
  private(set) var components = 0
  private(set) var precision = 0
  /// The low byte of the frame marker: 0xC0 baseline, 0xC2 progressive, 0xC3 lossless, …
  private(set) var frame: UInt8 = 0
  private(set) var hasAdobeMarker = false
  private(set) var orientation: ImageOrientation?

  /// Whether it is of the kinds that predict pixels instead of transforming them.
  var isLossless: Bool { [0xC3, 0xC7, 0xCB, 0xCF].contains(frame) }

  /// Walks the segments up to the first scan.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    var position = 2
    while true {
      // libjpeg skips stray bytes between segments, with a warning.
      while position < bytes.count, bytes[position] != 0xFF { position += 1 }
      // Any number of 0xFF may stand before a marker.
      while position < bytes.count, bytes[position] == 0xFF { position += 1 }
      guard position < bytes.count else { throw Self.truncated }
      let marker = bytes[position]
      position += 1
      if marker == 0x01 || (0xD0...0xD8).contains(marker) { continue }
      if marker == 0xD9 { throw ImageError(.corrupt, "The JPEG file is damaged: it ends without a picture.") }
      guard position + 2 <= bytes.count else { throw Self.truncated }
      let length = Int(bytes[position]) << 8 | Int(bytes[position + 1])
      guard length >= 2 else {
        throw ImageError(.corrupt, "The JPEG file is damaged: the segment at byte \(position) has no length.")
      }
      guard position + length <= bytes.count else { throw Self.truncated }
      let body = UnsafeBufferPointer(rebasing: bytes[position + 2..<position + length])
      if marker == 0xDA { break }
      read(marker, body)
      position += length
    }
    guard frame != 0, components > 0 else {
      throw ImageError(.corrupt, "The JPEG file is damaged: its picture data come before its size.")
    }
  }

  static let truncated = ImageError.truncated("JPEG")

  /// The file from where it starts, when blanks and line feeds stand before that, as programs of web sites let them.
  static func withoutLeadingBlanks(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let blanks = bytes.prefix(64).prefix { $0 == 0x20 || (0x09...0x0D).contains($0) }.count
    guard blanks > 0, bytes[blanks...].starts(with: [0xFF, 0xD8, 0xFF]) else { return bytes }
    return UnsafeBufferPointer(rebasing: bytes[blanks...])
  }

  private mutating func read(_ marker: UInt8, _ body: UnsafeBufferPointer<UInt8>) {
    switch marker {
    case 0xC4, 0xC8, 0xCC: break
    case 0xC0...0xCF where body.count >= 6 && frame == 0:
      frame = marker
      precision = Int(body[0])
      height = Int(body[1]) << 8 | Int(body[2])
      width = Int(body[3]) << 8 | Int(body[4])
      components = Int(body[5])
    case 0xE1 where orientation == nil && body.count >= 6 && body[0] == 0x45 && body[1] == 0x78:
      orientation = EXIFOrientation.find(in: body)
    case 0xEE where body.count >= 5 && body.prefix(5).elementsEqual("Adobe".utf8):
      hasAdobeMarker = true
    default: break
    }
  }
}
