import FaceEngine
import FaceGallery
import Foundation
import TestSupport
import Testing

@Suite("Galleries of released formats")
struct ReleasedFormatTests {
  @Test(
    "a gallery of every released format opens as it is, with all that is in it and its saved index",
    arguments: ReleasedGallery.all, [StoreAccess.readOnly, .existing])
  func isRead(released: ReleasedGallery, access: StoreAccess) throws {
    let folder = try TemporaryFolder()
    try released.copy(to: folder)
    let gallery = try Gallery.open(at: folder.gallery, options: GalleryOptions(access: access))
    try released.expectEverything(in: gallery)
    #expect(try gallery.info().snapshot.state == released.snapshot)
    let health = try gallery.check()
    #expect(health.isHealthy && health.withoutChecksum == released.withoutChecksum)
    for person in try gallery.people() {
      for face in try gallery.faces(of: person.id) {
        if let detection = face.detection {
          #expect(detection.scheme == released.scheme && detection.landmarks.count == 5)
        }
        let embedding = try #require(try gallery.embedding(of: face.id))
        let best = try #require(
          try gallery.query(embedding, options: QueryOptions(grouping: .face, threshold: 0.5)).candidates
            .first)
        #expect(best.face == face.id && best.name == person.name && best.similarity > 0.9999)
      }
    }
    try gallery.close()
  }

  @Test(
    "a gallery of every released format is changed, repaired, compacted and backed up; the faces that it had stay",
    arguments: ReleasedGallery.all)
  func isWritten(released: ReleasedGallery) throws {
    let folder = try TemporaryFolder()
    try released.copy(to: folder)
    var gallery = try Gallery.open(at: folder.gallery, options: GalleryOptions(access: .existing))
    let renamed = try #require(try gallery.people().first)
    let tagged = try #require(try gallery.people().last)
    try gallery.rename(renamed.id, to: "Renamed")
    try gallery.tag(tagged.id, ["new": "tag"])
    let added = try gallery.add(Samples.embedding(person: 70, face: 0), as: "New")
    let removed = try gallery.add(Samples.embedding(person: 71, face: 0), as: "Removed")
    try gallery.remove(removed)
    #expect(added.rawValue == UInt64(released.faces) + 1 && removed.rawValue == added.rawValue + 1)
    // Records that were written again have their checksums now.
    let changed = try gallery.check()
    #expect(changed.isHealthy)
    #expect(released.withoutChecksum == 0 || changed.withoutChecksum < released.withoutChecksum)
    #expect(try gallery.check(repair: true).isHealthy)
    try gallery.close()
    _ = try Gallery.compact(at: folder.gallery)
    let copy = folder.url.appending(path: "backup")
    gallery = try Gallery.open(at: folder.gallery, options: GalleryOptions(access: .existing))
    try gallery.backup(to: copy)
    try gallery.close()
    for place in [folder.gallery, copy] {
      let gallery = try Gallery.open(at: place, options: GalleryOptions(access: .readOnly))
      let health = try gallery.check()
      #expect(health.findings.isEmpty && health.withoutChecksum == 0)
      #expect(try released.digest(of: gallery) == released.vectors)
      #expect(try gallery.info().faces == released.faces + 1)
      #expect(try gallery.person(renamed.id)?.name == "Renamed")
      #expect(try gallery.tags(of: tagged.id)["new"] == "tag")
      #expect(try gallery.face(removed) == nil)
      let answer = try gallery.query(
        Samples.embedding(person: 70, face: 0), options: QueryOptions(threshold: 0.5))
      #expect(answer.candidates.first?.name == "New" && answer.candidates.first?.similarity ?? 0 > 0.9999)
      try gallery.close()
    }
  }

  @Test(
    "a gallery of format 1.4 keeps people whose names are only written differently, and says so until they are one",
    arguments: [StoreAccess.readOnly, .existing])
  func namesakes(access: StoreAccess) throws {
    let folder = try TemporaryFolder()
    try ReleasedGallery.format14.copy(to: folder)
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
    try ReleasedGallery.format13.copy(to: folder)
    let engine = try FaceEngine(
      EngineConfiguration(weightsDirectory: TestData.weights, engine: .resNet))
    #expect(engine.fingerprint.digest == ReleasedGallery.format13.engine)
    let gallery = try Gallery.open(at: folder.gallery, engine: engine)
    let answer = try gallery.query(.file(TestData.photos.appending(path: "obama2.jpg")))[0].answer
    #expect(answer.candidates.map(\.name) == ["Obama", "Hanks", "Biden"])
    for (candidate, expected) in zip(answer.candidates, [0.9652753, 0.8393713, 0.8269063] as [Float]) {
      #expect(abs(candidate.similarity - expected) < 1e-4)
    }
    #expect(answer.threshold == 0.927)
  }

  @Test(
    "a gallery of format 1.3 goes over to the engine sface: its faces are found again, names and numbers stay",
    .enabled(
      if: TestData.areThere && TestData.hasSFace,
      "weights or sample photos are not there: make set-up fetches them"))
  func reembeds() throws {
    let folder = try TemporaryFolder()
    try ReleasedGallery.format13.copy(to: folder)
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
    #expect(try gallery.info().fingerprint?.digest == ReleasedGallery.format13.engine)
    // It was made of the gallery beside it: every name has its own vectors.
    let other = try TemporaryFolder()
    try ReleasedGallery.format13.copy(to: other)
    let exported = try other.open(GalleryOptions(access: .existing))
    for person in try exported.people() {
      let same = try #require(try gallery.person(named: person.name))
      let expected = try exported.faces(of: person.id).map { try exported.embedding(of: $0.id)?.values }
      #expect(try gallery.faces(of: same.id).map { try gallery.embedding(of: $0.id)?.values } == expected)
    }
  }
}
