import FaceEngine
import FaceGallery
import Foundation
import TestSupport
import Testing

/// A gallery that the last program of format 1.3 made of sample photos: two of Obama, one each of Biden and Hanks, and a face without
/// a name.
enum Format13 {
  /// A copy that a test may change.
  static func copy(to folder: TemporaryFolder) throws {
    let source = try #require(
      Bundle.module.url(forResource: "gallery-1.3", withExtension: nil, subdirectory: "Fixtures"))
    try FileManager.default.copyItem(at: source, to: folder.gallery)
  }

  /// SHA-256 of its engine's fingerprint, which stands in the snapshot and in every face record.
  static let engine = "d45abf13d0cf3a9314234c46c33dcab3fc6ac2679903a62aafd0279b6093baa1"
}

/// A gallery that the last program of format 1.4 made, of people with one face each: `Zoë Ward`, `Ann Lee`, `ANN  LEE`, `#2`,
/// `zoë\u{A0}ward` and `Bob`.
enum Format14 {
  /// A copy that a test may change.
  static func copy(to folder: TemporaryFolder) throws {
    let source = try #require(
      Bundle.module.url(forResource: "gallery-1.4", withExtension: nil, subdirectory: "Fixtures"))
    try FileManager.default.copyItem(at: source, to: folder.gallery)
  }
}

@Suite("Galleries of released formats")
struct ReleasedFormatTests {
  @Test("a gallery of format 1.3 opens as it is: the same engine, a current index, dlib's five landmarks")
  func opens() throws {
    let folder = try TemporaryFolder()
    try Format13.copy(to: folder)
    let gallery = try Gallery.open(at: folder.gallery)
    let info = try gallery.info()
    #expect(info.faces == 5 && info.people == 3 && info.unnamedFaces == 1)
    #expect(info.fingerprint?.digest == Format13.engine)
    #expect(info.snapshot.state == .current)
    let face = try #require(try gallery.face(FaceID(rawValue: 1)))
    let detection = try #require(face.detection)
    #expect(detection.scheme == .dlib5 && detection.landmarks.count == 5)
    let health = try gallery.check()
    #expect(health.isHealthy && health.withoutChecksum == 0)
    let embedding = try #require(try gallery.embedding(of: FaceID(rawValue: 1)))
    let answer = try gallery.query(embedding, options: QueryOptions(k: 3))
    #expect(answer.candidates.first?.name == "Biden")
    #expect((answer.candidates.first?.similarity ?? 0) > 0.9999)
    try gallery.close()
  }

