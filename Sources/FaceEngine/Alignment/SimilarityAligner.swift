package import Imaging

/// Brings landmarks to fixed places by the similarity (turn, scale, shift) of least squares; bilinear, black outside the photo.
/// (Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.)
package struct SimilarityAligner: FaceAligner {
  package let scheme: LandmarkScheme
  package let identity: String
  package let measuredSide: Int
  /// Where the landmarks of a face that fills its picture lie in a square of ``templateSide`` pixels.
  private let template: [PixelPoint]
  private let templateSide: Int
  package var usualSide: Int { templateSide }
  /// The chip as a square of the same pixels: its top left corner and its side.
  private var frame: (left: Double, top: Double, side: Double)

  /// An aligner to some places.
  ///
  /// - Parameters:
  ///   - identity: What the fingerprint says of it.
  ///   - template: Where the landmarks go, in the scheme's order.
  ///   - side: Rows and columns of the chip that the places are in.
  init(scheme: LandmarkScheme, identity: String, template: [PixelPoint], side: Int) {
    (self.scheme, self.identity, self.template, templateSide) = (scheme, identity, template, side)
    frame = (0, 0, Double(side))
    // dlib's chips have the eyes 52.55 pixels apart.
    let eyes = scheme.anchors(template).map { $0.left.distance(to: $0.right) } ?? 0
    measuredSide = eyes > 0 ? Int((Double(side) * 52.55 / eyes).rounded()) : side
  }

  /// The same places in a larger chip, whose corner lies to the left and above by so many of the template's pixels.
  func widened(left: Double, above: Double, side: Double) -> SimilarityAligner {
    var wide = SimilarityAligner(
      scheme: scheme, identity: identity + ", framed (\(left) \(above) \(side))", template: template,
      side: templateSide)
    wide.frame = (-left, -above, side)
    return wide
  }

  /// ArcFace's places in 112 × 112 pixels, which SFace and most networks since 2018 were trained with.
  /// (Deng et al., "ArcFace", 2019.)
  package static let arcFace = SimilarityAligner(
    scheme: .eyesNoseMouth, identity: "similarity to ArcFace's places",
    template: [
      PixelPoint(x: 38.2946, y: 51.6963), PixelPoint(x: 73.5318, y: 51.5014),
      PixelPoint(x: 56.0252, y: 71.7366), PixelPoint(x: 41.5493, y: 92.3655),
      PixelPoint(x: 70.7299, y: 92.2041),
    ], side: 112)

  /// A face that fills its picture has its landmarks about where they lie in the template without its margin.
  package func usualLandmarks(in box: PixelRect) -> [PixelPoint] {
    let scale = Double(min(box.width, box.height)) / Double(templateSide)
    let left = Double(box.x) + (Double(box.width) - scale * Double(templateSide)) / 2
    let top = Double(box.y) + (Double(box.height) - scale * Double(templateSide)) / 2
    return template.map { PixelPoint(x: left + $0.x * scale, y: top + $0.y * scale) }
  }

  package func chip(
    of landmarks: [PixelPoint], in image: RGBImage, height: Int, width: Int
  ) throws(EngineError) -> RGBImage {
    try checkLandmarks(landmarks)
    let side = max(height, width)
    let scale = Double(side) / frame.side
    // Centres of pixels go to centres; of the square chip the middle is taken.
    let places = template.map {
      PixelPoint(
        x: ($0.x - frame.left + 0.5) * scale - 0.5 - Double((side - width) / 2),
        y: ($0.y - frame.top + 0.5) * scale - 0.5 - Double((side - height) / 2))
    }
    guard let back = Similarity(from: places, to: landmarks) else {
      throw EngineError(
        .invalidInput, "A face is aligned by five landmarks that lie apart; these are not: detect it again.")
    }
    return try image.sampled(by: back, width: width, height: height)
  }
}

/// A turn with a scale and a shift: (x, y) ↦ (a x − b y + u, b x + a y + v).
struct Similarity: Hashable {
  var a: Double
  var b: Double
  var u: Double
  var v: Double

  /// A similarity by its numbers.
  init(a: Double, b: Double, u: Double, v: Double) { (self.a, self.b, self.u, self.v) = (a, b, u, v) }

  /// The inverse of the similarity that brings `to` to `from` with the least sum of squares over the places of `from`; nil where
  /// either all lie in one place.
  init?(from: [PixelPoint], to: [PixelPoint]) {
    let count = Double(to.count)
    func mean(_ points: [PixelPoint]) -> PixelPoint {
      PixelPoint(x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count)
    }
    let (source, target) = (mean(to), mean(from))
    var (along, across, spread) = (0.0, 0.0, 0.0)
    for (s, t) in zip(to, from) {
      let (x, y) = (s.x - source.x, s.y - source.y)
      let (p, q) = (t.x - target.x, t.y - target.y)
      along += x * p + y * q
      across += x * q - y * p
      spread += x * x + y * y
    }
    guard spread > 0 else { return nil }
    let (c, s) = (along / spread, across / spread)
    let square = c * c + s * s
    guard square > 0, square.isFinite else { return nil }
    // target = (c, −s; s, c) (point − source) + target's mean, turned round.
    a = c / square
    b = -s / square
    u = source.x - (a * target.x - b * target.y)
    v = source.y - (b * target.x + a * target.y)
  }

  /// Where a point goes.
  func apply(_ x: Double, _ y: Double) -> PixelPoint {
    PixelPoint(x: a * x - b * y + u, y: b * x + a * y + v)
  }
}

extension RGBImage {
  /// The picture whose pixel (x, y) is this one's at the place that `map` gives, bilinear; black outside.
  func sampled(by map: Similarity, width: Int, height: Int) throws(EngineError) -> RGBImage {
    let (columns, rows) = (self.width, self.height)
    var result = [UInt8](repeating: 0, count: width * height * 3)
    pixels.withUnsafeBufferPointer { source in
      for y in 0..<height {
        for x in 0..<width {
          let place = map.apply(Double(x), Double(y))
          // So far outside that no neighbour lies in the picture; also keeps the conversions below in range.
          guard place.x > -1, place.y > -1, place.x < Double(columns), place.y < Double(rows) else {
            continue
          }
          let (left, top) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
          let (right, low) = (Float(place.x - Double(left)), Float(place.y - Double(top)))
          for channel in 0..<3 {
            func value(_ column: Int, _ row: Int) -> Float {
              guard column >= 0, row >= 0, column < columns, row < rows else { return 0 }
              return Float(source[(row * columns + column) * 3 + channel])
            }
            let above = value(left, top) + right * (value(left + 1, top) - value(left, top))
            let below = value(left, top + 1) + right * (value(left + 1, top + 1) - value(left, top + 1))
            result[(y * width + x) * 3 + channel] = UInt8((above + low * (below - above)).rounded())
          }
        }
      }
    }
    do {
      return try RGBImage(width: width, height: height, pixels: result)
    } catch {
      throw EngineError(.internalFailure, error.message)
    }
  }
}
