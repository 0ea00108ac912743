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

  /// A rectangle by its text, as in `80,120,160,200`: left, top, width and height, the latter two positive, none beyond a million.
  public init?(_ text: String) {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
      let height = numbers[3], width > 0, height > 0,
      [x, y, width, height].allSatisfy({ (-1_000_000...1_000_000).contains($0) })
    else { return nil }
    self.init(x: x, y: y, width: width, height: height)
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