  @Test(
    "a gallery of format 1.4 keeps people whose names are only written differently, and says so until they are one",
    arguments: [StoreAccess.readOnly, .existing])
  func namesakes(access: StoreAccess) throws {
    let folder = try TemporaryFolder()
    try Format14.copy(to: folder)
    let gallery = try Gallery.open(at: folder.gallery, options: GalleryOptions(access: access))
    func number(_ name: String) throws -> UInt64? { try gallery.person(named: name)?.id.rawValue }
    #expect(
      try number("Ann Lee") == 2 && number("ANN  LEE") == 3 && number("BOB") == 6
        && number("zoë\u{A0}ward") == 5)
    #expect(code { _ = try number("ann lee") } == .ambiguousName)
    let health = try gallery.check()
    #expect(health.isHealthy && health.namesakes.map { $0.map(\.id.rawValue) } == [[1, 5], [2, 3]])
    guard access != .readOnly else { return }
    // More faces of either go to the older one; with the name as it is written, to the one who has it so.
    _ = try gallery.add(Samples.embedding(person: 1, face: 1), as: "ann lee")
    _ = try gallery.add(Samples.embedding(person: 2, face: 1), as: "ANN  LEE")
    #expect(
      try gallery.person(named: "Ann Lee")?.faceCount == 2
        && gallery.person(named: "ANN  LEE")?.faceCount == 2)
    try gallery.merge(PersonID(rawValue: 3), into: PersonID(rawValue: 2))
    try gallery.rename(PersonID(rawValue: 5), to: "Zoé")
    #expect(
      try number("ann lee") == 2 && gallery.person(named: "ann lee")?.faceCount == 4
        && number("ZOË WARD") == 1)
    let after = try gallery.check()
    #expect(after.findings.isEmpty && after.namesakes.isEmpty)
  }

  @Test(
    "the engine of a gallery of format 1.3 answers with the same similarities",
    .enabled(if: TestData.areThere, "weights or sample photos are not there: make set-up fetches them"))
  func answers() throws {
    let folder = try TemporaryFolder()
    try Format13.copy(to: folder)
    let engine = try FaceEngine(
      EngineConfiguration(weightsDirectory: TestData.weights, engine: .resNet))
    #expect(engine.fingerprint.digest == Format13.engine)
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    let answer = try gallery.query(.file(TestData.photos.appending(path: "obama2.jpg")))[0].answer
    #expect(answer.candidates.map(\.name) == ["Obama", "Hanks", "Biden"])
    for (candidate, expected) in zip(answer.candidates, [0.9652753, 0.8393713, 0.8269063] as [Float]) {
      #expect(abs(candidate.similarity - expected) < 1e-4)
    }
    #expect(answer.threshold == 0.9261)
  }

  @Test(
    "a gallery of format 1.3 goes over to the engine sface: its faces are found again, names and numbers stay",
    .enabled(
      if: TestData.areThere && TestData.hasSFace,
      "weights or sample photos are not there: make set-up fetches them"))
  func reembeds() throws {
    let folder = try TemporaryFolder()
    try Format13.copy(to: folder)
    #expect(try Gallery.engineSpecification(at: folder.gallery) == .resNet)
    let engine = try FaceEngine(
      EngineConfiguration(weightsDirectory: TestData.weights, threads: 2, engine: .sface))
    #expect(throws: GalleryError.self) { try Gallery.open(at: folder.gallery, engine: engine) }
    let report = try Gallery.reembed(
      at: folder.gallery, with: engine, options: ReembeddingOptions(photos: TestData.photos))
    #expect(report.isSwitched && report.embedded == 5 && report.missing.isEmpty)
    #expect(try Gallery.engineSpecification(at: folder.gallery)?.name == "sface")
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    let health = try gallery.check()
    #expect(health.isHealthy && health.withoutChecksum == 0)
    for (photo, person) in [("obama2.jpg", "Obama"), ("biden.jpg", "Biden"), ("hanks.png", "Hanks")] {
      let answer = try gallery.query(
        .file(TestData.photos.appending(path: photo)), options: QueryOptions(threshold: 0.4))[0].answer
      guard case .known(let match) = answer.verdict else {
        Issue.record("\(photo) is unknown")
        continue
      }
      #expect(match.name == person)
    }
    // The faces' embeddings are those that adding the photos anew would give.
    let image = try ImageDecoder().decode(contentsOf: TestData.photos.appending(path: "biden.jpg"))
    let fresh = try #require(try engine.faces(in: image).first)
    let stored = try #require(try gallery.embedding(of: FaceID(rawValue: 1)))
    #expect(stored.cosineSimilarity(to: fresh.embedding) > 0.9999)
  }

  @Test(
    "an export of the last program that did not write the array's digest is taken in with a warning",
    arguments: ["faces.npy", "table.npy"])
  func export(name: String) throws {
    let folder = try TemporaryFolder()
    let source = try #require(
      Bundle.module.url(forResource: "export-1.3", withExtension: nil, subdirectory: "Fixtures"))
    let gallery = try folder.open(GalleryOptions())
    let report = try gallery.importEmbeddings(from: source.appending(path: name))
    #expect(report.added == 5 && report.newPeople == 3)
    #expect(report.warnings.count == 1 && report.warnings.first?.contains(name) == true)
    #expect(try gallery.info().fingerprint?.digest == Format13.engine)
    // It was made of the gallery beside it: every name has its own vectors.
    let other = try TemporaryFolder()
    try Format13.copy(to: other)
    let exported = try other.open(GalleryOptions(access: .existing))
    for person in try exported.people() {
      let same = try #require(try gallery.person(named: person.name))
      let expected = try exported.faces(of: person.id).map { try exported.embedding(of: $0.id)?.values }
      #expect(try gallery.faces(of: same.id).map { try gallery.embedding(of: $0.id)?.values } == expected)
    }
  }
}
