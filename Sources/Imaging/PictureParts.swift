public import Foundation

/// Where in a file its picture lies: everything but what is said about it, such as rating, keywords, date, place and preview.
///
/// Programs that manage photos write the latter again and again; these parts stay as they are, byte by byte. JPEG (T.81), PNG
/// (RFC 2083), WebP, HEIC and AVIF (ISO/IEC 23008-12), TIFF (6.0, BigTIFF), GIF (89a), JPEG 2000 (ISO/IEC 15444-1) and JPEG XL
/// (ISO/IEC 18181-2) are taken apart.
public struct PictureParts: Sendable, Hashable {
  /// The stretches of the file, in the order in which they make the picture.
  public private(set) var ranges: [Range<Int>] = []

  /// How the picture has to be turned, where that lies among what is said about it.
  public internal(set) var orientation: ImageOrientation = .up

  /// The parts of a file's bytes; nil for a file of another format, or that is not as its format has it.
  public init?(of data: Data) {
    let found = data.withUnsafeBytes { bytes -> PictureParts? in
      let bytes = bytes.bindMemory(to: UInt8.self)
      guard let format = ImageFormat(sniffing: bytes), case .known(let decoder) = format else { return nil }
      return Self.parts(of: bytes, decoder)
    }
    guard let found else { return nil }
    self = found
  }

  init(_ ranges: [Range<Int>] = []) { self.ranges = ranges }

  /// Puts a stretch behind the others; one that goes on where the last ends makes it longer.
  mutating func add(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    if let last = ranges.last, last.upperBound == range.lowerBound {
      ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ranges.append(range)
    }
  }

  private static func parts(
    of bytes: UnsafeBufferPointer<UInt8>, _ decoder: any PictureDecoder.Type
  ) -> PictureParts? {
    switch decoder {
    case is JPEGDecoder.Type: jpeg(bytes)
    case is PNGDecoder.Type: png(bytes)
    case is WebPDecoder.Type: webp(bytes)
    case is HEIFDecoder.Type: HEIFStructure.pictureParts(bytes).map { PictureParts($0) }
    case is TIFFDecoder.Type: tiff(bytes)
    case is GIFDecoder.Type: gif(bytes)
    case is JPEG2000Decoder.Type: jpeg2000(bytes)
    case is JPEGXLDecoder.Type: jpegXL(bytes)
    default: nil
    }
  }

  /// All segments but remarks and those of programs, up to the end of the first picture.
  private static func jpeg(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    wholeJPEG(bytes).flatMap { $0.parts.ranges.isEmpty ? nil : $0.parts }
  }

  /// Where the first picture of a JPEG file ends, behind its marker; nil where there is none.
  static func endOfJPEG(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? { wholeJPEG(bytes)?.end }

  private static func wholeJPEG(_ bytes: UnsafeBufferPointer<UInt8>) -> (parts: PictureParts, end: Int)? {
    var parts = PictureParts()
    var turn: ImageOrientation?
    var position = 2
    while true {
      while position < bytes.count, bytes[position] == 0xFF { position += 1 }
      guard position > 2, position < bytes.count, bytes[position - 1] == 0xFF else { return nil }
      let marker = bytes[position]
      if marker == 0xD9 { break }
      guard let length = bytes.big(2, at: position + 1), length >= 2,
        position + 1 + length <= bytes.count
      else { return nil }
      let segment = position..<position + 1 + length
      position = segment.upperBound
      // Whether there are chroma and which, Adobe's segment says.
      if (0xE0...0xEF).contains(marker) && marker != 0xEE || marker == 0xFE {
        if marker == 0xE1, turn == nil {
          turn = EXIFOrientation.find(in: UnsafeBufferPointer(rebasing: bytes[segment.dropFirst(3)]))
        }
        continue
      }
      parts.ranges.append(segment)
      guard marker == 0xDA else { continue }
      let start = position
      while position + 1 < bytes.count {
        guard let next = bytes[position...].firstIndex(of: 0xFF), next + 1 < bytes.count else { return nil }
        position = next
        // Stuffed bytes and restart markers are the picture's own.
        let byte = bytes[next + 1]
        guard byte == 0 || (0xD0...0xD7).contains(byte) else { break }
        position += 2
      }
      parts.ranges.append(start..<position)
    }
    parts.orientation = turn ?? .up
    return (parts, position + 1)
  }

  /// Head, palette, transparency and pixels.
  private static func png(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    var parts = PictureParts()
    var position = 8
    while let length = bytes.big(4, at: position), length <= bytes.count - position - 12 {
      let body = position + 8..<position + 8 + length
      switch String(decoding: bytes[position + 4..<position + 8], as: UTF8.self) {
      case "IHDR", "PLTE", "tRNS": parts.ranges.append(position + 4..<body.upperBound)
      // Programs may cut the pixels into other pieces.
      case "IDAT": parts.ranges.append(body)
      case "eXIf":
        let found = EXIFOrientation.find(in: UnsafeBufferPointer(rebasing: bytes[body]))
        parts.orientation = found ?? .up
      case "IEND": return parts.ranges.isEmpty ? nil : parts
      default: break
      }
      position = body.upperBound + 4
    }
    return nil
  }

  /// The picture, its alpha, or its frames.
  private static func webp(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    var parts = PictureParts()
    guard let size = bytes.little(4, at: 4), size <= bytes.count - 8 else { return nil }
    var position = 12
    while position + 8 <= size + 8 {
      guard let length = bytes.little(4, at: position + 4), length <= size - position else { return nil }
      let chunk = position..<position + 8 + length
      switch String(decoding: bytes[position..<position + 4], as: UTF8.self) {
      case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF": parts.ranges.append(chunk)
      case "EXIF":
        let found = EXIFOrientation.find(in: UnsafeBufferPointer(rebasing: bytes[chunk.dropFirst(8)]))
        parts.orientation = found ?? .up
      default: break
      }
      position = chunk.upperBound + length % 2
    }
    return parts.ranges.isEmpty ? nil : parts
  }
}
