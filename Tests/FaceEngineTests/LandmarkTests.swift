import Foundation
import Imaging
import Testing

@testable import FaceEngine

@Suite("Landmarks of named schemes")
struct LandmarkTests {
  @Test("yaw and roll come out alike from dlib's five points and from eyes, nose and mouth")
  func pose() {
    // A face turned so that both noses move aside by the tangent of 20° times how far they stand out.
    let tangent = tan(20 * Double.pi / 180)
    let dlib = [
      PixelPoint(x: 80, y: 50), PixelPoint(x: 60, y: 50), PixelPoint(x: 0, y: 50), PixelPoint(x: 20, y: 50),
      PixelPoint(x: 40 + 60 * 0.45 * tangent, y: 90),
    ]
    let five = [
      PixelPoint(x: 10, y: 50), PixelPoint(x: 70, y: 50), PixelPoint(x: 40 + 60 * 0.6 * tangent, y: 80),
      PixelPoint(x: 20, y: 110), PixelPoint(x: 60, y: 110),
    ]
    for (points, scheme) in [(dlib, LandmarkScheme.dlib5), (five, .eyesNoseMouth)] {
      let pose = FaceQuality.pose(points, scheme)
      #expect(abs(pose.yaw - 20) < 0.1 && abs(pose.roll) < 0.1, "\(scheme)")
      // Clockwise by 30°.
      let turned = points.map { point in
        PixelPoint(
          x: point.x * cos(.pi / 6) - point.y * sin(.pi / 6),
          y: point.x * sin(.pi / 6) + point.y * cos(.pi / 6))
      }
      let other = FaceQuality.pose(turned, scheme)
      #expect(abs(other.yaw - 20) < 0.1 && abs(other.roll - 30) < 0.1, "\(scheme)")
    }
    #expect(FaceQuality.pose(dlib, LandmarkScheme(rawValue: "of tomorrow")) == (0, 0))
    #expect(FaceQuality.pose(Array(dlib.prefix(4)), .dlib5) == (0, 0))
  }

  @Test("pitch rises as the nose does, however the face is turned; five points of 68 tell the same")
  func pitch() throws {
    func face(_ points: [PixelPoint], _ scheme: LandmarkScheme) -> DetectedFace {
      DetectedFace(
        box: PixelRect(x: 0, y: 0, width: 80, height: 120), landmarks: points, scheme: scheme,
        quality: FaceQuality(size: 80, sharpness: 0, yaw: 0, roll: 0, detectorScore: 0))
    }
    func five(nose: Double, turned: Double = 0) -> [PixelPoint] {
      [(10.0, 50.0), (70, 50), (40, nose), (20, 110), (60, 110)].map { x, y in
        PixelPoint(x: x * cos(turned) - y * sin(turned), y: x * sin(turned) + y * cos(turned))
      }
    }
    let level = 50 + 0.53 * 60
    #expect(abs(try #require(face(five(nose: level), .eyesNoseMouth).pitch)) < 0.01)
    let steps = try stride(from: 90.0, through: 60, by: -5).map {
      try #require(face(five(nose: $0), .eyesNoseMouth).pitch)
    }
    #expect(steps == steps.sorted() && steps[0] < -5 && steps[6] > 20)
    let turned = try #require(face(five(nose: 70, turned: 1), .eyesNoseMouth).pitch)
    #expect(abs(turned - steps[4]) < 0.01)
    // Of iBUG's points the eyes are six each, the tip of the nose is the 31st, the corners of the mouth the 49th and 55th.
    var points = [PixelPoint](repeating: PixelPoint(x: 0, y: 0), count: 68)
    for place in 36...41 { points[place] = PixelPoint(x: 10, y: 50) }
    for place in 42...47 { points[place] = PixelPoint(x: 70, y: 50) }
    (points[30], points[48], points[54]) = (
      PixelPoint(x: 40, y: 70), PixelPoint(x: 20, y: 110), PixelPoint(x: 60, y: 110)
    )
    #expect(face(points, .ibug68).eyesNoseMouth == five(nose: 70))
    for (count, scheme) in [
      (5, LandmarkScheme.dlib5), (4, .eyesNoseMouth), (5, LandmarkScheme(rawValue: "of tomorrow")),
    ] {
      let other = face(Array(five(nose: 70).prefix(count)), scheme)
      #expect(other.eyesNoseMouth == nil && other.pitch == nil)
    }
  }

