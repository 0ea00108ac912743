internal import Imaging

/// A face that somebody, or a program for photo libraries, has marked in a photo and named.
public struct FaceRegion: Sendable, Hashable {
  /// Whose face it is, as it is written; never empty.
  public var name: String
  /// Where it is in the upright photo.
  public var area: RelativeRect

  /// A name and a place.
  public init(name: String, area: RelativeRect) {
    self.name = name
    self.area = area
  }
}

/// A rectangle in parts of a picture's sides: 0…1 from left to right and from top to bottom.
public struct RelativeRect: Sendable, Hashable {
  /// The left side.
  public var x: Double
  /// The upper side.
  public var y: Double
  /// From left to right.
  public var width: Double
  /// From top to bottom.
  public var height: Double

  /// A rectangle by its upper left corner and its size.
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The same place after the turn that an orientation asks for.
  func oriented(_ orientation: ImageOrientation) -> RelativeRect {
    let (right, bottom) = (1 - x - width, 1 - y - height)
    return switch orientation {
    case .up: self
    case .upMirrored: RelativeRect(x: right, y: y, width: width, height: height)
    case .down: RelativeRect(x: right, y: bottom, width: width, height: height)
    case .downMirrored: RelativeRect(x: x, y: bottom, width: width, height: height)
    case .leftMirrored: RelativeRect(x: y, y: x, width: height, height: width)
    case .right: RelativeRect(x: bottom, y: x, width: height, height: width)
    case .rightMirrored: RelativeRect(x: bottom, y: right, width: height, height: width)
    case .left: RelativeRect(x: y, y: right, width: height, height: width)
    }
  }

  /// The place in the stored picture of one in the upright picture.
  func stored(_ orientation: ImageOrientation) -> RelativeRect {
    switch orientation {
    // All others are turned back by themselves.
    case .right: oriented(.left)
    case .left: oriented(.right)
    default: oriented(orientation)
    }
  }

  /// Whether it has an area, part of which lies in the picture, and no absurd size.
  var isPlausible: Bool {
    [x, y, width, height].allSatisfy(\.isFinite) && width > 0 && height > 0 && width <= 2 && height <= 2
      && x < 1 && y < 1 && x + width > 0 && y + height > 0
  }
}
