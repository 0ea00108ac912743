/// A position on a canvas or in a chart's data.
public struct CanvasPoint: Sendable, Hashable {
  /// To the right.
  public var x: Double
  /// Downwards on a canvas, upwards in a chart.
  public var y: Double

  /// A point by its coordinates.
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }
}

/// An upright rectangle in pixels; `x` and `y` are its upper left corner.
public struct Rectangle: Sendable, Hashable {
  /// The left edge.
  public var x: Double
  /// The upper edge.
  public var y: Double
  /// The extent to the right.
  public var width: Double
  /// The extent downwards.
  public var height: Double

  /// A rectangle by its corner and extent.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The right edge.
  public var maxX: Double { x + width }
  /// The lower edge.
  public var maxY: Double { y + height }

  /// The area that two rectangles share, 0 when they are apart or touch.
  public func overlap(_ other: Rectangle) -> Double {
    let width = min(maxX, other.maxX) - max(x, other.x)
    let height = min(maxY, other.maxY) - max(y, other.y)
    return width > 0 && height > 0 ? width * height : 0
  }

  /// The rectangle shrunk by `margin` on every side; a negative margin grows it.
  public func insetBy(_ margin: Double) -> Rectangle {
    Rectangle(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
  }

  /// The rectangle moved, not resized, so that it lies inside `bounds` where it fits.
  func moved(into bounds: Rectangle) -> Rectangle {
    var result = self
    result.x = max(bounds.x, min(x, bounds.maxX - width))
    result.y = max(bounds.y, min(y, bounds.maxY - height))
    return result
  }
}
