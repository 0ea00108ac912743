extension RGBImage {
  /// Scaled to a size: each axis by area averaging where it shrinks, by linear interpolation where it grows.
  ///
  /// Pixels are taken as squares, so the borders of both pictures coincide. The result is the same on every
  /// machine.
  ///
  /// - Throws: ``ImageError`` with code `invalidArgument` unless both sides are positive.
  /// - Complexity: O(pixels of the source + pixels of the result).
  public func resized(width newWidth: Int, height newHeight: Int) throws(ImageError) -> RGBImage {
    guard newWidth > 0, newHeight > 0, newWidth <= Int(Int32.max), newHeight <= Int(Int32.max) else {
      throw ImageError(.invalidArgument, "A picture cannot be scaled to \(newWidth) × \(newHeight) pixels.")
    }
    if newWidth == width && newHeight == height { return self }
    let columns = ResizeFilter(from: width, to: newWidth)
    let rows = ResizeFilter(from: height, to: newHeight)
    let rowLength = newWidth * 3
    var sums = [Float](repeating: 0, count: rowLength)
    // A row of the source, narrowed or widened, is used by at most two neighbouring rows of the result.
    var recent = [[Float]](repeating: [Float](repeating: 0, count: rowLength), count: 2)
    var recentRow = [-1, -1]
    let scaled = [UInt8](unsafeUninitializedCapacity: newHeight * rowLength) { target, count in
      for y in 0..<newHeight {
        for i in 0..<rowLength { sums[i] = 0 }
        for tap in rows.taps(of: y) {
          let row = rows.source(of: tap)
          if recentRow[row & 1] != row {
            columns.apply(to: pixels, row: row, width: width, into: &recent[row & 1])
            recentRow[row & 1] = row
          }
          let weight = rows.weight(of: tap)
          recent[row & 1].withUnsafeBufferPointer { line in
            sums.withUnsafeMutableBufferPointer { sums in
              for i in 0..<rowLength { sums[i] += line[i] * weight }
            }
          }
        }
        let start = y * rowLength
        for i in 0..<rowLength { target[start + i] = UInt8(min(max(sums[i] + 0.5, 0), 255)) }
      }
      count = target.count
    }
    return RGBImage(uncheckedWidth: newWidth, height: newHeight, pixels: scaled)
  }

  /// Scaled so that the longer side is at most `limit` pixels, keeping its proportions; a picture that is
  /// small enough is returned as it is.
  ///
  /// - Throws: ``ImageError`` with code `invalidArgument` unless `limit` is positive.
  public func shrunk(toLongerSide limit: Int) throws(ImageError) -> RGBImage {
    let longer = max(width, height)
    if longer <= limit { return self }
    let scale = Double(limit) / Double(longer)
    return try resized(
      width: limit > 0 ? max(1, Int((Double(width) * scale).rounded())) : limit,
      height: limit > 0 ? max(1, Int((Double(height) * scale).rounded())) : limit)
  }
}
