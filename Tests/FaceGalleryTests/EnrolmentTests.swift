import FaceEngine
import FaceGallery
import Foundation
import Imaging
import TestSupport
import Testing

@Suite("Enrolment of photos")
struct EnrolmentTests {
  @Test("a portrait is added with its box, landmarks, quality, digest and path")
  func portrait() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appending(path: "ada 1.png")
    let image = FakePhoto(person: 1, face: 1).image
    try image.pngData().write(to: file)
    let gallery = try folder.openWithEngine()
    let report = try gallery.add(.file(file), as: "Ada")
    guard case .added(let ids) = report.outcome, let id = ids.first else {
      Issue.record("the photo is good: \(report)")
      return
    }
    let face = try #require(try gallery.face(id))
    let expected = try FakeEngine().faces(in: image, options: DetectionOptions())
    #expect(face.detection == expected.first?.detection)
    #expect(face.path == file.path(percentEncoded: false))
    // Head and pixels: of this PNG file the chunks IHDR (13 bytes) and IDAT; IEND takes the last 12 bytes.
    let bytes = [UInt8](try Data(contentsOf: file))
    #expect(
      bytes[37..<41].elementsEqual("IDAT".utf8)
        && bytes.count - 16 == 41 + bytes[33..<37].reduce(0) { $0 << 8 | Int($1) })
    #expect(face.photo == PhotoDigest(of: bytes[12..<29] + bytes[41..<(bytes.count - 16)]))
    #expect(abs(face.added.timeIntervalSinceNow) < 60)
    #expect(report.person == face.person && report.name == "Ada" && report.alsoShows.isEmpty)
    try gallery.close()
    #expect(try folder.openWithEngine().face(id) == face)
  }

  @Test(
    "a picture of each face is kept only when that is asked for, and goes with its face",
    arguments: Storage.allCases)
  func thumbnails(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    // The box of a face of 120 pixels at (0, 5), widened by half of it, is cut to the picture's corner.
    var image = RGBImage(width: 600, height: 400, red: 9, green: 90, blue: 200)
    image[0, 0] = (1, 0, 0)
    image[0, 1] = (1, 1, 0)
    image[0, 2] = (120, 40, 0)
    let keeping = EnrolmentOptions(keepThumbnails: true)
    let kept = try gallery.add(.image(image, name: "big"), as: "Ada", options: keeping)
    let not = try gallery.add(FakePhoto(person: 2, face: 1).photo(), as: "Bob")
    guard case .added(let ada) = kept.outcome, case .added(let bob) = not.outcome else {
      Issue.record("both photos are good: \(kept), \(not)")
      return
    }
    let jpeg = try #require(try gallery.thumbnail(of: ada[0]))
    let picture = try ImageDecoder().decode([UInt8](jpeg))
    #expect((picture.width, picture.height) == (180, 185))
    #expect(abs(Int(picture[90, 90].blue) - 200) < 8)
    #expect(try gallery.thumbnail(of: bob[0]) == nil)
    #expect(try gallery.info().thumbnails == 1)
    try gallery.remove(ada[0])
    #expect(try gallery.thumbnail(of: ada[0]) == nil)
    #expect(try gallery.info().thumbnails == 0)
    try gallery.checkInvariants()
  }

  @Test("the same photo under another file name is skipped for the same person", arguments: Storage.allCases)
  func samePhoto(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let bytes = try FakePhoto(person: 1, face: 1).image.pngData()
    let first = try gallery.add(.data(bytes, name: "a.png"), as: "Ada")
    let second = try gallery.add(.data(bytes, name: "b.png"), as: " Ada ")
    guard case .added(let ids) = first.outcome else {
      Issue.record("the photo is good: \(first)")
      return
    }
    #expect(second.outcome == .skipped(ids))
    #expect(second.person == first.person)
    #expect(try gallery.info().faces == 1)
  }

  @Test("the same face of a photo is not enrolled under two names; another face of it is")
  func groupPhoto() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let both = FakePhoto([
      .init(person: 1, face: 1, place: 0, size: 120), .init(person: 2, face: 1, place: 1, size: 100),
    ])
    let bytes = try both.image.pngData()
    let largest = EnrolmentOptions(severalFaces: .largest)
    #expect(try gallery.add(.data(bytes, name: nil), as: "Ada", options: largest).isAdded)
    let conflict = try gallery.add(.data(bytes, name: nil), as: "Bob", options: largest)
    #expect(conflict.outcome == .refused(.enrolledAs("Ada")))
    #expect(conflict.alsoShows == ["Ada"])
    #expect(try gallery.person(named: "Bob") == nil)

    // The engine's word on where the face is decides: elsewhere in the photo, it is somebody else.
    let elsewhere = Face(
      detection: DetectedFace(
        box: PixelRect(x: 300, y: 5, width: 100, height: 100), landmarks: [],
        quality: FaceQuality(size: 100, sharpness: 1, yaw: 0, roll: 0, detectorScore: 1)),
      embedding: try Samples.embedding(person: 2, face: 1))
    var engine = FixedEngine()
    engine.found = [elsewhere]
    let other = try Gallery.open(at: folder.gallery, engine: engine)
    let report = try other.add(.data(bytes, name: nil), as: "Bob")
    #expect(report.isAdded)
    #expect(report.alsoShows == ["Ada"])
    try gallery.checkInvariants()
  }

  @Test("several faces: refused, largest, or all", arguments: Storage.allCases)
  func severalFaces(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    func photo(_ face: UInt8) -> Photo {
      FakePhoto([
        .init(person: 1, face: face, place: 0, size: 80), .init(person: 2, face: face, place: 1, size: 200),
        .init(person: 3, face: face, place: 2, size: 10),
      ]).photo()
    }
    #expect(try gallery.add(photo(1), as: "Ada").outcome == .refused(.severalFaces(3)))
    let largest = try gallery.add(photo(2), as: "Ada", options: EnrolmentOptions(severalFaces: .largest))
    #expect(largest.isAdded)
    let faces = try gallery.faces(of: try #require(largest.person))
    #expect(faces.map(\.detection?.quality.size) == [200])
    // All, but for the one that is too small.
    let all = try gallery.add(photo(3), as: "Ada", options: EnrolmentOptions(severalFaces: .all))
    guard case .added(let ids) = all.outcome else {
      Issue.record("two faces are good: \(all)")
      return
    }
    #expect(ids.count == 2)
  }

  @Test("poor photos are refused with the reason, and nobody is made for them", arguments: Storage.allCases)
  func quality(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let cases: [(FakePhoto, Refusal)] = [
      (FakePhoto([]), .noFace),
      (FakePhoto([.init(person: 1, face: 1, size: 30)]), .tooSmall(size: 30, minimum: 40)),
      (FakePhoto([.init(person: 1, face: 1, sharpness: 2)]), .blurred(sharpness: 0.02, minimum: 0.05)),
      (FakePhoto([.init(person: 1, face: 1, yaw: 80)]), .turned(yaw: 80, maximum: 60)),
      (FakePhoto([], failsEngine: true), .engineFailure("The engine failed on purpose.")),
    ]
    for (photo, refusal) in cases {
      let report = try gallery.add(photo.photo("p"), as: "Ada")
      #expect(report.outcome == .refused(refusal))
      #expect(report.photo == "p" && report.person == nil)
      #expect(refusal.description.hasSuffix("."))
    }
    #expect(try gallery.people().isEmpty)
    let lax = EnrolmentOptions(quality: .none)
    for (photo, _) in cases[1...3] {
      #expect(try gallery.add(photo.photo(), as: "Ada", options: lax).isAdded)
    }
  }

  @Test("unreadable photos are refused with the decoder's sentence")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let text = folder.url.appending(path: "text.jpg")
    try Data("no picture".utf8).write(to: text)
    let empty = folder.url.appending(path: "empty.jpg")
    try Data().write(to: empty)
    let photos: [Photo] = [
      .file(text), .file(empty), .file(folder.url), .file(folder.url.appending(path: "nothing.jpg")),
      .file(URL(filePath: "/dev/zero")), .data(Data([0xFF, 0xD8, 0xFF]), name: nil),
    ]
    for photo in photos {
      guard case .refused(let refusal) = try gallery.add(photo, as: "Ada").outcome else {
        Issue.record("\(photo) is no photo")
        continue
      }
      let message: String
      switch refusal {
      case .unreadable(let text) where !refusal.isFailure: message = text
      case .inaccessible(let text) where refusal.isFailure: message = text
      default: message = "\(refusal)?"
      }
      #expect(message.hasSuffix("."))
      #expect(code { _ = try gallery.query(photo) } == .unreadablePhoto)
    }
  }

  @Test("photos need an engine")
  func engineNeeded() throws {
    let folder = try TemporaryFolder()
    let gallery = try Gallery.open(at: folder.gallery)
    let photo = FakePhoto(person: 1, face: 1).photo()
    #expect(code { _ = try gallery.add(photo, as: "Ada") } == .engineNeeded)
    #expect(code { _ = try gallery.query(photo) } == .engineNeeded)
    #expect(code { _ = try gallery.add(Samples.embedding(person: 0, face: 0), as: "Ada") } == .engineNeeded)
  }

  @Test("the first face fixes the engine; another one is refused at opening, adding and querying")
  func engineMismatch() throws {
    let folder = try TemporaryFolder()
    var other = FakeEngine()
    other.fingerprint.weightsDigest = "4567"
    let early = try Gallery.open(at: folder.gallery, engine: other)
    let gallery = try folder.openWithEngine()
    #expect(try gallery.add(FakePhoto(person: 1, face: 1).photo(), as: "Ada").isAdded)
    #expect(try gallery.info().fingerprint == Samples.fingerprint)
    let photo = FakePhoto(person: 1, face: 2).photo()
    #expect(code { _ = try early.add(photo, as: "Ada") } == .engineMismatch)
    #expect(code { _ = try early.query(photo) } == .engineMismatch)
    #expect(code { _ = try Gallery.open(at: folder.gallery, engine: other) } == .engineMismatch)
    let error = #expect(throws: GalleryError.self) { try early.query(photo) }
    // Two of one name are told apart by their weights.
    let own = Samples.fingerprint
    #expect(
      error?.message.contains("not \(own.word) (weights 4567, not \(own.weightsDigest.prefix(12))).") == true,
      "\(error?.message ?? "")")
    #expect(try gallery.info().faces == 1)
  }

  @Test(
    "photos are queried face by face: one face's answer does not leak into another's",
    arguments: Storage.allCases)
  func faceByFace(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    _ = try gallery.add(FakePhoto(person: 1, face: 1).photo(), as: "Ada")
    _ = try gallery.add(FakePhoto(person: 2, face: 1).photo(), as: "Bob")
    let probe = FakePhoto([
      .init(person: 1, face: 9, place: 0, size: 200), .init(person: 77, face: 9, place: 1, size: 150),
      .init(person: 2, face: 9, place: 2, size: 100),
    ])
    let named = try gallery.match(probe.photo())
    #expect(named.map(\.name) == ["Ada", nil, "Bob"])
    #expect(named.allSatisfy { $0.similarity != nil })
    #expect(try gallery.match(probe.photo(), maxFaces: 1).map(\.name) == ["Ada"])
    #expect(try gallery.query(FakePhoto([]).photo()).isEmpty)
    #expect(try gallery.embeddings(in: probe.photo(), maxFaces: 2).count == 2)
  }

  @Test("verify compares the largest faces of two photos")
  func verify() throws {
    let engine = FakeEngine()
    let (a, b, c) = (
      FakePhoto(person: 1, face: 1), FakePhoto(person: 1, face: 2), FakePhoto(person: 2, face: 1)
    )
    let same = try Gallery.verify(a.photo(), b.photo(), engine: engine)
    #expect(
      same.isSamePerson && same.probability ?? 0 > 0.5
        && same.threshold == engine.operatingPoint.threshold(falseMatchRate: 0.001))
    #expect(abs(same.comparison.squaredDistance - (2 - 2 * same.comparison.cosineSimilarity)) < 1e-5)
    #expect(try !Gallery.verify(a.photo(), c.photo(), engine: engine).isSamePerson)
    #expect(try Gallery.verify(a.photo(), c.photo(), engine: engine, threshold: -1).isSamePerson)
    #expect(code { _ = try Gallery.verify(a.photo(), FakePhoto([]).photo(), engine: engine) } == .noFace)
  }
}

extension PhotoReport {
  var isAdded: Bool { if case .added = outcome { true } else { false } }
}

/// An engine that finds the same faces in every photo.
struct FixedEngine: EmbeddingEngine {
  let fingerprint = Samples.fingerprint
  let operatingPoint = Samples.operatingPoint
  let concurrency = 1
  var found: [Face] = []

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] { found }
}
