/// What a HEIF file says of its pictures: which is shown, how large it is, and which others it is made of.
/// (ISO/IEC 23008-12; boxes as in ISO/IEC 14496-12.)
///
/// The library follows references from picture to picture, however often and however deep. Only files are let through to it
/// whose references end soon: a coded picture, or a grid of coded ones, each with alpha of the same kind.
struct HEIFStructure {
  /// The picture that is shown, as it is stored.
  let width: Int
  let height: Int
  /// Whether the file has other pictures to show.
  let hasMore: Bool
  /// Whether the file is also a film, such as an animation in AVIF.
  let hasFilm: Bool
  /// "HEIC" or "AVIF", by how the picture is coded.
  let format: String

  /// Walks the boxes of a file.
  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    let name = "HEIC or AVIF"
    var meta: UnsafeBufferPointer<UInt8>?
    var hasFilm = false
    var position = 0
    while meta == nil, position < bytes.count {
      guard let box = ISOBox(in: bytes, at: position) else { throw .truncated(name) }
      if box.type == "meta" { meta = box.content }
      if box.type == "moov" { hasFilm = true }
      position = box.end
    }
    guard let meta else {
      guard hasFilm else { throw .truncated(name) }
      throw ImageError(.unsupported, "The \(name) file holds no still picture; save one picture of it.")
    }
    guard let items = Items(meta) else { throw .damaged(name) }
    guard let type = items.types[items.primary] else {
      throw .damaged(name, " (the picture that is shown is missing)")
    }
    guard Items.coded.contains(type) || type == "grid" else {
      throw ImageError(
        .unsupported, "This kind of HEIC file is not read (\(type)); save it as JPEG or PNG.")
    }
    guard let size = items.size(of: items.primary) else { throw .damaged(name, " (its picture has no size)") }
    let tiles = items.tiles(of: items.primary)
    format = (tiles.first.flatMap { items.types[$0] } ?? type) == "av01" ? "AVIF" : "HEIC"
    guard items.referencesEnd else { throw .damaged(format, " (its pictures refer to each other)") }
    // Tiles overlap the right and lower edges at most; that the same is decoded thousands of times is no photo's wish.
    let pixels = tiles.reduce(0.0) { sum, tile in
      let size = items.size(of: tile) ?? (0, 0)
      return sum + Double(size.width) * Double(size.height)
    }
    guard pixels <= 4 * Double(size.width) * Double(size.height) + 1e7 else {
      throw .damaged(format, " (its tiles do not fit together)")
    }
    (width, height) = size
    hasMore = items.hasOthers
    // The film may come behind the picture; what cannot be walked over there is no reason to refuse it.
    while !hasFilm, let box = ISOBox(in: bytes, at: position) {
      hasFilm = box.type == "moov"
      position = box.end
    }
    self.hasFilm = hasFilm
  }
}

extension HEIFStructure {
  /// Where in a file its pictures lie: their properties, which of them is shown, and their data; not what is said about
  /// them. Nil where that is not told in the way of cameras.
  static func pictureParts(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>]? {
    guard let meta = ISOBox.all(in: bytes)?.first(where: { $0.type == "meta" }),
      let boxes = ISOBox.all(in: meta.content, from: 4), let items = Items(meta.content),
      let base = bytes.baseAddress
    else { return nil }
    func range(_ content: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
      guard let start = content.baseAddress else { return nil }
      return start - base..<start - base + content.count
    }
    func box(_ type: String) -> Range<Int>? { boxes.first { $0.type == type }.flatMap { range($0.content) } }
    guard let properties = box("iprp"), let primary = box("pitm"), let places = box("iloc"),
      let extents = ItemPlaces(
        UnsafeBufferPointer(rebasing: bytes[places]), file: 0..<bytes.count, inside: box("idat"))
    else { return nil }
    let remarks: Set<String> = ["Exif", "mime", "uri "]
    var parts = [properties, primary]
    for (item, type) in items.types.sorted(by: { $0.key < $1.key }) where !remarks.contains(type) {
      guard let own = extents.byItem[item] else { return nil }
      parts += own
    }
    return parts
  }
}

/// Where in a file the data of its items lie, by their numbers. (ISO/IEC 14496-12, 8.11.3.)
private struct ItemPlaces {
  private(set) var byItem: [Int: [Range<Int>]] = [:]

  /// Reads the content of an `iloc` box; nil where it makes no sense, or an item lies in another file or item.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, file: Range<Int>, inside data: Range<Int>?) {
    guard let version = bytes.big(1, at: 0), version <= 2, let sizes = bytes.big(2, at: 4) else { return nil }
    let (offsetSize, lengthSize) = (sizes >> 12, sizes >> 8 & 15)
    let (baseSize, indexSize) = (sizes >> 4 & 15, version == 0 ? 0 : sizes & 15)
    guard [offsetSize, lengthSize, baseSize, indexSize].allSatisfy({ [0, 4, 8].contains($0) }) else {
      return nil
    }
    let width = version == 2 ? 4 : 2
    guard let count = bytes.big(width, at: 6) else { return nil }
    var position = 6 + width
    func take(_ size: Int) -> Int? {
      defer { position += size }
      return size == 0 ? 0 : bytes.big(size, at: position)
    }
    for _ in 0..<count {
      guard let item = take(width), let method = version == 0 ? 0 : take(2), let source = take(2),
        source == 0, let base = take(baseSize), let extents = take(2)
      else { return nil }
      guard let whole = method & 15 == 0 ? file : method & 15 == 1 ? data : nil else { return nil }
      var own: [Range<Int>] = []
      for _ in 0..<extents {
        guard take(indexSize) != nil, let offset = take(offsetSize), let length = take(lengthSize) else {
          return nil
        }
        let (start, isTooFar) = base.addingReportingOverflow(offset)
        guard !isTooFar, start <= whole.count, length <= whole.count - start else { return nil }
        // Without a length it is all that there is.
        let end = lengthSize == 0 ? whole.count : start + length
        own.append(whole.lowerBound + start..<whole.lowerBound + end)
      }
      byItem[item] = own
    }
  }
}

