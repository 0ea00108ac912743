extension PictureParts {
  /// Of the page that is read: the tags that say how its pixels are stored, by number, then strips or tiles, by number.
  ///
  /// Nil where the page has no strips or tiles with lengths, or has them share bytes, and for JPEG as TIFF 6.0 first had it,
  /// whose tables lie anywhere.
  static func tiff(_ bytes: UnsafeBufferPointer<UInt8>) -> PictureParts? {
    guard let file = TIFFDirectories(bytes), let page = file.firstPage() else { return nil }
    let number = { (tag: Int) in page[tag].flatMap { file.number(0, of: $0) } }
    guard let width = number(TIFFTag.width), let length = number(TIFFTag.length), width > 0, length > 0,
      number(TIFFTag.compression) != TIFFTag.oldJPEG
    else { return nil }
    var parts = PictureParts()
    var room = bytes.count
    /// Parts that lie on each other would be read again and again.
    func take(_ range: Range<Int>) -> Bool {
      guard range.count <= room else { return false }
      room -= range.count
      parts.add(range)
      return parts.ranges.count <= mostTIFFRanges
    }
    for tag in TIFFTag.layout {
      guard let entry = page[tag] else { continue }
      guard let kind = entry.kind, let values = entry.values, take(kind), take(values) else { return nil }
    }
    let strips = (page[TIFFTag.stripOffsets], page[TIFFTag.stripLengths])
    let tiles = (page[TIFFTag.tileOffsets], page[TIFFTag.tileLengths])
    guard strips.0 == nil || tiles.0 == nil, let starts = strips.0 ?? tiles.0,
      let lengths = strips.0 == nil ? tiles.1 : strips.1, starts.count == lengths.count, starts.count > 0
    else { return nil }
    let roomForPixels = room
    for place in 0..<starts.count {
      guard let start = file.number(place, of: starts), let length = file.number(place, of: lengths),
        start <= bytes.count, length <= bytes.count - start, take(start..<start + length)
      else { return nil }
    }
    guard room < roomForPixels else { return nil }
    parts.orientation =
      number(TIFFTag.orientation).flatMap(UInt8.init(exactly:))
      .flatMap(ImageOrientation.init) ?? .up
    return parts
  }

  /// A file with more strips apart from each other counts as a whole.
  private static var mostTIFFRanges: Int { 1 << 20 }
}

/// Numbers of tags. (TIFF 6.0; TIFF Technical Notes; Adobe Photoshop TIFF.)
private enum TIFFTag {
  static let kind = 254
  static let oldKind = 255
  static let width = 256
  static let length = 257
  static let compression = 259
  static let stripOffsets = 273
  static let orientation = 274
  static let stripLengths = 279
  static let tileOffsets = 324
  static let tileLengths = 325

  /// The value of `compression` for JPEG with tables at offsets.
  static let oldJPEG = 6

  /// What the pixels depend on besides their bytes: size, bits, compression and its options, colours, palette, tiles, planes.
  static let layout = [
    width, length, 258, compression, 262, 266, 277, 278, 284, 292, 293, 317, 318, 320, 322, 323, 332, 338,
    339,
    347, 529, 530, 532, 50_674,
  ]
}

/// The directories of a TIFF or BigTIFF file; nil wherever an offset leads outside.
private struct TIFFDirectories {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let isLittle: Bool
  private let isBig: Bool
  /// Bytes of an offset, and of a count of values.
  private var width: Int { isBig ? 8 : 4 }

  /// An entry of a directory.
  struct Entry {
    let type: Int
    /// How many values it has.
    let count: Int
    /// Where tag, type and count are.
    let kind: Range<Int>?
    /// Where the values are, in the entry or elsewhere; nil where they are not within the file, or of no known type.
    let values: Range<Int>?
  }

  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    isLittle = bytes.first == 0x49
    isBig = (bytes.first == 0x49 ? bytes.little(2, at: 2) : bytes.big(2, at: 2)) == 43
    // BigTIFF says how long offsets are; nothing but 8 is defined.
    guard !isBig || unsigned(4, at: 4).map({ isLittle ? $0 == 8 : $0 == 8 << 16 }) == true else { return nil }
  }

  /// The first page that is no preview, which is what is decoded.
  func firstPage() -> [Int: Entry]? {
    var next = unsigned(width, at: isBig ? 8 : 4)
    var seen: Set<Int> = []
    while let place = next, place != 0, seen.insert(place).inserted, seen.count <= Self.mostPages {
      guard let count = unsigned(isBig ? 8 : 2, at: place), count <= Self.mostEntries else { return nil }
      let first = place + (isBig ? 8 : 2)
      let length = isBig ? 20 : 12
      guard first + count * length <= bytes.count else { return nil }
      var entries: [Int: Entry] = [:]
      for index in 0..<count {
        guard let tag = unsigned(2, at: first + index * length) else { return nil }
        // Of several with one number the first counts, as for the library.
        if entries[tag] == nil { entries[tag] = entry(at: first + index * length) }
      }
      if !isPreview(entries) { return entries }
      next = unsigned(width, at: first + count * length)
    }
    return nil
  }

  /// The value of an entry at a place, a whole number; nil for other types, and beyond the last.
  func number(_ place: Int, of entry: Entry) -> Int? {
    guard let values = entry.values, let size = Self.size(of: entry.type), place < entry.count,
      [1, 3, 4, 13, 16, 18].contains(entry.type)
    else { return nil }
    return unsigned(size, at: values.lowerBound + place * size)
  }

  private func isPreview(_ entries: [Int: Entry]) -> Bool {
    if let kind = entries[TIFFTag.kind].flatMap({ number(0, of: $0) }) { return kind & 1 != 0 }
    return entries[TIFFTag.oldKind].flatMap { number(0, of: $0) } == 2
  }

  private func entry(at start: Int) -> Entry? {
    guard let type = unsigned(2, at: start + 2), let count = unsigned(width, at: start + 4) else {
      return nil
    }
    let field = start + 4 + width
    return Entry(type: type, count: count, kind: start..<field, values: values(count, of: type, at: field))
  }

  private func values(_ count: Int, of type: Int, at field: Int) -> Range<Int>? {
    guard let size = Self.size(of: type), count <= bytes.count / size else { return nil }
    let length = count * size
    guard let start = length <= width ? field : unsigned(width, at: field), start <= bytes.count,
      length <= bytes.count - start
    else { return nil }
    return start..<start + length
  }

  private func unsigned(_ size: Int, at place: Int) -> Int? {
    isLittle ? bytes.little(size, at: place) : bytes.big(size, at: place)
  }

  /// Bytes of a value.
  private static func size(of type: Int) -> Int? {
    switch type {
    case 1, 2, 6, 7: 1
    case 3, 8: 2
    case 4, 9, 11, 13: 4
    case 5, 10, 12, 16, 17, 18: 8
    default: nil
    }
  }

  /// More previews before the picture no file has.
  private static let mostPages = 256
  private static let mostEntries = 1 << 16
}
