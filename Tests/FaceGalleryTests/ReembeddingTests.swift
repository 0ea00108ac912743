import FaceEngine
import Foundation
import GalleryStore
import Imaging
import TestSupport
import Testing

@testable import FaceGallery

/// The ``FakeEngine`` with a network of half as many components.
struct OtherEngine: EmbeddingEngine {
  let fingerprint = EngineFingerprint(
    alignment: "none", weightsDigest: "4567", preprocessing: "none", normalization: "unit length",
    dimension: Samples.dimension / 2)
  let operatingPoint = Samples.operatingPoint
  let concurrency = 2

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    var faces: [Face] = []
    for face in try FakeEngine().faces(in: image, options: options) {
      let half = try Embedding(normalizing: Array(face.embedding.values.prefix(fingerprint.dimension)))
      faces.append(Face(detection: face.detection, embedding: half))
    }
    return faces
  }
}

/// Finds no face of the first person.
private struct PickyEngine: EmbeddingEngine {
  let fingerprint = OtherEngine().fingerprint
  let operatingPoint = Samples.operatingPoint
  let concurrency = 2

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    let first = try FakeEngine().faces(in: FakePhoto(person: 0, face: 0).image, options: options)[0]
    return try OtherEngine().faces(in: image, options: options).filter {
      zip($0.embedding.values, first.embedding.values).reduce(0) { $0 + $1.0 * $1.1 } < 0.4
    }
  }
}

/// Has no memory for the faces of some people's photos.
private struct TiredEngine: EmbeddingEngine {
  let fingerprint = OtherEngine().fingerprint
  let operatingPoint = Samples.operatingPoint
  let concurrency = 2
  let people: Set<UInt8>

  func faces(in image: RGBImage, options: DetectionOptions) throws(EngineError) -> [Face] {
    guard !people.contains(image[0, 1].red) else { throw EngineError(.outOfMemory, "There is no memory.") }
    return try OtherEngine().faces(in: image, options: options)
  }
}

@Suite("Another engine for a gallery")
struct ReembeddingTests {
  private func write(_ photo: FakePhoto, to url: URL) throws -> Photo {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(photo.image.pngData()).write(to: url)
    return .file(url)
  }

  /// Twelve portraits of four people, and one of two faces without names.
  private func fill(_ folder: TemporaryFolder) throws {
    let gallery = try folder.openWithEngine()
    for person in 0..<4 {
      for face in 0..<3 {
        let url = folder.url.appending(path: "photos/\(person)/\(face).png")
        let photo = try write(FakePhoto(person: UInt8(person), face: UInt8(face)), to: url)
        _ = try gallery.add(photo, as: Samples.name(person))
      }
    }
    let group = FakePhoto([.init(person: 7, face: 0), .init(person: 8, face: 0, place: 1)])
    let photo = try write(group, to: folder.url.appending(path: "photos/group.png"))
    _ = try gallery.add(
      [NamedPhoto(photo, name: nil)], options: EnrolmentOptions(severalFaces: .all))
    _ = try gallery.tag(#require(try gallery.person(named: Samples.name(0))).id, ["team": "red"])
    try gallery.saveSnapshot()
  }

  @Test("all faces are embedded anew; people, names, tags and numbers stay; the old engine is refused")
  func change() throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    var phases: Set<ReembeddingProgress.Phase> = []
    let report = try Gallery.reembed(at: folder.gallery, with: OtherEngine()) { phases.insert($0.phase) }
    #expect(report.isSwitched && report.embedded == 14 && report.missing.isEmpty)
    #expect(phases == [.embedding, .indexing])
    #expect(!FileManager.default.fileExists(atPath: folder.gallery.appending(path: "reembedding").path))

    #expect(throws: GalleryError.self) { try folder.openWithEngine() }
    let gallery = try Gallery.open(at: folder.gallery, engine: OtherEngine())
    let info = try gallery.info()
    #expect(info.faces == 14 && info.people == 4 && info.dimension == 64 && info.snapshot.state == .current)
    for person in 0..<4 {
      let answer = try gallery.query(FakePhoto(person: UInt8(person), face: 9).photo())[0].answer
      #expect(answer.candidates.first?.name == Samples.name(person))
    }
    let red = QueryOptions(conditions: [TagCondition(key: "team", value: "red")])
    let tagged = try gallery.query(FakePhoto(person: 0, face: 9).photo(), options: red)[0].answer
    #expect(tagged.candidates.map(\.name) == [Samples.name(0)])
    let health = try gallery.check()
    #expect(health.isHealthy && health.withoutChecksum == 0)
    #expect(try Gallery.reembed(at: folder.gallery, with: OtherEngine()).embedded == 0)
  }

