internal import Foundation
internal import Imaging

/// A face that may be tilted, looked at in views that are turned about its middle until it stands upright.
///
/// YuNet was trained on upright faces. It finds tilted ones, but its landmarks follow a turn of 20° by 6 or 7 only, and near 45° they
/// are those of a face that is not there. Its score is highest where a face stands upright, and landmarks that lie level there are
/// right. On 40 faces of LFW turned by 45° the eyes' line was off by 31° at the median, and is by 3° after this.
struct TiltedFace {
  /// Columns and rows of a view: for faces of at most ``small`` pixels, and for larger ones.
  private static let sides = (small: 96, large: 160)
  private static let small = 64
  /// The face's share of its view.
  private static let share = 0.5
  /// Degrees between the views of which the one with the highest score is taken. Fewer are not enough: where a face is tilted by 45° its
  /// score may be lower in the view beside than as it stands.
  private static let step = 45.0
  /// The eyes' line of a face that is not tilted lies within so many degrees.
  private static let level = 4.0
  /// By how much a face is turned for each degree that its landmarks are off, and at most.
  private static let (gain, mostTurn) = (2.8, 30.0)
  /// How far the middle of a face may lie from where it was found, as a share of its size, and how many times as large or small it may be.
  private static let (reach, growth) = (0.35, 1.6)
  /// How often the view with the highest score is turned on.
  private static let turns = 3
  /// From how many degrees on a face is taken for tilted, and how much of its score it may lose then: a face of 20° has nearly the score
  /// of one that stands upright. Of 620 upright faces of LFW eight are.
  private static let (leastTurn, mostLoss): (Double, Float) = (12, 0.015)
  /// Pixels of the larger side of the patch of the picture that views are cut from.
  private static let patchSide = 512

  /// A face as one view shows it.
  private struct Sight {
    /// Degrees by which the view turns the face back.
    var angle: Double
    var score: Float
    /// In pixels of the patch.
    var center: PixelPoint
    var width: Double
    var height: Double
    var landmarks: [PixelPoint]
    /// Degrees by which the eyes' line is off the level in the view.
    var tilt: Double
  }

  private let face: FoundFace
  /// What is around the face.
  private let patch: RGBImage
  /// The patch's left upper corner in the picture.
  private let (left, top): (Int, Int)
  /// Pixels of the picture for one of the patch.
  private let scale: Double

  /// Whether a face may be tilted, or its landmarks be those of one that stands otherwise.
  ///
  /// - Parameter sure: The score from which on a level face is taken for upright.
  static func mayBe(_ face: FoundFace, sure: Float) -> Bool {
    guard face.landmarks.count >= 2 else { return false }
    return face.score < sure
      || abs(Self.tilt(face.landmarks, turnedBack: -90 * Double(face.quarterTurns))) > level
  }

  /// A face of a picture; nil if it lies outside.
  init?(_ face: FoundFace, in picture: RGBImage) throws(EngineError) {
    // What a view can reach: its half diagonal on each side of the middle, and as much as the middle may move.
    let size = max(face.box.width, face.box.height)
    let half = Int((Double(size) * (0.5 / Self.share * 2.0.squareRoot() + Self.reach)).rounded(.up))
    let (x, y) = (face.box.x + face.box.width / 2, face.box.y + face.box.height / 2)
    guard let around = picture.cropped(x: x - half, y: y - half, width: 2 * half, height: 2 * half) else {
      return nil
    }
    patch = try around.shrunkForSearch(to: Self.patchSide)
    scale = Double(around.longerSide) / Double(patch.longerSide)
    (left, top) = (max(x - half, 0), max(y - half, 0))
    self.face = face
  }

