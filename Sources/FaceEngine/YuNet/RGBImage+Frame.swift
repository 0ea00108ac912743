internal import Imaging

extension RGBImage {
  /// The picture in a black one, its left upper corner at a place; what does not fit is cut off.
  func framed(left: Int, top: Int, width newWidth: Int, height newHeight: Int) -> RGBImage {
    if left == 0, top == 0, newWidth == width, newHeight == height { return self }
    var result = [UInt8](repeating: 0, count: newWidth * newHeight * 3)
    let columns = max(min(width, newWidth - left), 0) * 3
    for row in 0..<max(min(height, newHeight - top), 0) {
      let (from, to) = (row * width * 3, ((row + top) * newWidth + left) * 3)
      result.replaceSubrange(to..<to + columns, with: pixels[from..<from + columns])
    }
    // The size fits by construction.
    return (try? RGBImage(width: newWidth, height: newHeight, pixels: result)) ?? self
  }
}