  @Test("a face is never cut out by landmarks of another scheme", .enabled(if: TestData.hasWeights))
  func otherScheme() throws {
    let engine = try TestData.engine.get()
    let image = RGBImage(width: 200, height: 200)
    let quality = FaceQuality(size: 0, sharpness: 0, yaw: 0, roll: 0, detectorScore: 0)
    let points = [(70, 80), (120, 80), (95, 110), (75, 140), (115, 140)].map { PixelPoint(x: $0.0, y: $0.1) }
    for scheme in [LandmarkScheme.eyesNoseMouth, .ibug68, LandmarkScheme(rawValue: "of tomorrow")] {
      let face = DetectedFace(
        box: PixelRect(x: 50, y: 50, width: 100, height: 100), landmarks: points, scheme: scheme,
        quality: quality)
      #expect(throws: EngineError.self) { try engine.chip(of: face, in: image) }
      // Nothing is found again in a white picture, so nothing is embedded.
      #expect(throws: EngineError.self) { try engine.embed([face], in: image) }
    }
  }

  @Test("a face found by other landmarks is found again", .enabled(if: TestData.hasPhotos))
  func foundAgain() throws {
    let engine = try TestData.engine.get()
    let image = try TestData.photo("group.jpg")
    for golden in try #require(OpenCVGolden.photos.first { $0.photo == "group.jpg" }).faces.prefix(3) {
      let box = golden.box.map { Int($0) }
      let face = DetectedFace(
        box: PixelRect(x: box[0], y: box[1], width: box[2], height: box[3]), landmarks: golden.points,
        scheme: .eyesNoseMouth,
        quality: FaceQuality(size: box[2], sharpness: 0, yaw: 0, roll: 0, detectorScore: 0))
      let embedding = try engine.embed([face], in: image)[0]
      let nearest = try engine.faces(in: image).max {
        $0.embedding.cosineSimilarity(to: embedding) < $1.embedding.cosineSimilarity(to: embedding)
      }
      let same = try #require(nearest)
      #expect(same.embedding.cosineSimilarity(to: embedding) > 0.999)
      #expect(same.detection.box.overlap(with: face.box) > 0.3)
    }
  }

  @Test("a face without a scheme on record has dlib's five landmarks")
  func decoding() throws {
    let text = """
      {"box":{"x":1,"y":2,"width":3,"height":4},"landmarks":[{"x":1,"y":2}],
       "quality":{"size":3,"sharpness":1,"yaw":0,"roll":0,"detectorScore":1}}
      """
    let face = try JSONDecoder().decode(DetectedFace.self, from: Data(text.utf8))
    #expect(face.scheme == .dlib5)
  }

  @Test(
    "chips are OpenCV's: the means of their blocks differ by less than one grey level",
    arguments: OpenCVGolden.photos)
  func chips(golden: OpenCVGolden.Photo) throws {
    guard TestData.hasPhotos else { return }
    let image = try TestData.photo(golden.photo)
    for face in golden.faces {
      let chip = try SimilarityAligner.arcFace.chip(of: face.points, in: image, height: 112, width: 112)
      var largest = 0.0
      for block in 0..<14 * 14 {
        let (row, column) = (block / 14 * 8, block % 14 * 8)
        for channel in 0..<3 {
          var sum = 0
          for y in row..<row + 8 {
            for x in column..<column + 8 { sum += Int(chip.pixels[(y * 112 + x) * 3 + channel]) }
          }
          largest = max(largest, abs(Double(sum) / 64 - face.chip[block * 3 + channel]))
        }
      }
      #expect(largest < 1, "\(largest)")
    }
  }

  @Test("a turned rectangle and point come back to their places", arguments: 0...3)
  func turns(count: Int) {
    let image = RGBImage(width: 300, height: 200)
    let turns = QuarterTurns(count, of: image)
    let box = PixelRect(x: 10, y: 20, width: 30, height: 40)
    #expect(turns.original(turns.turned(box)) == box)
    #expect(turns.turned(image).width == (count % 2 == 0 ? 300 : 200))
  }
}
