package import Foundation

/// Whether a picture file is there to its end, by what its format says of it: the last bytes may be missing of a file all of
/// whose pixels can be decoded, such as the end marker of a JPEG.
package enum PictureEnd {
  /// Whether bytes are missing at the end; also where a file is not as its format has it, so that its end is not known. False
  /// for what is of no known format, and for formats whose end only a decoder finds.
  ///
  /// - Complexity: O(bytes) for JPEG and GIF, O(parts) for others.
  package static func isMissing(in file: Data) -> Bool {
    file.withUnsafeBytes { bytes in
      let bytes = JPEGStructure.withoutLeadingBlanks(bytes.bindMemory(to: UInt8.self))
      guard case .known(let decoder)? = ImageFormat(sniffing: bytes) else { return false }
      return switch decoder {
      case is JPEGDecoder.Type: !endsAsJPEG(bytes)
      case is PNGDecoder.Type, is WebPDecoder.Type, is GIFDecoder.Type: PictureParts(of: file) == nil
      case is HEIFDecoder.Type: ISOBox.all(in: bytes) == nil
      case is JPEG2000Decoder.Type: !endsAsJPEG2000(bytes)
      case is JPEGXLDecoder.Type: !endsAsJPEGXL(bytes)
      case is TIFFDecoder.Type: !hasAllPages(bytes)
      case is BMPDecoder.Type: bytes.little(4, at: 2).map { $0 > bytes.count } ?? true
      case is ICODecoder.Type: !hasAllIcons(bytes)
      case is PNMDecoder.Type: !endsAsPNM(bytes)
      default: false
      }
    }
  }

  /// Whether every picture of the file ends in its marker; there are several in one of Multi-Picture Format.
  private static func endsAsJPEG(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var rest = bytes[...]
    repeat {
      guard let end = PictureParts.endOfJPEG(UnsafeBufferPointer(rebasing: rest)) else { return false }
      rest = rest.dropFirst(end).drop { $0 == 0 }
    } while rest.starts(with: [0xFF, 0xD8, 0xFF])
    return true
  }

  /// Whether the code stream, in a box or bare, ends in its marker.
  private static func endsAsJPEG2000(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.first == 0 else { return bytes.suffix(2).elementsEqual([0xFF, 0xD9]) }
    guard let boxes = ISOBox.all(in: bytes) else { return false }
    return boxes.filter { $0.type == "jp2c" }.allSatisfy { $0.content.suffix(2).elementsEqual([0xFF, 0xD9]) }
  }

  /// Whether the boxes are whole; of a bare code stream the decoder reads the first frame to its end, and nobody knows the end of others.
  private static func endsAsJPEGXL(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if bytes.first == 0 { return ISOBox.all(in: bytes) != nil }
    return (try? JPEGXLDecoder(bytes))?.remarks.isEmpty ?? true
  }

  /// Whether the directories of all pages of a TIFF are there, and where they say that pixels are is something.
  private static func hasAllPages(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let isLittle = bytes.first == 0x49
    func number(_ size: Int, _ place: Int) -> Int? {
      isLittle ? bytes.little(size, at: place) : bytes.big(size, at: place)
    }
    let isBig = number(2, 2) == 43
    let (width, length) = isBig ? (8, 20) : (4, 12)
    /// The numbers of a directory's entry.
    func values(_ entry: Int) -> [Int]? {
      let sizes = [3: 2, 4: 4, 16: 8]
      guard let size = number(2, entry + 2).flatMap({ sizes[$0] }), let count = number(width, entry + 4),
        count <= bytes.count / size
      else { return nil }
      let field = entry + 4 + width
      guard let start = count * size <= width ? field : number(width, field), start <= bytes.count else {
        return nil
      }
      let values = (0..<count).compactMap { number(size, start + $0 * size) }
      return values.count == count ? values : nil
    }
    var next = number(width, isBig ? 8 : 4)
    var seen: Set<Int> = []
    while let place = next, place != 0, seen.insert(place).inserted {
      guard place < bytes.count, let count = number(isBig ? 8 : 2, place), count < 1 << 16 else {
        return false
      }
      let first = place + (isBig ? 8 : 2)
      var entries: [Int: Int] = [:]
      for index in 0..<count {
        guard let tag = number(2, first + index * length) else { return false }
        entries[tag] = first + index * length
      }
      // Strips and tiles: where they are, and how long.
      for (starts, lengths) in [(273, 279), (324, 325)] {
        guard let starts = entries[starts], let lengths = entries[lengths] else { continue }
        guard let starts = values(starts), let lengths = values(lengths), starts.count == lengths.count,
          zip(starts, lengths).allSatisfy({ $0 <= bytes.count && $1 <= bytes.count - $0 })
        else { return false }
      }
      next = number(width, first + count * length)
    }
    return next != nil
  }

  private static func hasAllIcons(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    (0..<(bytes.little(2, at: 4) ?? 0)).allSatisfy { icon in
      let entry = 6 + icon * 16
      guard let size = bytes.little(4, at: entry + 8), let start = bytes.little(4, at: entry + 12) else {
        return false
      }
      return start <= bytes.count - size
    }
  }

  /// Whether the last number of a file in text ends: without a blank behind it, digits may be missing.
  private static func endsAsPNM(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count > 2, (0x32...0x33).contains(bytes[1]) else { return true }
    return bytes.last.map { $0 == 0x20 || (0x09...0x0D).contains($0) } ?? false
  }
}
