internal import Foundation
internal import Imaging

extension FaceQuality {
  /// Measures a face: its box and landmarks in the photo, and its chip.
  init(box: PixelRect, landmarks: [PixelPoint], scheme: LandmarkScheme, chip: RGBImage, score: Float) {
    let pose = Self.pose(landmarks, scheme)
    self.init(
      size: min(box.width, box.height), sharpness: Self.sharpness(chip), yaw: pose.yaw, roll: pose.roll,
      detectorScore: score)
  }

  /// The Laplacian's standard deviation over the luma's own, in the middle of the chip, where the face is.
  static func sharpness(_ chip: RGBImage) -> Float {
    let width = chip.width
    let luma = luma(of: chip)
    var edges = Moments()
    var tones = Moments()
    let margin = width / 6
    guard width > 2 * margin, chip.height > 2 * margin, margin > 0 else { return 0 }
    for y in margin..<chip.height - margin {
      for x in margin..<width - margin {
        let i = y * width + x
        let (left, right, above, below) = (luma[i - 1], luma[i + 1], luma[i - width], luma[i + width])
        // Pure black is where the chip reaches beyond the photo; that border is no sharp edge of the face.
        if min(luma[i], left, right, above, below) == 0 { continue }
        tones.add(luma[i])
        edges.add(left + right + above + below - 4 * luma[i])
      }
    }
    // A face without contrast has no sharpness to speak of.
    return tones.deviation < 1 ? 0 : edges.deviation / tones.deviation
  }

  /// Brightness, 0…255, by the weights of ITU-R BT.601.
  private static func luma(of image: RGBImage) -> [Float] {
    let pixels = image.pixels
    return (0..<image.width * image.height).map { pixel in
      let red = 0.299 * Float(pixels[pixel * 3])
      let green = 0.587 * Float(pixels[pixel * 3 + 1])
      let blue = 0.114 * Float(pixels[pixel * 3 + 2])
      return red + green + blue
    }
  }

  /// Yaw and roll in degrees. Seen from the front the nose lies under the middle between the eyes; it stands out of their plane by
  /// a share of their distance, so that a turn moves it aside.
  static func pose(_ points: [PixelPoint], _ scheme: LandmarkScheme) -> (yaw: Float, roll: Float) {
    guard let face = scheme.anchors(points) else { return (0, 0) }
    let (right, left) = (face.right, face.left)
    let axis = PixelPoint(x: right.x - left.x, y: right.y - left.y)
    let distance = hypot(axis.x, axis.y)
    guard distance > 0 else { return (0, 0) }
    let nose = PixelPoint(x: face.nose.x - (right.x + left.x) / 2, y: face.nose.y - (right.y + left.y) / 2)
    let aside = (nose.x * axis.x + nose.y * axis.y) / (distance * distance)
    let degrees = 180 / Double.pi
    return (Float(atan(aside / face.depth) * degrees), Float(atan2(axis.y, axis.x) * degrees))
  }

  private struct Moments {
    private var sum = 0.0
    private var squares = 0.0
    private var count = 0.0

    mutating func add(_ value: Float) {
      sum += Double(value)
      squares += Double(value) * Double(value)
      count += 1
    }

    var deviation: Float {
      if count == 0 { return 0 }
      let mean = sum / count
      return Float(max(squares / count - mean * mean, 0).squareRoot())
    }
  }
}
