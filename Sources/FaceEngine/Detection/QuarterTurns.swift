internal import Imaging

/// A picture turned clockwise by quarter turns, and the way back to the picture as it was.
struct QuarterTurns {
  /// 0…3.
  let count: Int
  /// The turned picture.
  let image: RGBImage
  /// The picture as it was.
  let upright: RGBImage

  init(_ count: Int, of image: RGBImage) {
    self.count = count
    upright = image
    self.image = count == 0 ? image : image.rotated(quarterTurns: count)
  }

  /// Where a pixel of the turned picture was.
  func original(_ point: PixelPoint) -> PixelPoint {
    var point = point
    var width = image.width
    var height = image.height
    for _ in 0..<count {
      point = PixelPoint(x: point.y, y: Double(width - 1) - point.x)
      swap(&width, &height)
    }
    return point
  }

  /// Where a rectangle of the turned picture was.
  func original(_ box: PixelRect) -> PixelRect {
    var box = box
    var width = image.width
    var height = image.height
    for _ in 0..<count {
      box = PixelRect(x: box.y, y: width - box.x - box.width, width: box.height, height: box.width)
      swap(&width, &height)
    }
    return box
  }
}
