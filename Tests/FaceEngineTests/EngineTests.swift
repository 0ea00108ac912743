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
    let threshold = engine.operatingPoint.threshold(faces: 3)
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

  @Test("Faces of several photos that are embedded together have the bits of each photo's own")
  func together() throws {
    let photos = try ["obama.jpg", "biden.jpg", "obama2.jpg"].map { ReducedImage(try TestData.photo($0)) }
    let located = try photos.map { try engine.locate(in: $0) }
    let embeddings = try engine.embed(located.flatMap { $0 })
    let faces = try photos.flatMap { try engine.faces(in: $0) }
    #expect(located.flatMap { $0.map(\.detection) } == faces.map(\.detection))
    #expect(embeddings.count == faces.count && faces.count >= 3)
    #expect(zip(embeddings, faces).allSatisfy { $0 == $1.embedding })
    // A face that was embedded elsewhere keeps its place among those that are embedded here.
    let mixed = try [LocatedFace(faces[1])] + engine.locate(in: photos[0])
    #expect(try engine.embed(mixed).first == faces[1].embedding)
    #expect(try engine.embed(mixed).last == embeddings[located[0].count - 1])
    #expect(try engine.embed([LocatedFace]()).isEmpty)
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
      try engine.operatingPoint.threshold(faces: 1)
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

  @Test(
    "A photo that lies on its side or upside down is recognized, at the place where its face is",
    arguments: 1...3)
  func lyingPhoto(turns: Int) throws {
    let upright = try TestData.photo("obama2.jpg")
    let turned = upright.rotated(quarterTurns: turns)
    let expected = try #require(try engine.faces(in: upright).first)
    let face = try #require(try engine.faces(in: turned).first)
    #expect(face.embedding.cosineSimilarity(to: expected.embedding) > 0.98)
    // The box and the landmarks lie where turning the upright ones puts them.
    var nose = expected.detection.landmarks[4]
    var (width, height) = (upright.width, upright.height)
    for _ in 0..<turns {
      nose = PixelPoint(x: Double(height - 1) - nose.y, y: nose.x)
      swap(&width, &height)
    }
    let found = face.detection.landmarks[4]
    #expect(abs(found.x - nose.x) <= 5 && abs(found.y - nose.y) <= 5)
    let box = face.detection.box
    #expect(
      (box.x...box.x + box.width).contains(Int(nose.x)) && (box.y...box.y + box.height).contains(Int(nose.y)))
    #expect(try engine.detect(in: turned, options: DetectionOptions(tryQuarterTurns: false)).isEmpty)
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

  @Test("A large face is cut out of the reduced picture, and reported in pixels of the whole")
  func reducedPhoto() throws {
    let image = try TestData.photo("obama.jpg")
    let jpeg = [UInt8](
      try image.resized(width: image.width * 4, height: image.height * 4).jpegData(quality: 85))
    let photo = try ImageDecoder().decode(
      jpeg, sizeHint: TestData.engine.get().decodeSizeHint(for: DetectionOptions()))
    #expect(photo.reduction == 2 && photo.image.height == image.height * 2)
    let whole = try #require(try engine.faces(in: ImageDecoder().decode(jpeg)).first)
    let reduced = try #require(try engine.faces(in: photo).first)
    #expect(reduced.embedding.cosineSimilarity(to: whole.embedding) > 0.999)
    #expect(reduced.embedding != whole.embedding, "the face comes from other pixels")
    let size = whole.detection.box.width
    for (a, b) in zip(reduced.detection.landmarks, whole.detection.landmarks) {
      #expect(abs(a.x - b.x) <= Double(size) / 50 && abs(a.y - b.y) <= Double(size) / 50)
    }
    #expect(abs(reduced.detection.quality.size - whole.detection.quality.size) <= size / 50)
  }

  @Test(
    "Faces too small for the reduced picture are cut out of the whole, as are those that it does not show")
  func smallFaces() throws {
    let photo = try TestData.photo("obama.jpg")
    for side in [photo.width / 3, photo.width / 6] {
      let small = try photo.resized(width: side, height: side * photo.height / photo.width)
      var wide = RGBImage(width: 3_840, height: small.height, red: 90, green: 90, blue: 90)
      for y in 0..<small.height { for x in 0..<small.width { wide[1_000 + x, y] = small[x, y] } }
      let jpeg = [UInt8](try wide.jpegData(quality: 95))
      let reduced = try ImageDecoder().decode(
        jpeg, sizeHint: TestData.engine.get().decodeSizeHint(for: DetectionOptions()))
      #expect(reduced.reduction == 2)
      let options = DetectionOptions(maxFaces: 1, tryQuarterTurns: false)
      let found = try engine.faces(in: reduced, options: options)
      let whole = try engine.faces(in: ImageDecoder().decode(jpeg), options: options)
      #expect(found.count == whole.count)
      for (a, b) in zip(found, whole) {
        // The boxes may differ by a step of the pyramid, the pixels that the face is cut out of do not.
        #expect(a.embedding.cosineSimilarity(to: b.embedding) > 0.98)
        #expect(a.detection.quality.size < 200)
      }
    }
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