  /// The face with the landmarks of the view in which it stands upright; as it was where no view shows it better.
  func upright(
    by candidates: (RGBImage) throws(EngineError) -> [YuNetOutput.Candidate]
  ) throws(EngineError) -> FoundFace {
    let size = Double(max(face.box.width, face.box.height)) / scale
    let middle = PixelPoint(
      x: (Double(face.box.x - left) + Double(face.box.width) / 2) / scale,
      y: (Double(face.box.y - top) + Double(face.box.height) / 2) / scale)
    let standing = -90 * Double(face.quarterTurns)
    var before: Float = 0
    var best: Sight?
    for angle in stride(from: 0, to: 360, by: Self.step) {
      guard let sight = try look(at: middle, size: size, angle: standing + angle, by: candidates) else {
        continue
      }
      if angle == 0 { before = sight.score }
      if sight.score > best?.score ?? 0 { best = sight }
    }
    guard var sight = best else { return face }
    for _ in 0..<Self.turns {
      let turn = min(max(Self.gain * sight.tilt, -Self.mostTurn), Self.mostTurn)
      guard
        let next = try look(
          at: sight.center, size: max(sight.width, sight.height), angle: sight.angle + turn, by: candidates)
      else { break }
      sight = next
    }
    let isTilted =
      Self.turn(from: standing, to: sight.angle).magnitude >= Self.leastTurn
      && sight.score >= before - Self.mostLoss
      && sight.center.distance(to: middle) <= Self.reach * size
      && (1 / Self.growth...Self.growth).contains(max(sight.width, sight.height) / size)
    return isTilted ? found(sight) : face
  }

  /// What a view shows where the face is to be; nil for nothing.
  private func look(
    at center: PixelPoint, size: Double, angle: Double,
    by candidates: (RGBImage) throws(EngineError) -> [YuNetOutput.Candidate]
  ) throws(EngineError) -> Sight? {
    try EngineError.checkCancellation()
    let side = size * scale <= Double(Self.small) ? Self.sides.small : Self.sides.large
    // Pixels of the patch for one of the view.
    let zoom = size / (Self.share * Double(side))
    guard zoom > 0, zoom.isFinite else { return nil }
    let (a, b) = (zoom * cos(angle * .pi / 180), zoom * sin(angle * .pi / 180))
    let middle = Double(side - 1) / 2
    let view = Similarity(
      a: a, b: b, u: center.x - (a - b) * middle, v: center.y - (b + a) * middle)
    let image = try patch.sampled(by: view, width: side, height: side)
    let most = Self.reach * Self.share * Double(side)
    let seen = try candidates(image).first {
      let (x, y) = (Double($0.x + $0.width / 2) - middle, Double($0.y + $0.height / 2) - middle)
      return x.magnitude <= most && y.magnitude <= most
    }
    guard let seen else { return nil }
    return Sight(
      angle: angle, score: seen.score,
      center: view.apply(Double(seen.x + seen.width / 2), Double(seen.y + seen.height / 2)),
      width: Double(seen.width) * zoom, height: Double(seen.height) * zoom,
      landmarks: seen.landmarks.map { view.apply($0.x, $0.y) },
      tilt: Self.tilt(seen.landmarks, turnedBack: 0))
  }

  /// A sight in pixels of the picture.
  private func found(_ sight: Sight) -> FoundFace {
    func original(_ point: PixelPoint) -> PixelPoint {
      let point = point.scaled(by: scale)
      return PixelPoint(x: point.x + Double(left), y: point.y + Double(top))
    }
    let turns = Int((sight.angle / 90).rounded())
    let (width, height) =
      turns.isMultiple(of: 2) ? (sight.width, sight.height) : (sight.height, sight.width)
    let center = original(sight.center)
    var found = face
    found.box = PixelRect(
      x: Int((center.x - width * scale / 2).rounded()), y: Int((center.y - height * scale / 2).rounded()),
      width: max(Int((width * scale).rounded()), 1), height: max(Int((height * scale).rounded()), 1))
    found.score = max(face.score, sight.score)
    found.landmarks = sight.landmarks.map(original)
    // A face that is turned clockwise stands upright after as many turns the other way.
    found.quarterTurns = ((-turns % 4) + 4) % 4
    return found
  }

  /// Degrees, −180…180, from a line at `angle` to that of the eyes, clockwise.
  private static func tilt(_ landmarks: [PixelPoint], turnedBack angle: Double) -> Double {
    turn(
      from: angle, to: atan2(landmarks[1].y - landmarks[0].y, landmarks[1].x - landmarks[0].x) * 180 / .pi)
  }

  /// Degrees from one direction to another, −180…180.
  private static func turn(from: Double, to: Double) -> Double {
    let degrees = to - from
    return degrees - 360 * (degrees / 360).rounded()
  }
}
