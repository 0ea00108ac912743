import FaceEngine
import Foundation
import Imaging
import Testing

@testable import FaceEngine

@Suite("YuNet's numbers become faces")
struct YuNetOutputTests {
  private func levels(_ tensors: OpenCVGolden.Tensors) throws -> [YuNetOutput.Level] {
    try YuNetOutput.strides.map { stride in
      YuNetOutput.Level(
        stride: stride, faceScores: try tensors.values("cls_\(stride)"),
        objectScores: try tensors.values("obj_\(stride)"), boxes: try tensors.values("bbox_\(stride)"),
        landmarks: try tensors.values("kps_\(stride)"))
    }
  }

  @Test("the network's outputs, taken from onnxruntime, give OpenCV's face")
  func decodes() throws {
    let golden = try #require(OpenCVGolden.all)
    let expected = try #require(golden.photos.first { $0.photo == golden.tensors.photo }).faces
    let faces = YuNetOutput.faces(
      try levels(golden.tensors), columns: golden.tensors.columns, minimumScore: 0.6)
    try #require(faces.count == 1 && expected.count == 1)
    let (face, reference) = (faces[0], expected[0])
    for (value, expected) in zip([face.x, face.y, face.width, face.height], reference.box) {
      #expect(abs(Double(value) - expected) < 0.01)
    }
    for (point, expected) in zip(face.landmarks, reference.points) {
      #expect(abs(point.x - expected.x) < 0.01 && abs(point.y - expected.y) < 0.01)
    }
    #expect(abs(face.score - reference.score) < 1e-4)
    // Without a threshold there are many, and of those that overlap one is left.
    let all = YuNetOutput.faces(
      try levels(golden.tensors), columns: golden.tensors.columns, minimumScore: 0.01)
    #expect(all.count > 1 && all.first == face)
    for (place, one) in all.enumerated() {
      for other in all[..<place] { #expect(one.wholeBox.overlap(with: other.wholeBox) <= 0.3) }
    }
  }

  @Test(
    "numbers that are no places are left out, and never trap", arguments: [Float.infinity, .nan, 1e30, -1e30])
  func nonsense(value: Float) {
    let cells = 16
    for part in 0..<3 {
      let level = YuNetOutput.Level(
        stride: 8, faceScores: Array(repeating: part == 0 ? value : 1, count: cells),
        objectScores: Array(repeating: 1, count: cells),
        boxes: Array(repeating: part == 1 ? value : 0, count: cells * 4),
        landmarks: Array(repeating: part == 2 ? value : 0, count: cells * 10))
      let faces = YuNetOutput.faces([level], columns: 32, minimumScore: 0.6)
      #expect(
        faces.allSatisfy { $0.width.isFinite && $0.x.isFinite && $0.landmarks.allSatisfy(\.x.isFinite) })
    }
  }
}

/// A network that has always the same thing to say of a picture: a face where the picture is bright, standing upright if the upper
/// half of the bright square is brighter.
private func network(_ answer: @escaping (RGBImage) -> [YuNetOutput.Candidate]) -> YuNetNetwork {
  YuNetNetwork(weightsDigest: String(repeating: "0", count: 64)) { image throws(EngineError) in
    var levels: [YuNetOutput.Level] = []
    for stride in YuNetOutput.strides {
      let cells = (image.width / stride) * (image.height / stride)
      var level = (
        scores: [Float](repeating: 0, count: cells), boxes: [Float](repeating: 0, count: cells * 4),
        points: [Float](repeating: 0, count: cells * 10)
      )
      if stride == 8 {
        for face in answer(image) {
          let (column, row) = (Int(face.x + face.width / 2) / 8, Int(face.y + face.height / 2) / 8)
          let cell = row * (image.width / 8) + column
          guard (0..<cells).contains(cell) else { continue }
          level.scores[cell] = face.score
          level.boxes[cell * 4] = (face.x + face.width / 2) / 8 - Float(column)
          level.boxes[cell * 4 + 1] = (face.y + face.height / 2) / 8 - Float(row)
          level.boxes[cell * 4 + 2] = log(face.width / 8)
          level.boxes[cell * 4 + 3] = log(face.height / 8)
          for (place, point) in face.landmarks.enumerated() {
            level.points[cell * 10 + 2 * place] = Float(point.x) / 8 - Float(column)
            level.points[cell * 10 + 2 * place + 1] = Float(point.y) / 8 - Float(row)
          }
        }
      }
      levels.append(
        YuNetOutput.Level(
          stride: stride, faceScores: level.scores, objectScores: level.scores, boxes: level.boxes,
          landmarks: level.points))
    }
    return levels
  }
}

