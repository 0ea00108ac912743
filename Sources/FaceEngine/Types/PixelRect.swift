/// A rectangle of whole pixels; it may stick out of the picture, as a face at the border does.
public struct PixelRect: Sendable, Hashable, Codable {
  /// Left column.
  public var x: Int
  /// Top row.
  public var y: Int
  /// Columns.
  public var width: Int
  /// Rows.
  public var height: Int

  /// A rectangle by its top left pixel and its size.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Pixels covered.
  public var area: Int { width * height }

  /// The part of the rectangle that lies in a picture of this size, or nil when there is none.
  public func clamped(toWidth imageWidth: Int, height imageHeight: Int) -> PixelRect? {
    let left = max(x, 0)
    let top = max(y, 0)
    let right = min(x + width, imageWidth)
    let bottom = min(y + height, imageHeight)
    guard right > left, bottom > top else { return nil }
    return PixelRect(x: left, y: top, width: right - left, height: bottom - top)
  }

  /// Shared area over the area of both together, 0…1.
  package func overlap(with other: PixelRect) -> Double {
    let shared = sharedArea(with: other)
    let all = Double(width) * Double(height) + Double(other.width) * Double(other.height) - shared
    return shared > 0 ? shared / all : 0
  }

  /// Whether a face of this box and one of another box, found in the same photo, are the same.
  package func isSameFace(as other: PixelRect) -> Bool { overlap(with: other) >= 0.5 }

  /// The pixels that lie in both.
  func sharedArea(with other: PixelRect) -> Double {
    let columns = min(x + width, other.x + other.width) - max(x, other.x)
    let rows = min(y + height, other.y + other.height) - max(y, other.y)
    return columns > 0 && rows > 0 ? Double(columns) * Double(rows) : 0
  }
}
