import Foundation
import Imaging
import Testing

@testable import FaceEngine

@Suite(
  "YuNet and SFace",
  .enabled(if: TestData.hasSFace, "the weights are not there: Scripts/set-up.sh fetches them"))
struct SFaceTests {
  /// The golden faces' order is the detector's; ours is by size.
  private func match(_ faces: [DetectedFace], _ golden: OpenCVGolden.Face) -> DetectedFace? {
    faces.first { face in
      abs(Double(face.box.x) - golden.box[0]) < 8 && abs(Double(face.box.y) - golden.box[1]) < 8
    }
  }

  @Test(
    "with the weights in float32, boxes, landmarks and embeddings are OpenCV's",
    .enabled(if: TestData.hasSFaceFloat32, "galleryctl weights fetch sface-f32 gets the weights"),
    arguments: OpenCVGolden.photos)
  func openCV(golden: OpenCVGolden.Photo) throws {
    let engine = try FaceEngine(
      EngineConfiguration(weightsDirectory: TestData.weights, engine: EngineSpecification(name: "sface-f32")))
    let image = try TestData.photo(golden.photo)
    // Searched as it is, in one size and upright, as OpenCV does it.
    let options = DetectionOptions(upsampling: 0, tryQuarterTurns: false)
    let faces = try engine.detect(in: image, options: options)
    #expect(faces.count == golden.faces.count)
    for reference in golden.faces {
      let face = try #require(match(faces, reference), "no face at \(reference.box)")
      for (value, expected) in zip(
        [face.box.x, face.box.y, face.box.width, face.box.height], reference.box)
      {
        #expect(abs(Double(value) - expected) <= 0.51)
      }
      for (point, expected) in zip(face.landmarks, reference.points) {
        #expect(abs(point.x - expected.x) < 0.01 && abs(point.y - expected.y) < 0.01)
      }
      let embedding = try engine.embed([face], in: image)[0]
      let cosine = embedding.cosineSimilarity(to: try Embedding(normalizing: reference.embedding))
      #expect(cosine >= 0.99999, "\(cosine)")
    }
  }

  @Test("the small files find the same faces and see them alike", arguments: OpenCVGolden.photos)
  func small(golden: OpenCVGolden.Photo) throws {
    let engine = try TestData.sface.get()
    let image = try TestData.photo(golden.photo)
    let faces = try engine.faces(in: image)
    #expect(faces.count == golden.faces.count)
    for reference in golden.faces {
      let face = try #require(faces.first { match([$0.detection], reference) != nil })
      let expected = try Embedding(normalizing: reference.embedding)
      #expect(face.embedding.cosineSimilarity(to: expected) > 0.97)
      #expect(face.detection.scheme == .eyesNoseMouth && face.detection.quality.detectorScore > 0)
    }
  }

  @Test("the same person is near and strangers are far")
  func people() throws {
    let engine = try TestData.sface.get()
    func embedding(_ name: String) throws -> Embedding {
      try #require(try engine.faces(in: TestData.photo(name)).first).embedding
    }
    let obama = try embedding("obama.jpg")
    #expect(obama.cosineSimilarity(to: try embedding("obama2.jpg")) > 0.5)
    #expect(obama.cosineSimilarity(to: try embedding("biden.jpg")) < 0.35)
  }

  @Test("a face that lies is found beside one that stands", arguments: 1...3)
  func sideways(turns: Int) throws {
    let engine = try TestData.sface.get()
    let (standing, lying) = (try TestData.photo("obama.jpg"), try TestData.photo("biden.jpg"))
    let size = 900
    let left = try standing.shrunk(toLongerSide: size)
    let right = try lying.shrunk(toLongerSide: size).rotated(quarterTurns: turns)
    var both = left.framed(
      left: 0, top: 0, width: left.width + right.width, height: max(left.height, right.height))
    for y in 0..<right.height { for x in 0..<right.width { both[left.width + x, y] = right[x, y] } }
    let faces = try engine.faces(in: both)
    try #require(faces.count == 2)
    for (name, range) in [("obama.jpg", 0..<left.width), ("biden.jpg", left.width..<both.width)] {
      let expected = try #require(try engine.faces(in: TestData.photo(name)).first)
      let face = try #require(faces.first { range.contains($0.detection.box.x + $0.detection.box.width / 2) })
      #expect(face.embedding.cosineSimilarity(to: expected.embedding) > 0.8, "\(name)")
    }
    let roll = try #require(faces.first { $0.detection.box.x > left.width }).detection.quality.roll
    #expect(abs(abs(roll) - (turns == 2 ? 180 : 90)) < 15)
  }

  @Test("faces of 18 to 900 pixels are found", arguments: [18, 24, 60, 300, 900])
  func sizes(side: Int) throws {
    let engine = try TestData.sface.get()
    // Its face is 90 pixels wide, and 223 from the left.
    let portrait = try TestData.photo("astronaut.png")
    let scaled = try portrait.resized(
      width: portrait.width * side / 90, height: portrait.height * side / 90)
    let image = scaled.width < 400 ? scaled.framed(left: 100, top: 60, width: 600, height: 400) : scaled
    let faces = try engine.detect(in: image)
    let face = try #require(faces.first)
    #expect(abs(Double(face.box.width) / Double(side) - 1) < 0.25)
    let centre = (Double(face.box.x) + Double(face.box.width) / 2) - (scaled.width < 400 ? 100 : 0)
    #expect(abs(centre / Double(scaled.width) - 223.0 / 512) < 0.03)
  }

  @Test("a face that fills its picture is found")
  func tight() throws {
    let engine = try TestData.sface.get()
    let image = try TestData.photo("obama.jpg")
    let whole = try #require(try engine.faces(in: image).first)
    let box = whole.detection.box
    let crop = try #require(image.cropped(x: box.x, y: box.y, width: box.width, height: box.height))
    for options in [DetectionOptions(), DetectionOptions(detectFaces: false)] {
      let face = try #require(try engine.faces(in: crop, options: options).first)
      #expect(face.embedding.cosineSimilarity(to: whole.embedding) > 0.8)
    }
  }

  @Test("its landmarks are not for dlib's chips, nor its network for dlib's detectors")
  func apart() throws {
    for detector in [DetectorKind.hog, .cnn] {
      let error = #expect(throws: EngineError.self) {
        try FaceEngine(
          EngineConfiguration(weightsDirectory: TestData.weights, detector: detector, engine: .sface))
      }
      #expect(error?.code == .invalidOption)
    }
    let engine = try TestData.sface.get()
    #expect(engine.fingerprint.alignment.hasPrefix("yunet-eyes-nose-mouth("))
    #expect(engine.fingerprint.network == "sface" && engine.fingerprint.dimension == 128)
  }

  @Test("dlib's network takes YuNet's faces with dlib's landmarks", .enabled(if: TestData.hasPhotos))
  func dlibOnYuNet() throws {
    let engine = try FaceEngine(
      EngineConfiguration(weightsDirectory: TestData.weights, detector: .yunet, engine: .resNet))
    let reference = try TestData.engine.get()
    // The landmarks decide, not the box: the gallery's fingerprint is the same.
    #expect(engine.fingerprint == reference.fingerprint)
    for name in ["obama.jpg", "biden.jpg", "astronaut.png"] {
      let image = try TestData.photo(name)
      let (face, expected) = (
        try #require(try engine.faces(in: image).first), try #require(try reference.faces(in: image).first)
      )
      #expect(face.detection.scheme == .dlib5)
      #expect(face.embedding.cosineSimilarity(to: expected.embedding) > 0.97, "\(name)")
    }
  }
}