@Suite("What YuNet's detector does around the network")
struct YuNetSearchTests {
  /// A face whose landmarks lie at fixed shares of its box.
  private func face(x: Float, y: Float, side: Float, score: Float) -> YuNetOutput.Candidate {
    let places: [(Float, Float)] = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    return YuNetOutput.Candidate(
      x: x, y: y, width: side, height: side, score: score,
      landmarks: places.map { PixelPoint(x: Double(x + $0.0 * side), y: Double(y + $0.1 * side)) })
  }

  private func search(
    _ width: Int, _ height: Int, _ answer: @escaping (RGBImage) -> [YuNetOutput.Candidate],
    options: DetectionOptions = DetectionOptions()
  ) throws -> [FoundFace] {
    try search(
      RGBImage(width: width, height: height, red: 10, green: 10, blue: 10), answer, options: options)
  }

  private func search(
    _ picture: RGBImage, _ answer: @escaping (RGBImage) -> [YuNetOutput.Candidate],
    options: DetectionOptions = DetectionOptions()
  ) throws -> [FoundFace] {
    try YuNetDetector(network(answer)).search(ReducedImage(picture), options).faces
  }

  @Test("a face that is seen most surely in a turned picture is that one, its landmarks where they lie")
  func turned() throws {
    // Upright the network sees an unsure face with its landmarks in wrong places, turned clockwise a sure one, else nothing.
    var looks = 0
    let found = try search(320, 192) { image in
      looks += 1
      if looks == 1 { return [self.face(x: 100, y: 50, side: 60, score: 0.7)] }
      return looks == 2 ? [self.face(x: 192 - 50 - 60, y: 100, side: 60, score: 0.95)] : []
    }
    try #require(found.count == 1)
    #expect(found[0].quarterTurns == 1)
    #expect(found[0].box == PixelRect(x: 100, y: 50, width: 60, height: 60))
    // In the picture as it is, the eyes lie above each other at the left.
    let (left, right) = (found[0].landmarks[0], found[0].landmarks[1])
    #expect(left.x < 130 && abs(left.x - right.x) < 0.01 && left.y > right.y)
    let still = DetectionOptions(tryQuarterTurns: false)
    let upright = try search(
      320, 192, { _ in [self.face(x: 100, y: 50, side: 60, score: 0.7)] }, options: still)
    #expect(upright.map(\.quarterTurns) == [0])
  }

  @Test("a sure face is looked at once, and an unsure picture in all turns")
  func effort() throws {
    var looks = 0
    let sure = try search(320, 192) { _ in
      looks += 1
      return [self.face(x: 100, y: 50, side: 60, score: 0.95)]
    }
    #expect(sure.count == 1 && looks == 1)
    looks = 0
    let unsure = try search(320, 192) { image in
      looks += 1
      return [self.face(x: 20, y: 50, side: 60, score: 0.95), self.face(x: 100, y: 50, side: 50, score: 0.3)]
    }
    #expect(looks == 4 && unsure.contains { $0.box.x == 20 })
  }

