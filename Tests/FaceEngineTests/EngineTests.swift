import FaceEngine
import Foundation
import Imaging
import Testing

@Suite("The engine on photos", .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)))
struct EngineTests {
  private let engine: FaceEngine
  init() throws { engine = try TestData.engine.get() }

  private func embedding(_ name: String, options: DetectionOptions = DetectionOptions()) throws -> Embedding {
    try #require(try engine.faces(in: TestData.photo(name), options: options).first).embedding
  }

  @Test("Photos of one person are named, of two people not")
  func samePerson() throws {
    let obama = try embedding("obama.jpg")
    let threshold = engine.operatingPoint.threshold(people: 3)
    for other in ["obama2.jpg", "obama3.jpg", "obama_partial_face2.jpg", "32bit.png"] {
      #expect(try obama.cosineSimilarity(to: embedding(other)) >= threshold, "\(other)")
    }
    #expect(try obama.cosineSimilarity(to: embedding("biden.jpg")) < threshold)
  }

  @Test("Embeddings have unit length and the dimension of the fingerprint")
  func unitLength() throws {
    let embedding = try embedding("obama.jpg")
    #expect(embedding.dimension == engine.fingerprint.dimension)
    #expect(abs(embedding.values.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
  }

  @Test("The same photo gives the same bits, alone, in a batch and from many threads")
  func deterministic() throws {
    let image = try TestData.photo("obama2.jpg")
    let face = try #require(try engine.detect(in: image).first)
    let chip = try engine.chip(of: face, in: image)
    let alone = try engine.embed(chips: [chip])
    let batch = try engine.embed(chips: Array(repeating: chip, count: 11))
    // Not `batch == …`: a failure would print thousands of numbers.
    #expect(batch.count == 11)
    #expect(batch.count { $0 == alone[0] } == 11)
    let results = Results()
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      results.append(try? engine.faces(in: image).first?.embedding)
    }
    #expect(results.values.count { $0 == alone[0] } == 8)
    #expect(try engine.embed([face], in: image).count { $0 == alone[0] } == 1)
  }

  @Test("A photo of nobody has no faces")
  func nobody() throws {
    #expect(try engine.faces(in: RGBImage(width: 600, height: 400, red: 40, green: 90, blue: 30)).isEmpty)
  }

  @Test(
    "Tiny and very long pictures are looked at without complaint",
    arguments: [
      (1, 1), (1, 500), (500, 1), (2, 2), (79, 79), (80, 80), (5_000, 3), (3, 5_000), (4_000, 90),
    ])
  func oddSizes(width: Int, height: Int) throws {
    for upsampling in [nil, 0, 1, 2] {
      let options = DetectionOptions(upsampling: upsampling)
      #expect(try engine.faces(in: RGBImage(width: width, height: height), options: options).isEmpty)
    }
  }

  @Test("Faces come largest first, and maxFaces keeps the largest")
  func largestFirst() throws {
    let large = try TestData.photo("obama.jpg")
    let small = try large.resized(width: large.width / 2, height: large.height / 2)
    let both = try side(small, by: large)
    let faces = try engine.detect(in: both)
    try #require(faces.count == 2)
    #expect(faces[0].box.area > faces[1].box.area)
    #expect(faces[0].box.x > faces[1].box.x)
    #expect(try engine.detect(in: both, options: DetectionOptions(maxFaces: 1)) == [faces[0]])
  }

  @Test("A grey photo is recognized as the coloured one")
  func grey() throws {
    let image = try TestData.photo("obama.jpg")
    var grey = image
    for y in 0..<image.height {
      for x in 0..<image.width {
        let (red, green, blue) = image[x, y]
        let weighted: Int = 299 * Int(red) + 587 * Int(green) + 114 * Int(blue)
        let luma = UInt8(weighted / 1_000)
        grey[x, y] = (luma, luma, luma)
      }
    }
    let found = try #require(try engine.faces(in: grey).first)
    #expect(try found.embedding.cosineSimilarity(to: embedding("obama.jpg")) > 0.95)
    #expect(
      try engine.operatingPoint.threshold(people: 1)
        > found.embedding.cosineSimilarity(to: embedding("biden.jpg")))
  }

  @Test("A photo turned by a phone and its EXIF orientation is recognized")
  func exifOrientation() throws {
    let image = try TestData.photo("obama.jpg")
    // Stored on its side, with the remark that it must be turned.
    var jpeg = [UInt8](try image.rotated(quarterTurns: -1).jpegData(quality: 95))
    let tiff: [UInt8] = [
      0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0,
    ]
    let body = Array("Exif\0\0".utf8) + tiff
    jpeg.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body, at: 2)
    let upright = try ImageDecoder().decode(jpeg)
    #expect(upright.width == image.width && upright.height == image.height)
    let face = try #require(try engine.faces(in: upright).first)
    #expect(try face.embedding.cosineSimilarity(to: embedding("obama.jpg")) > 0.99)
  }

  @Test("A huge photo is searched at a bounded size, and its face reported in its own pixels")
  func hugePhoto() throws {
    let image = try TestData.photo("obama.jpg")
    let box = try #require(try engine.detect(in: image).first).box
    let huge = try image.resized(width: image.width * 4, height: image.height * 4)
    let face = try #require(try engine.faces(in: huge).first)
    #expect(abs(face.detection.box.x - 4 * box.x) < 4 * box.width / 8)
    #expect(abs(face.detection.box.width - 4 * box.width) < 4 * box.width / 8)
    #expect(try face.embedding.cosineSimilarity(to: embedding("obama.jpg")) > 0.98)
  }

  @Test("A small face is found by the second search at double size, and not without it")
  func automaticUpsampling() throws {
    let image = try TestData.photo("obama.jpg")
    let small = try image.resized(width: image.width / 6, height: image.height / 6)
    #expect(try engine.detect(in: small, options: DetectionOptions(upsampling: 0)).isEmpty)
    #expect(try engine.detect(in: small).count == 1)
  }

  @Test("A crop is a face, cut tightly or not", arguments: [0.0, 0.3, 0.8])
  func crops(margin: Double) throws {
    let image = try TestData.photo("obama.jpg")
    let box = try #require(try engine.detect(in: image).first).box
    let extra = Int(Double(box.width) * margin)
    let crop = try #require(
      image.cropped(
        x: box.x - extra, y: box.y - extra, width: box.width + 2 * extra, height: box.height + 2 * extra))
    let faces = try engine.faces(in: crop, options: DetectionOptions(detectFaces: false))
    try #require(faces.count == 1)
    #expect(try faces[0].embedding.cosineSimilarity(to: embedding("obama.jpg")) > 0.97)
  }

  @Test("Without detection any picture is one face, unless it is too small")
  func notAFace() throws {
    let options = DetectionOptions(detectFaces: false)
    let plain = try engine.faces(in: RGBImage(width: 150, height: 150), options: options)
    #expect(plain.count <= 1)
    #expect(throws: EngineError.self) {
      try engine.faces(in: RGBImage(width: 15, height: 200), options: options)
    }
  }

  @Test("Blur lowers the sharpness, a turned head shows in yaw and roll")
  func quality() throws {
    let image = try TestData.photo("obama.jpg")
    let sharp = try #require(try engine.detect(in: image).first).quality
    let small = try image.resized(width: image.width / 3, height: image.height / 3)
    let blurred = try #require(
      try engine.detect(in: small.resized(width: image.width, height: image.height)).first
    ).quality
    #expect(blurred.sharpness < sharp.sharpness * 0.7)
    #expect(abs(sharp.roll) < 10 && abs(sharp.yaw) < 20)
    let mirrored = try #require(try engine.detect(in: image.flippedHorizontally()).first).quality
    #expect(abs(mirrored.yaw + sharp.yaw) < 8)
    let biden = try #require(try engine.detect(in: TestData.photo("biden.jpg")).first).quality
    #expect(biden.roll > 8)
    #expect(sharp.size == 259)
  }

  @Test("A minimum score leaves doubtful faces out")
  func minimumScore() throws {
    let image = try TestData.photo("obama.jpg")
    #expect(try engine.detect(in: image, options: DetectionOptions(minimumScore: 2)).count == 1)
    #expect(try engine.detect(in: image, options: DetectionOptions(upsampling: 0, minimumScore: 5)).isEmpty)
  }

  @Test("Options outside their range are refused")
  func invalidOptions() throws {
    let image = RGBImage(width: 100, height: 100)
    for options in [
      DetectionOptions(maxFaces: 0), DetectionOptions(upsampling: 5), DetectionOptions(upsampling: -1),
      DetectionOptions(minimumScore: .nan), DetectionOptions(maximumSide: 10),
    ] {
      do {
        _ = try engine.detect(in: image, options: options)
        Issue.record("accepted \(options)")
      } catch {
        #expect(error.code == .invalidOption)
      }
    }
  }

  @Test("Faces that cannot be aligned, and chips of another size, are refused")
  func invalidInput() throws {
    let image = RGBImage(width: 100, height: 100)
    let quality = FaceQuality(size: 1, sharpness: 0, yaw: 0, roll: 0, detectorScore: 0)
    let point = PixelPoint(x: 5, y: 5)
    let box = PixelRect(x: 0, y: 0, width: 10, height: 10)
    for landmarks in [
      [], Array(repeating: point, count: 5), Array(repeating: PixelPoint(x: .nan, y: 0), count: 5),
    ] {
      #expect(throws: EngineError.self) {
        try engine.chip(of: DetectedFace(box: box, landmarks: landmarks, quality: quality), in: image)
      }
    }
    #expect(throws: EngineError.self) { try engine.embed(chips: [image]) }
    #expect(try engine.embed(chips: []).isEmpty)
  }

  /// Two pictures beside each other, on white.
  private func side(_ left: RGBImage, by right: RGBImage) throws -> RGBImage {
    var both = RGBImage(width: left.width + right.width, height: max(left.height, right.height))
    for (image, start) in [(left, 0), (right, left.width)] {
      for y in 0..<image.height {
        for x in 0..<image.width { both[start + x, y] = image[x, y] }
      }
    }
    return both
  }
}

/// What several threads found.
private final class Results: @unchecked Sendable {
  private let lock = NSLock()
  private var found: [Embedding?] = []
  func append(_ embedding: Embedding??) { lock.withLock { found.append(embedding ?? nil) } }
  var values: [Embedding?] { lock.withLock { found } }
}