  @Test("photos that moved are found by name and by content; missing ones stop the change, or are dropped")
  func movedPhotos() throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    let manager = FileManager.default
    let photos = folder.url.appending(path: "photos")
    let archive = folder.url.appending(path: "archive")
    try manager.createDirectory(at: archive, withIntermediateDirectories: true)
    try manager.moveItem(at: photos.appending(path: "0"), to: archive.appending(path: "0"))
    try manager.moveItem(at: photos.appending(path: "1/0.png"), to: archive.appending(path: "other name.png"))
    // Something else is where the photo was.
    _ = try write(FakePhoto(person: 9, face: 9), to: photos.appending(path: "2/0.png"))
    do {
      let gallery = try folder.openWithEngine()
      _ = try gallery.add(Samples.embedding(person: 5, face: 0), as: "without a photo")
    }

    let stopped = try Gallery.reembed(at: folder.gallery, with: OtherEngine())
    #expect(!stopped.isSwitched && stopped.embedded == 9 && stopped.missing.count == 6)
    #expect(stopped.missing.map(\.name).contains(Samples.name(2)))
    #expect(stopped.missing.allSatisfy { ($0.person == nil) == ($0.name == nil) })
    #expect(try folder.openWithEngine().info().faces == 15)

    var options = ReembeddingOptions(photos: archive)
    let resumed = try Gallery.reembed(at: folder.gallery, with: OtherEngine(), options: options)
    #expect(!resumed.isSwitched && resumed.resumed == 9 && resumed.embedded == 4)
    #expect(resumed.missing.map(\.name) == [Samples.name(2), "without a photo"])
    #expect(resumed.missing.last?.reason.contains("without a photo") == true)

