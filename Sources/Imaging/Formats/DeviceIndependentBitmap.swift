/// The bitmap of BMP files and icons.
struct DeviceIndependentBitmap {
  let width: Int
  let height: Int

  private let bytes: UnsafeBufferPointer<UInt8>
  private let format: String
  private let isIcon: Bool
  private let isTopDown: Bool
  private let depth: Int
  private let compression: Compression
  private let palette: [(red: UInt8, green: UInt8, blue: UInt8)]
  /// Where red, green, blue and alpha lie in a pixel of 16 or 32 bits.
  private let channels: [Channel]
  private let start: Int

  private enum Compression: Int {
    case none = 0
    case runs8 = 1
    case runs4 = 2
    case fields = 3
    case alphaFields = 6
  }

  /// Reads the header.
  ///
  /// - Parameters:
  ///   - bytes: The file, or an icon's part of it.
  ///   - header: Where the bitmap's header lies.
  ///   - pixels: Where its pixels lie; nil for an icon's, which follow the palette and are followed by a mask, which the
  ///     header's height includes.
  ///   - format: The format's name for errors.
  init(
    _ bytes: UnsafeBufferPointer<UInt8>, header: Int, pixels: Int?, format: String
  ) throws(ImageError) {
    guard let size = bytes.little(4, at: header), bytes.count >= header + max(size, 12) else {
      throw .truncated(format)
    }
    func number(_ width: Int, _ offset: Int) -> Int { bytes.little(width, at: header + offset) ?? 0 }
    func unsupported(_ reason: String) -> ImageError {
      ImageError(
        .unsupported, "This kind of \(format) file is not read (\(reason)); save it as JPEG or PNG.")
    }
    guard [12, 40, 52, 56, 64, 108, 124].contains(size) else {
      throw unsupported("a header of \(size) bytes")
    }
    let isOld = size == 12
    let width = isOld ? number(2, 4) : Int(Int32(truncatingIfNeeded: number(4, 4)))
    let signed = isOld ? number(2, 6) : Int(Int32(truncatingIfNeeded: number(4, 8)))
    let depth = number(2, isOld ? 10 : 14)
    guard let compression = Compression(rawValue: isOld ? 0 : number(4, 16)),
      size != 64 || compression.rawValue < 3
    else { throw unsupported("compression \(number(4, 16))") }
    let depths: [Int] =
      switch compression {
      case .none: [1, 4, 8, 16, 24, 32]
      case .runs8: [8]
      case .runs4: [4]
      case .fields, .alphaFields: [16, 32]
      }
    guard depths.contains(depth) else { throw unsupported("\(depth) bits a pixel") }
    let isIcon = pixels == nil
    let height = isIcon ? abs(signed) / 2 : abs(signed)
    guard width > 0, height > 0, compression == .none || !isIcon else {
      throw .damaged(format, " (its header makes no sense)")
    }

    var masks = depth == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0xFF0000, 0x00FF00, 0x0000FF, 0]
    // An icon's fourth byte is alpha; a plain bitmap's is nothing.
    if isIcon, depth == 32 { masks[3] = 0xFF00_0000 }
    var table = header + size
    if compression == .fields || compression == .alphaFields {
      let count = size >= 56 || compression == .alphaFields ? 4 : 3
      for index in 0..<count { masks[index] = number(4, 40 + index * 4) }
      if size == 40 { table += count * 4 }
    }
    channels = masks.map(Channel.init)

