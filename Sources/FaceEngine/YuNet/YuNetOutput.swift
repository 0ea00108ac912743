internal import Foundation

/// What YuNet says of a picture, as faces.
///
/// Of each stride the picture is a grid of cells; a cell has a probability of a face, one of an object, a box and five landmarks
/// relative to it. (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023.)
struct YuNetOutput {
  /// The results of one stride, row by row of cells.
  struct Level {
    /// Pixels from cell to cell: 8, 16 or 32.
    let stride: Int
    /// A number a cell.
    let faceScores: [Float]
    /// A number a cell.
    let objectScores: [Float]
    /// Four numbers a cell: the centre's place in cells from this one, and the logarithms of width and height in cells.
    let boxes: [Float]
    /// Ten numbers a cell: the landmarks' places in cells from this one.
    let landmarks: [Float]
  }

  /// A face in pixels of the picture.
  struct Candidate: Hashable {
    var x: Float
    var y: Float
    var width: Float
    var height: Float
    /// The geometric mean of both probabilities.
    var score: Float
    /// In the order of ``LandmarkScheme/eyesNoseMouth``.
    var landmarks: [PixelPoint]
  }

  static let strides = [8, 16, 32]

  /// Two faces that share more than this of their area are one.
  static let largestOverlap = 0.3

  /// The faces of at least a score; of those that overlap the surest one, surest first.
  ///
  /// - Parameter columns: The padded picture's width in pixels.
  static func faces(_ levels: [Level], columns: Int, minimumScore: Float) -> [Candidate] {
    var candidates: [Candidate] = []
    for level in levels {
      let row = columns / level.stride
      let stride = Float(level.stride)
      for cell in level.faceScores.indices {
        let score = (clipped(level.faceScores[cell]) * clipped(level.objectScores[cell])).squareRoot()
        guard score >= minimumScore else { continue }
        let (x, y) = (Float(cell % row), Float(cell / row))
        let box = level.boxes[cell * 4..<cell * 4 + 4].map { $0 }
        let (width, height) = (exp(box[2]) * stride, exp(box[3]) * stride)
        let candidate = Candidate(
          x: (x + box[0]) * stride - width / 2, y: (y + box[1]) * stride - height / 2, width: width,
          height: height, score: score,
          landmarks: (0..<5).map { point in
            let (dx, dy) = (
              level.landmarks[cell * 10 + 2 * point], level.landmarks[cell * 10 + 2 * point + 1]
            )
            return PixelPoint(x: Double((x + dx) * stride), y: Double((y + dy) * stride))
          })
        if candidate.isFinite { candidates.append(candidate) }
      }
    }
    return suppressed(candidates)
  }

  private static func clipped(_ value: Float) -> Float { min(max(value, 0), 1) }

  /// Greedy non-maximum suppression over boxes of whole pixels, as OpenCV does it.
  private static func suppressed(_ candidates: [Candidate]) -> [Candidate] {
    // Sorting by place as well keeps the order of equal scores fixed.
    let order = candidates.indices.sorted {
      candidates[$0].score != candidates[$1].score ? candidates[$0].score > candidates[$1].score : $0 < $1
    }
    var kept: [(face: Candidate, box: PixelRect)] = []
    for place in order {
      let box = candidates[place].wholeBox
      if kept.allSatisfy({ $0.box.overlap(with: box) <= largestOverlap }) {
        kept.append((candidates[place], box))
      }
    }
    return kept.map(\.face)
  }
}

extension YuNetOutput.Candidate {
  /// Whether all places are numbers that fit a picture.
  fileprivate var isFinite: Bool {
    // Far beyond any picture, and small enough for the products of areas.
    let reach: Float = 1e7
    return [x, y, width, height].allSatisfy { abs($0) < reach }
      && landmarks.allSatisfy { abs($0.x) < Double(reach) && abs($0.y) < Double(reach) }
  }

  /// The box cut to whole pixels.
  var wholeBox: PixelRect { PixelRect(x: Int(x), y: Int(y), width: Int(width), height: Int(height)) }

  /// The face in a picture `scale` times as large.
  ///
  /// Its score is still that of the network.
  func found(scale: Double) -> FoundFace {
    func scaled(_ value: Float) -> Int { Int((Double(value) * scale).rounded()) }
    return FoundFace(
      box: PixelRect(
        x: scaled(x), y: scaled(y), width: max(scaled(width), 1), height: max(scaled(height), 1)),
      score: score, landmarks: landmarks.map { $0.scaled(by: scale) })
  }
}