  @Test(
    "a tilted face is turned upright in small views, and does not become the one beside it",
    arguments: [(40.0, 0), (-55, 0), (110, 0), (8, 0), (40, 0.3)] as [(Double, Float)])
  func tilted(degrees: Double, slide: Float) throws {
    let (middle, side, neighbor) = (208.0, 60, PixelRect(x: 250, y: 178, width: 60, height: 60))
    let up = (x: sin(degrees * .pi / 180), y: -cos(degrees * .pi / 180))
    let width = 416
    var pixels: [UInt8] = []
    for place in 0..<width * width {
      let (x, y) = (Double(place % width), Double(place / width))
      let along = (x - middle) * up.x + (y - middle) * up.y
      pixels += Array(repeating: UInt8(128 + 100 * tanh(along / 30)), count: 3)
    }
    // A face stands towards the light. The network is surer of upright ones, and its landmarks follow a turn by a third.
    var looks = 0
    let picture = try RGBImage(width: width, height: width, pixels: pixels)
    let faces = try search(picture) { image in
      looks += 1
      if looks == 1 {
        return [
          self.face(x: 178, y: 178, side: 60, score: 0.7), self.face(x: 250, y: 178, side: 60, score: 0.95),
        ]
      }
      guard image.width < width else { return [] }
      let off = image.lightFromAbove()
      let half = Float(image.width) / 2
      var seen = self.face(
        x: half / 2 + slide * half, y: half / 2, side: half, score: 0.95 - 0.3 * Float(1 - cos(off)))
      let line = tan(max(-1, min(off, 1)) / 2.8) * (seen.landmarks[1].x - seen.landmarks[0].x)
      seen.landmarks[1].y += line
      return [seen]
    }
    try #require(faces.count == 2 && faces.contains { $0.box == neighbor })
    let face = try #require(faces.first { $0.box != neighbor })
    let (left, right) = (face.landmarks[0], face.landmarks[1])
    let line = atan2(right.y - left.y, right.x - left.x) * 180 / .pi
    if slide == 0, abs(degrees) > 15 {
      #expect(abs(line - degrees) < 4, "\(line)")
      #expect(face.quarterTurns == [40: 0, -55: 1, 110: 3][degrees])
    } else {
      #expect(face.box == PixelRect(x: 178, y: 178, width: side, height: side) && abs(line) < 0.01)
    }
  }

  @Test("a face too large for the network is found in the picture shrunk")
  func large() throws {
    let found = try search(1_600, 1_600, options: DetectionOptions(tryQuarterTurns: false)) { image in
      // Nothing above 300 pixels is seen.
      let side = Float(image.width) * 0.4
      return side < 300 ? [self.face(x: side / 2, y: side / 2, side: side, score: 0.95)] : []
    }
    try #require(found.count == 1)
    #expect(abs(found[0].box.width - 640) <= 2 && abs(found[0].box.x - 320) <= 2)
  }

  @Test("a face that fills its picture is found with a border around")
  func tight() throws {
    let found = try search(100, 100, options: DetectionOptions(tryQuarterTurns: false)) { image in
      image.width >= 200 ? [self.face(x: 50, y: 50, side: 100, score: 0.95)] : []
    }
    #expect(found.map(\.box) == [PixelRect(x: 0, y: 0, width: 100, height: 100)])
  }

  private func search(
    _ width: Int, _ height: Int, options: DetectionOptions,
    _ answer: @escaping (RGBImage) -> [YuNetOutput.Candidate]
  ) throws -> [FoundFace] { try search(width, height, answer, options: options) }
}

extension RGBImage {
  /// How far the light comes from the right of above, in radians.
  fileprivate func lightFromAbove() -> Double {
    var (right, below) = (0.0, 0.0)
    for (place, pixel) in pixels.enumerated() {
      let (x, y) = (place / 3 % width, place / 3 / width)
      right += (Double(x) - Double(width - 1) / 2) * Double(pixel)
      below += (Double(y) - Double(height - 1) / 2) * Double(pixel)
    }
    return atan2(right, -below)
  }
}