    var entries = 0
    if depth <= 8 {
      let used = isOld ? 0 : number(4, 32)
      entries = used == 0 ? 1 << depth : min(used, 1 << depth)
    }
    let width3or4 = isOld ? 3 : 4
    let begin = pixels ?? table + entries * width3or4
    // Some files have fewer colours than their depth allows.
    entries = min(entries, max(0, (begin - table) / width3or4))
    guard table + entries * width3or4 <= bytes.count else { throw .truncated(format) }
    palette = (0..<entries).map { index in
      let entry = table + index * width3or4
      return (bytes[entry + 2], bytes[entry + 1], bytes[entry])
    }
    guard begin >= table, begin <= bytes.count else { throw .truncated(format) }
    (self.width, self.height, self.depth, self.compression) = (width, height, depth, compression)
    (self.bytes, self.format, self.isIcon) = (bytes, format, isIcon)
    start = begin
    isTopDown = signed < 0
  }

  func decode() throws(ImageError) -> RGBImage {
    switch compression {
    case .runs8, .runs4:
      let indices = try runs()
      return image { x, y in color(Int(indices[(height - 1 - y) * width + x])) }
    case .none, .fields, .alphaFields:
      let stride = Self.stride(width, depth)
      // The last row need not be padded.
      let others = bytes.count - start - (width * depth + 7) / 8
      guard others >= 0, others / stride >= height - 1 else { throw .truncated(format) }
      func row(_ y: Int) -> Int { start + stride * (isTopDown ? y : height - 1 - y) }
      switch depth {
      case 24:
        return try masked(after: stride) { x, y in
          let pixel = row(y) + x * 3
          return (bytes[pixel + 2], bytes[pixel + 1], bytes[pixel], 255)
        }
      case 16, 32:
        let size = depth / 8
        func pixel(_ x: Int, _ y: Int) -> Int {
          let first = row(y) + x * size
          let low = Int(bytes[first]) | Int(bytes[first + 1]) << 8
          return size == 2 ? low : low | Int(bytes[first + 2]) << 16 | Int(bytes[first + 3]) << 24
        }
        // Where every pixel is transparent, alpha was not meant.
        let alpha = channels[3]
        let isMeant =
          alpha.greatest > 0
          && (0..<height).contains { y in (0..<width).contains { alpha.value(pixel($0, y)) != 0 } }
        func color(_ x: Int, _ y: Int) -> Color {
          let value = pixel(x, y)
          return (
            channels[0].value(value), channels[1].value(value), channels[2].value(value),
            isMeant ? alpha.value(value) : 255
          )
        }
        return isMeant ? image(color) : try masked(after: stride, color)
      default:
        let mask = 1 << depth - 1
        return try masked(after: stride) { x, y in
          let bit = x * depth
          let index = Int(bytes[row(y) + bit / 8]) >> (8 - depth - bit % 8) & mask
          return color(index)
        }
      }
    }
  }

  private typealias Color = (red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8)

  /// A colour of the palette; one that is not there is black.
  private func color(_ index: Int) -> Color {
    guard index < palette.count else { return (0, 0, 0, 255) }
    let entry = palette[index]
    return (entry.red, entry.green, entry.blue, 255)
  }

  /// The picture; of an icon without what its mask, which follows `stride * height` bytes of pixels, leaves out.
  private func masked(after stride: Int, _ color: (Int, Int) -> Color) throws(ImageError) -> RGBImage {
    guard isIcon else { return image(color) }
    let mask = start + stride * height
    let maskStride = Self.stride(width, 1)
    guard mask + maskStride * height <= bytes.count else { throw .truncated(format) }
    return image { x, y in
      var color = color(x, y)
      let row = mask + maskStride * (isTopDown ? y : height - 1 - y)
      if bytes[row + x / 8] >> (7 - x % 8) & 1 == 1 { color.alpha = 0 }
      return color
    }
  }

  private func image(_ color: (Int, Int) -> Color) -> RGBImage {
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      var offset = 0
      for y in 0..<height {
        for x in 0..<width {
          let color = color(x, y)
          target[offset] = color.red.onWhite(alpha: color.alpha)
          target[offset + 1] = color.green.onWhite(alpha: color.alpha)
          target[offset + 2] = color.blue.onWhite(alpha: color.alpha)
          offset += 3
        }
      }
      count = target.count
    }
    return RGBImage(uncheckedWidth: width, height: height, pixels: pixels)
  }

  /// The bytes of a row, which is filled up to multiples of four.
  private static func stride(_ width: Int, _ depth: Int) -> Int { (width * depth + 31) / 32 * 4 }

  /// Unpacks run lengths: an index a pixel, rows from below. Pixels that are passed over have the first colour.
  private func runs() throws(ImageError) -> [UInt8] {
    var indices = [UInt8](repeating: 0, count: width * height)
    let isNibbles = compression == .runs4
    var (x, y, position) = (0, 0, start)
    /// Index `index` of a run that begins with `byte`, whose halves take turns where they are two indices.
    func put(_ byte: UInt8, _ index: Int) {
      if x < width, y < height {
        indices[y * width + x] = !isNibbles ? byte : index.isMultiple(of: 2) ? byte >> 4 : byte & 15
      }
      x += 1
    }
    while true {
      guard position + 2 <= bytes.count else { throw .truncated(format) }
      let (count, value) = (Int(bytes[position]), bytes[position + 1])
      position += 2
      if count > 0 {
        for index in 0..<count { put(value, index) }
        continue
      }
      switch value {
      case 0: (x, y) = (0, y + 1)
      case 1: return indices
      case 2:
        guard position + 2 <= bytes.count else { throw .truncated(format) }
        (x, y) = (x + Int(bytes[position]), y + Int(bytes[position + 1]))
        position += 2
      default:
        let count = Int(value)
        let size = isNibbles ? (count + 1) / 2 : count
        guard position + size <= bytes.count else { throw .truncated(format) }
        for index in 0..<count { put(bytes[position + (isNibbles ? index / 2 : index)], index) }
        position += size + size & 1
      }
    }
  }
}

/// Bits of a pixel that make a channel.
private struct Channel {
  /// The greatest value; 0 when there are no such bits.
  let greatest: Int
  private let mask: Int
  private let shift: Int

  init(_ mask: Int) {
    self.mask = mask
    shift = mask == 0 ? 0 : mask.trailingZeroBitCount
    greatest = mask >> shift
  }

  /// The channel of a pixel, from 0 to 255.
  func value(_ pixel: Int) -> UInt8 {
    guard greatest > 0 else { return 0 }
    return UInt8(((pixel & mask) >> shift * 255 + greatest / 2) / greatest)
  }
}
