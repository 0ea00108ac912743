extension RGBImage {
  /// The picture as it is seen after the turn that an EXIF orientation asks for.
  ///
  /// - Complexity: O(pixels).
  public func oriented(_ orientation: ImageOrientation) -> RGBImage {
    if orientation == .up { return self }
    let newWidth = orientation.swapsSides ? height : width
    let newHeight = orientation.swapsSides ? width : height
    // The source pixel of target (x, y) is origin + x * columnStep + y * rowStep, in pixels.
    let last = (x: width - 1, y: (height - 1) * width)
    let (origin, columnStep, rowStep): (Int, Int, Int) =
      switch orientation {
      case .up: (0, 1, width)
      case .upMirrored: (last.x, -1, width)
      case .down: (last.y + last.x, -1, -width)
      case .downMirrored: (last.y, 1, -width)
      case .leftMirrored: (0, width, 1)
      case .right: (last.y, -width, 1)
      case .rightMirrored: (last.y + last.x, -width, -1)
      case .left: (last.x, width, -1)
      }
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
      pixels.withUnsafeBufferPointer { source in
        // Square tiles: a turn by 90° reads down the columns of the source.
        let tile = 32
        for top in stride(from: 0, to: newHeight, by: tile) {
          for left in stride(from: 0, to: newWidth, by: tile) {
            for y in top..<min(top + tile, newHeight) {
              var from = (origin + left * columnStep + y * rowStep) * 3
              var to = (y * newWidth + left) * 3
              for _ in left..<min(left + tile, newWidth) {
                target[to] = source[from]
                target[to + 1] = source[from + 1]
                target[to + 2] = source[from + 2]
                from += columnStep * 3
                to += 3
              }
            }
          }
        }
      }
      count = target.count
    }
    return RGBImage(uncheckedWidth: newWidth, height: newHeight, pixels: turned)
  }

  /// Turned by quarter turns, clockwise; negative turns are anticlockwise.
  public func rotated(quarterTurns: Int) -> RGBImage {
    switch ((quarterTurns % 4) + 4) % 4 {
    case 1: oriented(.right)
    case 2: oriented(.down)
    case 3: oriented(.left)
    default: self
    }
  }

  /// Mirrored left to right.
  public func flippedHorizontally() -> RGBImage { oriented(.upMirrored) }

  /// Mirrored top to bottom.
  public func flippedVertically() -> RGBImage { oriented(.downMirrored) }
}
