internal import Foundation

/// A position in a picture, in pixels from the centre of its top left pixel.
public struct PixelPoint: Sendable, Hashable, Codable {
  /// Pixels to the right.
  public var x: Double
  /// Pixels down.
  public var y: Double

  /// A position.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }

  /// Pixels to another position.
  func distance(to other: PixelPoint) -> Double { hypot(x - other.x, y - other.y) }
}
