/// Which places of a face its landmarks are, and in which order.
///
/// Chips are cut by landmarks, so those of one scheme are never used where another is expected. A name that this version does
/// not know is kept as it is, and no aligner takes its points.
public struct LandmarkScheme: RawRepresentable, Sendable, Hashable, Codable, CustomStringConvertible {
  /// The name, as records and fingerprints have it.
  public let rawValue: String

  /// A scheme by its name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// dlib's five: outer and inner corner of the eye that is on the right of the photo, outer and inner corner of the eye on the
  /// left of the photo, base of the nose. What was stored before schemes had names is this one.
  public static let dlib5 = LandmarkScheme(rawValue: "dlib-5")

  /// Middle of the eye on the left of the photo, of the eye on the right, tip of the nose, left and right corner of the mouth: the
  /// points of YuNet, RetinaFace and ArcFace.
  public static let eyesNoseMouth = LandmarkScheme(rawValue: "eyes-nose-mouth")

  /// The 68 points of the iBUG 300-W annotation, which dlib's larger predictor gives.
  public static let ibug68 = LandmarkScheme(rawValue: "ibug-68")

  /// The name.
  public var description: String { rawValue }

  /// How many points there are; nil for a scheme that this version does not know.
  public var count: Int? {
    switch self {
    case .dlib5, .eyesNoseMouth: 5
    case .ibug68: 68
    default: nil
    }
  }

  /// Where the eyes and the nose are.
  struct Anchors {
    /// The middle of the eye on the left of the photo, of an upright face.
    var left: PixelPoint
    /// The middle of the eye on the right.
    var right: PixelPoint
    /// A point of the nose.
    var nose: PixelPoint
    /// How far that point stands out of the plane of the eyes, as a share of their distance.
    var depth: Double
  }

  /// Eyes and nose by a face's points; nil for an unknown scheme or another number of points.
  func anchors(_ points: [PixelPoint]) -> Anchors? {
    guard points.count == count else { return nil }
    func middle(_ range: ClosedRange<Int>) -> PixelPoint {
      let count = Double(range.count)
      return PixelPoint(
        x: points[range].reduce(0) { $0 + $1.x } / count, y: points[range].reduce(0) { $0 + $1.y } / count)
    }
    switch self {
    case .dlib5: return Anchors(left: middle(2...3), right: middle(0...1), nose: points[4], depth: 0.45)
    case .eyesNoseMouth: return Anchors(left: points[0], right: points[1], nose: points[2], depth: 0.6)
    case .ibug68: return Anchors(left: middle(36...41), right: middle(42...47), nose: points[33], depth: 0.45)
    default: return nil
    }
  }
}
