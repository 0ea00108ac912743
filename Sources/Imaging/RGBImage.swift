/// An 8-bit RGB picture in memory.
///
/// Pixels are stored row by row from the top, without gaps: the red, green and blue bytes of column `x` in
/// row `y` start at `(y * width + x) * 3`. The values are those of the file; no colour management is applied.
public struct RGBImage: Sendable, Equatable {
  /// Columns, at least 1.
  public let width: Int

  /// Rows, at least 1.
  public let height: Int

  /// `width * height * 3` bytes: R, G, B, R, G, B, …
  public private(set) var pixels: [UInt8]

  /// Wraps pixels that are already in memory.
  ///
  /// - Throws: ``ImageError`` with code `invalidArgument` unless both sides are positive and `pixels` holds
  ///   exactly `width * height * 3` bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) throws(ImageError) {
    let (area, areaOverflows) = width.multipliedReportingOverflow(by: height)
    let (bytes, bytesOverflow) = area.multipliedReportingOverflow(by: 3)
    guard width > 0, height > 0, !areaOverflows, !bytesOverflow, pixels.count == bytes else {
      throw ImageError(
        .invalidArgument,
        "A picture of \(width) × \(height) pixels needs width × height × 3 bytes, but \(pixels.count) were given."
      )
    }
    self.init(uncheckedWidth: width, height: height, pixels: pixels)
  }

  /// A picture of one colour.
  ///
  /// - Precondition: Both sides are positive.
  public init(width: Int, height: Int, red: UInt8 = 255, green: UInt8 = 255, blue: UInt8 = 255) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      var offset = 0
      while offset < buffer.count {
        buffer[offset] = red
        buffer[offset + 1] = green
        buffer[offset + 2] = blue
        offset += 3
      }
      count = buffer.count
    }
    self.init(uncheckedWidth: width, height: height, pixels: pixels)
  }

  /// For the decoders and operations of this module, which allocate exactly what they fill.
  init(uncheckedWidth width: Int, height: Int, pixels: [UInt8]) {
    assert(width > 0 && height > 0 && pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The colour at a position, or a new one to store there.
  ///
  /// - Precondition: `0 ..< width` contains `x` and `0 ..< height` contains `y`.
  public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
    get {
      let offset = offset(x, y)
      return (pixels[offset], pixels[offset + 1], pixels[offset + 2])
    }
    set {
      let offset = offset(x, y)
      pixels[offset] = newValue.red
      pixels[offset + 1] = newValue.green
      pixels[offset + 2] = newValue.blue
    }
  }

  /// Puts a picture over part of this one.
  ///
  /// - Precondition: It lies within this one.
  mutating func draw(_ image: RGBImage, x: Int, y: Int) {
    precondition(x >= 0 && y >= 0 && x + image.width <= width && y + image.height <= height)
    for row in 0..<image.height {
      let source = row * image.width * 3
      let target = ((y + row) * width + x) * 3
      pixels.replaceSubrange(
        target..<target + image.width * 3, with: image.pixels[source..<source + image.width * 3])
    }
  }

  private func offset(_ x: Int, _ y: Int) -> Int {
    precondition(x >= 0 && x < width && y >= 0 && y < height, "the position lies outside the picture")
    return (y * width + x) * 3
  }
}