    options.dropsMissing = true
    let switched = try Gallery.reembed(at: folder.gallery, with: OtherEngine(), options: options)
    #expect(switched.isSwitched && switched.resumed == 13 && switched.dropped == 2)
    let gallery = try Gallery.open(at: folder.gallery, engine: OtherEngine())
    #expect(try gallery.info().faces == 13)
    #expect(try gallery.check().isHealthy)
  }

  @Test("a face that the new engine does not find in its photo is no missing photo")
  func unfound() throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    for options in [ReembeddingOptions(), ReembeddingOptions(dropsMissing: true)] {
      let stopped = try Gallery.reembed(at: folder.gallery, with: PickyEngine(), options: options)
      #expect(!stopped.isSwitched && stopped.missing.map(\.cause) == [.unfound, .unfound, .unfound])
      #expect(try folder.openWithEngine().info().faces == 14)
    }
    try FileManager.default.removeItem(at: folder.url.appending(path: "photos/3/0.png"))
    let both = try Gallery.reembed(
      at: folder.gallery, with: PickyEngine(), options: ReembeddingOptions(dropsUnfound: true))
    #expect(both.resumed == 11 && !both.isSwitched || both.isSwitched && both.dropped == 3)
    let switched = try Gallery.reembed(
      at: folder.gallery, with: PickyEngine(),
      options: ReembeddingOptions(dropsMissing: true, dropsUnfound: true))
    #expect(switched.isSwitched || switched.hadEngine)
    let again = try Gallery.reembed(at: folder.gallery, with: PickyEngine())
    #expect(again.hadEngine && !again.isSwitched && again.embedded == 0)
  }

  @Test("where the system was in the way all faces are told with their causes, and none is dropped")
  func unknown() throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    try FileManager.default.removeItem(at: folder.url.appending(path: "photos/3/0.png"))
    for dropsMissing in [false, true] {
      let options = ReembeddingOptions(dropsMissing: dropsMissing, dropsUnfound: dropsMissing)
      let stopped = try Gallery.reembed(
        at: folder.gallery, with: TiredEngine(people: [1]), options: options)
      #expect(!stopped.isSwitched && stopped.missing.map(\.cause) == [.system, .system, .system, .photo])
      #expect(stopped.missing.first?.reason == "There is no memory.")
      #expect(try folder.openWithEngine().info().faces == 14)
    }
    let options = ReembeddingOptions(dropsMissing: true)
    let switched = try Gallery.reembed(at: folder.gallery, with: OtherEngine(), options: options)
    #expect(switched.isSwitched && switched.dropped == 1)
  }

  @Test("staged embeddings that are not what was written are made again", arguments: [false, true])
  func damagedStage(isPageDamaged: Bool) throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    do {
      let gallery = try folder.openWithEngine()
      // A face that has no photo stops the change.
      _ = try gallery.add(Samples.embedding(person: 5, face: 0), as: "without a photo")
    }
    let stopped = try Gallery.reembed(at: folder.gallery, with: OtherEngine())
    #expect(!stopped.isSwitched && stopped.embedded == 14)
    let stage = folder.gallery.appending(path: "reembedding/data.mdb")
    var bytes = try Data(contentsOf: stage)
    var expected: [PhotoDigest: Embedding] = [:]
    for person in 0..<4 as Range<UInt8> {
      for face in 0..<3 as Range<UInt8> {
        let photo = FakePhoto(person: person, face: face)
        let embedding = try OtherEngine().faces(in: photo.image, options: DetectionOptions())[0].embedding
        expected[PhotoDigests(ofFile: try photo.image.pngData()).picture] = embedding
        let vector = embedding.values.withUnsafeBytes { Data($0) }
        try #require(bytes.range(of: vector) != nil)
        // In the exponent of a component; also where an earlier state of the page is.
        while !isPageDamaged, let place = bytes.range(of: vector) {
          bytes[place.lowerBound + Int(face) * 40 + 3] ^= 1 << person
        }
      }
    }
    // The number of a page in its head.
    if isPageDamaged { for page in 2..<bytes.count / 4096 { bytes[page * 4096] ^= 1 } }
    try bytes.write(to: stage)

    let switched = try Gallery.reembed(
      at: folder.gallery, with: OtherEngine(), options: ReembeddingOptions(dropsMissing: true))
    #expect(switched.isSwitched && switched.dropped == 1)
    #expect(switched.resumed == (isPageDamaged ? 0 : 2) && switched.embedded == (isPageDamaged ? 14 : 12))
    let gallery = try Gallery.open(at: folder.gallery, engine: OtherEngine())
    var compared = 0
    for person in try gallery.people() {
      for face in try gallery.faces(of: person.id) {
        guard let photo = face.photo, let embedding = expected[photo] else { continue }
        compared += 1
        let stored = try #require(try gallery.embedding(of: face.id))
        #expect(zip(stored.values, embedding.values).allSatisfy { abs($0 - $1) < 1e-6 })
      }
    }
    #expect(compared == 12)
    #expect(try gallery.check().isHealthy)
  }

  @Test("what is removed while a re-embedding is under way, and old embeddings, are in no file after compact")
  func privacy() throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    func bytes(_ engine: some EmbeddingEngine, _ photo: FakePhoto) throws -> Data {
      try engine.faces(in: photo.image, options: DetectionOptions())[0].embedding.values.withUnsafeBytes {
        Data($0.prefix(128))
      }
    }
    /// The files that have some bytes.
    func files(with bytes: Data) throws -> [String] {
      let all = try #require(
        FileManager.default.enumerator(at: folder.gallery, includingPropertiesForKeys: nil))
      return try all.compactMap { $0 as? URL }.filter { !$0.hasDirectoryPath }
        .filter { try Data(contentsOf: $0).range(of: bytes) != nil }.map(\.lastPathComponent)
    }
    let secret = FakePhoto(person: 77, face: 7)
    do {
      let gallery = try folder.openWithEngine()
      let photo = try write(secret, to: folder.url.appending(path: "photos/secret-path.png"))
      _ = try gallery.add(photo, as: "Zebedee Unforgettable")
      // A face that has no photo stops the change.
      _ = try gallery.add(Samples.embedding(person: 5, face: 0), as: "without a photo")
    }
    #expect(try !Gallery.reembed(at: folder.gallery, with: OtherEngine()).isSwitched)
    #expect(try files(with: bytes(OtherEngine(), secret)) == ["data.mdb"])
    do {
      let gallery = try folder.openWithEngine()
      try gallery.remove(#require(try gallery.person(named: "Zebedee Unforgettable")).id)
    }
    _ = try Gallery.compact(at: folder.gallery)
    let traces = [
      try bytes(FakeEngine(), secret), try bytes(OtherEngine(), secret),
      Data("Zebedee Unforgettable".utf8), Data("secret-path".utf8),
    ]
    for trace in traces { #expect(try files(with: trace) == []) }

    let other = FakePhoto(person: 2, face: 1)
    #expect(try files(with: bytes(FakeEngine(), other)).sorted() == ["data.mdb", "index.snapshot"])
    let options = ReembeddingOptions(dropsMissing: true)
    #expect(try Gallery.reembed(at: folder.gallery, with: OtherEngine(), options: options).isSwitched)
    _ = try Gallery.compact(at: folder.gallery)
    #expect(try files(with: bytes(FakeEngine(), other)) == [])
    #expect(try files(with: bytes(OtherEngine(), other)).sorted() == ["data.mdb", "index.snapshot"])
  }

  @Test("when all faces are dropped no index of the old engine stays, which nobody would miss")
  func nobodyLeft() throws {
    let folder = try TemporaryFolder()
    do {
      let gallery = try folder.openWithEngine()
      _ = try gallery.add(Samples.faces(people: 5, each: 1))
      try gallery.close()
    }
    #expect(FileManager.default.fileExists(atPath: folder.snapshot.path))
    let options = ReembeddingOptions(dropsMissing: true)
    let report = try Gallery.reembed(at: folder.gallery, with: OtherEngine(), options: options)
    #expect(report.isSwitched && report.dropped == 5 && report.embedded == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.snapshot.path))
    let gallery = try folder.open(GalleryOptions(access: .existing))
    #expect(try gallery.check().findings.isEmpty)
    #expect(try gallery.info().faces == 0)
  }

  @Test("a gallery that is open with the old engine answers with the new embeddings, and refuses old ones")
  func openMeanwhile() throws {
    let folder = try TemporaryFolder()
    try fill(folder)
    let old = try folder.openWithEngine()
    let byOther = try Gallery.open(at: folder.gallery)
    _ = try byOther.query(Samples.embedding(person: 0, face: 4), options: byPerson(k: 1))
    #expect(try Gallery.reembed(at: folder.gallery, with: OtherEngine()).isSwitched)
    #expect(code { _ = try old.query(FakePhoto(person: 0, face: 9).photo()) } == .engineMismatch)
    #expect(code { _ = try old.add(FakePhoto(person: 0, face: 9).photo(), as: "late") } == .engineMismatch)
    let half = try OtherEngine().faces(in: FakePhoto(person: 1, face: 9).image, options: DetectionOptions())
    let answer = try byOther.query(half[0].embedding, options: byPerson(k: 1))
    #expect(answer.candidates.first?.name == Samples.name(1))
  }

  @Test("an empty gallery, and none at all, are clear errors")
  func nothing() throws {
    let folder = try TemporaryFolder()
    #expect(code { _ = try Gallery.reembed(at: folder.gallery, with: OtherEngine()) } == .notFound)
    do { _ = try folder.openWithEngine() }
    #expect(code { _ = try Gallery.reembed(at: folder.gallery, with: OtherEngine()) } == .invalidArgument)
  }
}
