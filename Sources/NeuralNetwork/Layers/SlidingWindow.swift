/// A window that moves over an image in steps.
public struct SlidingWindow: Sendable, Hashable, Codable {
  /// Rows of the window.
  public var height: Int
  /// Columns of the window.
  public var width: Int
  /// Rows between two places of the window.
  public var strideY: Int
  /// Columns between two places of the window.
  public var strideX: Int
  /// What surrounds the image.
  public var padding: Padding

  /// Makes a window.
  public init(height: Int, width: Int, strideY: Int = 1, strideX: Int = 1, padding: Padding = .valid) {
    self.height = height
    self.width = width
    self.strideY = strideY
    self.strideX = strideX
    self.padding = padding
  }

  /// A window's places over an image of one extent.
  struct Places {
    var top, left, bottom, right, height, width: Int
  }

  /// The padding and the number of results over an image, or nil when the window does not fit.
  func places(over height: Int, _ width: Int) -> Places? {
    let (top, bottom) = padding.places(
      extent: height, window: self.height, stride: strideY, vertical: true)
    let (left, right) = padding.places(extent: width, window: self.width, stride: strideX, vertical: false)
    let rows = height + top + bottom - self.height
    let columns = width + left + right - self.width
    guard rows >= 0, columns >= 0 else { return nil }
    return Places(
      top: top, left: left, bottom: bottom, right: right, height: rows / strideY + 1,
      width: columns / strideX + 1)
  }
}
