import Foundation
import Imaging
import Testing

@testable import FaceEngine

@Suite(
  "YuNet and SFace",
  .enabled(if: TestData.hasSFace, "the weights are not there: Scripts/set-up.sh fetches them"))
struct SFaceTests {
  @Test(
    "every engine that is offered by name has thresholds, with and without the mirror image",
    arguments: ["sface", "resnet", "sface+resnet"])
  func thresholds(name: String) throws {
    for augmentation in [EngineAugmentation.none, .flip] {
      let choice = EngineSpecification(name: name, augmentation: augmentation)
      let point = try FaceEngine(
        EngineConfiguration(weightsDirectory: TestData.weights, engine: choice)
      ).operatingPoint
      #expect(point.points.count == 11 && point.nearDuplicate != nil && point.margin != nil, "\(choice)")
      // Who is clearly above the threshold of a thousand people is one of them.
      let clearly = point.threshold(faces: 1_000) + (point.margin ?? 0)
      let odds = [1, 1_000, 1_000_000].compactMap {
        point.logOdds(similarity: clearly, faces: 1, people: $0, threshold: clearly)
      }
      #expect(
        point.evidence.count == 5 && odds[0] > odds[1] && odds[1] > 3 && odds[1] > odds[2], "\(choice)")
      // Groups need stricter thresholds the more faces there are.
      let levels = [200, 5_000].map {
        point.threshold(faces: $0, falsePositiveIdentificationRate: point.falseNeighborRate)
      }
      #expect(levels[0] < levels[1] && levels[1] < point.nearDuplicate ?? 0, "\(choice)")
    }
  }

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

  @Test("Faces of a photo that is too large to be decoded whole have their places in the whole")
  func largePhotos() throws {
    let engine = try TestData.sface.get()
    let file = try Data(contentsOf: TestData.photos.appending(path: "group.jpg"))
    var decoder = ImageDecoder()
    let side = engine.decodeSizeHint(for: DetectionOptions())
    let whole = try decoder.decode(file, sizeHint: side)
    let expected = try engine.detect(in: whole)
    decoder.wholePixels = 300_000
    let photo = try decoder.decode(file, sizeHint: side)
    #expect(whole.reduction == 1 && photo.reduction == 2)
    let faces = try engine.detect(in: photo)
    #expect(faces.count == expected.count && faces.count > 3)
    for face in faces {
      let same = try #require(
        expected.max { $0.box.overlap(with: face.box) < $1.box.overlap(with: face.box) })
      #expect(same.box.overlap(with: face.box) > 0.6)
      let chips = try [engine.chip(of: face, in: photo), engine.chip(of: face, in: whole)]
      let error = zip(chips[0].pixels, chips[1].pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
      #expect(error / chips[0].pixels.count < 12)
    }
    let cropped = try engine.detect(in: photo, options: DetectionOptions(detectFaces: false))
    #expect(cropped.first?.box.width ?? 0 > photo.image.width / 2)
  }

  @Test("the small files find the same faces and see them alike", arguments: OpenCVGolden.photos)
  func small(golden: OpenCVGolden.Photo) throws {
    let engine = try TestData.sface.get()
    let image = try TestData.photo(golden.photo)
    // All pixels, as OpenCV searches them; by default larger photos are searched smaller.
    let faces = try engine.faces(
      in: image, options: DetectionOptions(maximumSide: 4_096, tryQuarterTurns: false))
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

  @Test("faces of 16 to 2000 pixels are found", arguments: [16, 20, 32, 90, 300, 600, 900, 1_400, 2_000])
  func sizes(side: Int) throws {
    let engine = try TestData.sface.get()
    // Its face is 90 pixels wide, and its middle lies at (223, 116).
    let portrait = try TestData.photo("astronaut.png")
    let keep = min(portrait.width, 2_600 * 90 / side)
    let (left, top) = (max(0, 223 - keep / 2), max(0, 116 - keep / 2))
    let region = try #require(portrait.cropped(x: left, y: top, width: keep, height: keep))
    let scaled = try region.resized(width: keep * side / 90, height: keep * side / 90)
    let (beside, above) = scaled.width < 400 ? (100, 60) : (0, 0)
    let image = beside > 0 ? scaled.framed(left: beside, top: above, width: 600, height: 400) : scaled
    let faces = try engine.detect(in: image)
    let face = try #require(faces.max { $0.quality.detectorScore < $1.quality.detectorScore })
    #expect(abs(Double(face.box.width) / Double(side) - 1) < 0.25, "\(face.box)")
    let scale = Double(side) / 90
    let centre = (Double(face.box.x - beside) + Double(face.box.width) / 2) / scale + Double(left)
    #expect(abs(centre - 223) < 14, "\(face.box)")
  }

  @Test("small faces and a large one are found in one photo of many pixels")
  func crowd() throws {
    let engine = try TestData.sface.get()
    let group = try TestData.photo("group.jpg")
    let near = try #require(try TestData.photo("obama.jpg").cropped(x: 250, y: 0, width: 500, height: 650))
    let large = try near.resized(width: 1_500, height: 1_950)
    var both = group.framed(left: 0, top: 0, width: group.width + large.width, height: large.height)
    for y in 0..<large.height { for x in 0..<large.width { both[group.width + x, y] = large[x, y] } }
    let faces = try engine.detect(in: both)
    #expect(faces.count == 7, "\(faces.map(\.box))")
    #expect(faces.first.map { $0.box.x > group.width && $0.box.width > 500 } == true)
  }

  @Test("faces that are turned four ways are found in one photo, upright in their chips")
  func fourWays() throws {
    let engine = try TestData.sface.get()
    let names = ["obama.jpg", "biden.jpg", "astronaut.png", "obama2.jpg"]
    let side = 640
    var sheet = RGBImage(width: 2 * side, height: 2 * side, red: 128, green: 128, blue: 128)
    for (place, name) in names.enumerated() {
      let tile = try TestData.photo(name).shrunk(toLongerSide: side).rotated(quarterTurns: place)
      for y in 0..<tile.height {
        for x in 0..<tile.width { sheet[place % 2 * side + x, place / 2 * side + y] = tile[x, y] }
      }
    }
    let faces = try engine.faces(in: sheet)
    #expect(faces.count == 4, "\(faces.map(\.detection.box))")
    for (place, name) in names.enumerated() {
      let (left, top) = (place % 2 * side, place / 2 * side)
      let expected = try #require(try engine.faces(in: TestData.photo(name)).first)
      let face = try #require(
        faces.first {
          let box = $0.detection.box
          return (left..<left + side).contains(box.x + box.width / 2)
            && (top..<top + side).contains(box.y + box.height / 2)
        }, "\(name)")
      #expect(face.embedding.cosineSimilarity(to: expected.embedding) > 0.75, "\(name)")
    }
  }

  @Test(
    "a face in profile is found",
    .enabled(
      if: FileManager.default.fileExists(atPath: TestData.photos.appending(path: "camera.png").path),
      "camera.png is not there: Scripts/set-up.sh fetches it"))
  func profile() throws {
    let face = try #require(try TestData.sface.get().detect(in: TestData.photo("camera.png")).first)
    #expect(face.quality.yaw > 30 && abs(face.quality.roll) < 15)
    #expect((150...260).contains(face.box.x) && (90...150).contains(face.box.y))
  }

  @Test("pictures of nothing hold no face, in whatever turn", arguments: 0..<4)
  func nothing(kind: Int) throws {
    var state: UInt64 = 88_172_645_463_325_252
    var image = RGBImage(width: 800, height: 600, red: 90, green: 120, blue: 150)
    if kind > 0 {
      for y in 0..<image.height {
        for x in 0..<image.width {
          state ^= state << 13
          state ^= state >> 7
          state ^= state << 17
          let value: UInt8 =
            switch kind {
            case 1: UInt8(truncatingIfNeeded: state)
            case 2: UInt8((x / 20 + y / 20) % 2 * 200)
            default: UInt8(truncatingIfNeeded: x * x / 97 + y * y / 53)
            }
          image[x, y] = (value, value, value)
        }
      }
    }
    #expect(try TestData.sface.get().detect(in: image).isEmpty)
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

  @Test("a crop may lie on its side, unless it is said to stand upright", arguments: [1, 3])
  func turnedCrop(turns: Int) throws {
    let engine = try TestData.sface.get()
    let image = try TestData.photo("obama.jpg")
    let whole = try #require(try engine.faces(in: image).first)
    let box = whole.detection.box
    let crop = try #require(image.cropped(x: box.x, y: box.y, width: box.width, height: box.height))
      .rotated(quarterTurns: turns)
    func similarity(_ options: DetectionOptions) throws -> Float {
      let face = try #require(try engine.faces(in: crop, options: options).first)
      return face.embedding.cosineSimilarity(to: whole.embedding)
    }
    #expect(try similarity(DetectionOptions(detectFaces: false)) > 0.75)
    #expect(try similarity(DetectionOptions(detectFaces: false, tryQuarterTurns: false)) < 0.6)
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
