internal import Imaging

/// A picture turned clockwise by quarter turns: the way there and back.
struct QuarterTurns {
  /// 0…3.
  let count: Int
  /// Columns of the turned picture.
  private let width: Int
  /// Rows of the turned picture.
  private let height: Int

  /// The turns of a picture.
  init(_ count: Int, of image: RGBImage) {
    self.count = count
    (width, height) = count % 2 == 0 ? (image.width, image.height) : (image.height, image.width)
  }

  /// The turned picture of one of the same size, or of the same shape.
  func turned(_ image: RGBImage) -> RGBImage { count == 0 ? image : image.rotated(quarterTurns: count) }

  /// Where a pixel of the turned picture was.
  func original(_ point: PixelPoint) -> PixelPoint {
    var point = point
    var (width, height) = (width, height)
    for _ in 0..<count {
      point = PixelPoint(x: point.y, y: Double(width - 1) - point.x)
      swap(&width, &height)
    }
    return point
  }

  /// Where a rectangle of the turned picture was.
  func original(_ box: PixelRect) -> PixelRect {
    var box = box
    var (width, height) = (width, height)
    for _ in 0..<count {
      box = PixelRect(x: box.y, y: width - box.x - box.width, width: box.height, height: box.width)
      swap(&width, &height)
    }
    return box
  }

  /// Where a face of the turned picture was.
  func original(_ face: FoundFace) -> FoundFace {
    var face = face
    face.box = original(face.box)
    face.landmarks = face.landmarks.map { original($0) }
    face.quarterTurns = count
    return face
  }

  /// Where a rectangle of the picture as it was lies in the turned one.
  func turned(_ box: PixelRect) -> PixelRect {
    var box = box
    var (width, height) = count % 2 == 0 ? (width, height) : (height, width)
    for _ in 0..<count {
      box = PixelRect(x: height - box.y - box.height, y: box.x, width: box.height, height: box.width)
      swap(&width, &height)
    }
    return box
  }
}
