/// Portable bitmaps, greymaps and pixmaps (PBM, PGM, PPM), as text and as bytes, up to 16 bits. (Netpbm's `pnm`.)
struct PNMDecoder: PictureDecoder {
  let width: Int
  let height: Int

  private let bytes: UnsafeBufferPointer<UInt8>
  private let kind: Kind
  private let isText: Bool
  /// The value of white, or 1 of a bitmap.
  private let greatest: Int
  private let start: Int

  private enum Kind: UInt8 {
    case bits = 0x31
    case grey = 0x32
    case rgb = 0x33
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>) throws(ImageError) {
    guard bytes.count >= 3 else { throw Self.truncated }
    isText = bytes[1] <= 0x33
    guard let kind = Kind(rawValue: isText ? bytes[1] : bytes[1] - 3) else { throw Self.damaged }
    var text = Text(bytes: bytes, position: 2)
    width = try text.number()
    height = try text.number()
    greatest = kind == .bits ? 1 : try text.number()
    guard (1...Int(Int32.max)).contains(width), (1...Int(Int32.max)).contains(height),
      (1...65_535).contains(greatest)
    else { throw Self.damaged }
    // A single blank stands before bytes.
    start = text.position + (isText ? 0 : 1)
    self.bytes = bytes
    self.kind = kind
  }

  func decode(reduction: Int) throws(ImageError) -> RGBImage {
    let channels = kind == .rgb ? 3 : 1
    let samples = try isText ? textSamples(width * height * channels) : byteSamples(channels)
    guard channels == 1 else { return RGBImage(uncheckedWidth: width, height: height, pixels: samples) }
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { target, count in
      samples.withUnsafeBufferPointer { samples in
        for (index, sample) in samples.enumerated() {
          target[index * 3] = sample
          target[index * 3 + 1] = sample
          target[index * 3 + 2] = sample
        }
      }
      count = target.count
    }
    return RGBImage(uncheckedWidth: width, height: height, pixels: pixels)
  }

  private static let truncated = ImageError.truncated("PNM")
  private static let damaged = ImageError.damaged("PNM")

  /// A sample in 8 bits. A bitmap's 1 is black.
  private func scaled(_ value: Int) throws(ImageError) -> UInt8 {
    guard value <= greatest else { throw Self.damaged }
    if kind == .bits { return value == 1 ? 0 : 255 }
    return greatest == 255 ? UInt8(value) : UInt8((value * 255 + greatest / 2) / greatest)
  }

  private func textSamples(_ count: Int) throws(ImageError) -> [UInt8] {
    // Every sample takes a byte at least.
    guard bytes.count - start >= count else { throw Self.truncated }
    var text = Text(bytes: bytes, position: start)
    var samples: [UInt8] = []
    samples.reserveCapacity(count)
    for _ in 0..<count {
      // The digits of a bitmap need no blanks between them.
      samples.append(try scaled(kind == .bits ? text.digit() : text.number()))
    }
    return samples
  }

  private func byteSamples(_ channels: Int) throws(ImageError) -> [UInt8] {
    let size = greatest > 255 ? 2 : 1
    let stride = kind == .bits ? (width + 7) / 8 : width * channels * size
    guard start <= bytes.count, (bytes.count - start) / stride >= height else { throw Self.truncated }
    if greatest == 255 { return Array(bytes[start..<start + stride * height]) }
    var samples: [UInt8] = []
    samples.reserveCapacity(width * height * channels)
    for y in 0..<height {
      let row = start + y * stride
      for x in 0..<width * channels {
        let value =
          switch (kind, size) {
          case (.bits, _): Int(bytes[row + x / 8] >> (7 - x % 8) & 1)
          case (_, 1): Int(bytes[row + x])
          default: Int(bytes[row + x * 2]) << 8 | Int(bytes[row + x * 2 + 1])
          }
        samples.append(try scaled(value))
      }
    }
    return samples
  }

  /// Numbers in a text, between blanks and remarks from `#` to the line's end.
  private struct Text {
    let bytes: UnsafeBufferPointer<UInt8>
    var position: Int

    /// The next number, of nine digits at most.
    mutating func number() throws(ImageError) -> Int {
      try skipBlanks()
      let begin = position
      var value = 0
      while position < bytes.count, isDigit {
        guard position - begin < 9 else { throw damaged }
        value = value * 10 + Int(bytes[position]) - 0x30
        position += 1
      }
      guard position > begin else { throw damaged }
      return value
    }

    /// The next digit.
    mutating func digit() throws(ImageError) -> Int {
      try skipBlanks()
      guard isDigit else { throw damaged }
      position += 1
      return Int(bytes[position - 1]) - 0x30
    }

    private var isDigit: Bool { (0x30...0x39).contains(bytes[position]) }

    private mutating func skipBlanks() throws(ImageError) {
      while position < bytes.count {
        switch bytes[position] {
        case 0x09...0x0D, 0x20: position += 1
        case 0x23:
          while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        default: return
        }
      }
      throw truncated
    }
  }
}
