extension RGBImage {
  /// The part of the picture inside a rectangle, which is cut to the picture first.
  ///
  /// - Returns: nil when the rectangle and the picture share no pixel.
  /// - Complexity: O(pixels of the result).
  public func cropped(x: Int, y: Int, width cropWidth: Int, height cropHeight: Int) -> RGBImage? {
    func cut(_ start: Int, _ length: Int, to limit: Int) -> Range<Int>? {
      let (end, overflows) = start.addingReportingOverflow(length)
      let low = max(start, 0)
      let high = overflows ? limit : min(end, limit)
      return length > 0 && low < high ? low..<high : nil
    }
    guard let columns = cut(x, cropWidth, to: width), let rows = cut(y, cropHeight, to: height) else {
      return nil
    }
    if columns.count == width && rows.count == height { return self }
    var cut: [UInt8] = []
    cut.reserveCapacity(columns.count * rows.count * 3)
    for row in rows {
      let start = (row * width + columns.lowerBound) * 3
      cut.append(contentsOf: pixels[start..<start + columns.count * 3])
    }
    return RGBImage(uncheckedWidth: columns.count, height: rows.count, pixels: cut)
  }
}