/// The pictures of a file and how they belong together, by their numbers.
private struct Items {
  /// Kinds of items that are pictures of their own, not made of others.
  static let coded: Set<String> = ["hvc1", "av01"]

  private(set) var primary = 0
  private(set) var types: [Int: String] = [:]
  private var hidden: Set<Int> = []
  private var references: [(type: String, from: Int, to: [Int])] = []
  private var sizes: [Int: (width: Int, height: Int)] = [:]

  /// Reads the content of a `meta` box; nil when it makes no sense.
  init?(_ meta: UnsafeBufferPointer<UInt8>) {
    guard let boxes = ISOBox.all(in: meta, from: 4) else { return nil }
    for box in boxes {
      let content = box.content
      guard ["pitm", "iinf", "iref", "iprp"].contains(box.type) else { continue }
      switch box.type {
      case "pitm":
        guard let number = content.big(content.first == 0 ? 2 : 4, at: 4) else { return nil }
        primary = number
      case "iinf": guard readItems(content) else { return nil }
      case "iref": guard readReferences(content) else { return nil }
      default: guard readProperties(content) else { return nil }
      }
    }
  }

  func size(of item: Int) -> (width: Int, height: Int)? { sizes[item] }

  /// The parts of a grid, in order.
  func tiles(of item: Int) -> [Int] {
    types[item] == "grid" ? references.filter { $0.type == "dimg" && $0.from == item }.flatMap(\.to) : []
  }

  /// Whether references lead from a picture to its alpha, from a grid to its tiles, and no further.
  var referencesEnd: Bool {
    let masked = Set(references.filter { $0.type == "auxl" }.flatMap(\.to))
    return references.allSatisfy { reference in
      switch reference.type {
      case "auxl":
        let type = types[reference.from] ?? ""
        return (Self.coded.contains(type) || type == "grid") && !masked.contains(reference.from)
      case "dimg" where types[reference.from] == "grid":
        return reference.to.allSatisfy { Self.coded.contains(types[$0] ?? "") && !masked.contains($0) }
      default: return true
      }
    }
  }

  /// Whether there are pictures besides the primary one that are neither parts of another nor belong to one.
  var hasOthers: Bool {
    let parts = Set(references.filter { $0.type == "dimg" }.flatMap(\.to))
    let belonging = Set(references.filter { $0.type == "auxl" || $0.type == "thmb" }.map(\.from))
    return types.contains { item, type in
      (Self.coded.contains(type) || type == "grid") && item != primary
        && !hidden.contains(item) && !parts.contains(item) && !belonging.contains(item)
    }
  }

  private mutating func readItems(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let entries = ISOBox.all(in: content, from: content.first == 0 ? 6 : 8) else { return false }
    for entry in entries where entry.type == "infe" {
      // Earlier versions describe no pictures.
      guard let version = entry.content.first, version >= 2 else { continue }
      let width = version == 2 ? 2 : 4
      guard let number = entry.content.big(width, at: 4), entry.content.count >= width + 10 else {
        return false
      }
      types[number] = String(decoding: entry.content[width + 6..<width + 10], as: UTF8.self)
      if entry.content[3] & 1 != 0 { hidden.insert(number) }
    }
    return true
  }

  private mutating func readReferences(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
    let width = content.first == 0 ? 2 : 4
    guard let boxes = ISOBox.all(in: content, from: 4) else { return false }
    for box in boxes {
      guard let from = box.content.big(width, at: 0), let count = box.content.big(2, at: width),
        width + 2 + count * width <= box.content.count
      else { return false }
      let to = (0..<count).compactMap { box.content.big(width, at: width + 2 + $0 * width) }
      references.append((box.type, from, to))
    }
    return true
  }

  /// Reads the sizes of items: properties, and which items have which.
  private mutating func readProperties(_ content: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let boxes = ISOBox.all(in: content),
      let properties = boxes.first(where: { $0.type == "ipco" }).flatMap({ ISOBox.all(in: $0.content) })
    else { return false }
    for box in boxes where box.type == "ipma" {
      let bytes = box.content
      guard let items = bytes.big(4, at: 4) else { return false }
      let (itemWidth, propertyWidth) = (bytes[0] == 0 ? 2 : 4, bytes[3] & 1 == 0 ? 1 : 2)
      var position = 8
      for _ in 0..<items {
        guard let item = bytes.big(itemWidth, at: position),
          let count = bytes.big(1, at: position + itemWidth)
        else { return false }
        position += itemWidth + 1
        for _ in 0..<count {
          guard let entry = bytes.big(propertyWidth, at: position) else { return false }
          position += propertyWidth
          // The highest bit says that the property matters; numbers begin at 1.
          let index = (entry & (propertyWidth == 1 ? 0x7F : 0x7FFF)) - 1
          guard sizes[item] == nil, properties.indices.contains(index), properties[index].type == "ispe",
            let width = properties[index].content.big(4, at: 4),
            let height = properties[index].content.big(4, at: 8),
            (1...Int(Int32.max)).contains(width), (1...Int(Int32.max)).contains(height)
          else { continue }
          sizes[item] = (width, height)
        }
      }
    }
    return true
  }
}
