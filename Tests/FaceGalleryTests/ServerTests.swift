import FaceEngine
import Foundation
import GalleryStore
import Imaging
import Support
import TestSupport
import Testing

@testable import FaceGallery

/// What is a gallery's alone that PostgreSQL keeps; what every gallery does is tested with ``Storage``.
@Suite("Galleries on a server", .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct ServerTests {
  private func open(
    _ url: URL, _ options: GalleryOptions = GalleryOptions(fingerprint: Samples.fingerprint)
  ) throws -> Gallery {
    try Gallery.open(at: url, options: options)
  }

  @Test(
    "the database answers as a scan does, for people and faces, by tags, ties among them",
    arguments: [1, 2, 3])
  func answers(seed: UInt64) throws {
    var random = SplitMix64(seed)
    let folder = try TemporaryFolder()
    let (files, server) = (try folder.open(), try open(Storage.address()))
    var faces = try Samples.faces(people: 25, each: 6)
    // Two people of one face, and one face three times.
    faces += [(Samples.name(3), faces[7].embedding), (Samples.name(4), faces[7].embedding)]
    faces += [faces[20], faces[20]]
    for gallery in [files, server] {
      _ = try gallery.add(faces)
      _ = try gallery.addUnnamed([
        Samples.embedding(person: 3, face: 1), Samples.embedding(person: 99, face: 1),
      ])
    }
    for _ in 0..<40 {
      let face = FaceID(rawValue: random.next() % 150 + 1)
      let person = PersonID(rawValue: random.next() % 25 + 1)
      let value = String(random.next() % 3)
      for gallery in [files, server] {
        try gallery.tag(face, ["sharp": value])
        try gallery.tag(person, ["team": value])
      }
    }
    for _ in 0..<12 {
      let probe = try Samples.embedding(
        person: Int(random.next() % 27), face: Int(random.next() % 8), noise: 0.2)
      for conditions in [[], ["team=1"], ["sharp"], ["team=2", "sharp=0"], ["team=none"]] {
        for grouping in QueryOptions.Grouping.allCases {
          for rule in [QueryOptions.Rule.bestFace, .meanOfBest(5)] {
            let options = QueryOptions(
              k: Int(random.next() % 30) + 1, grouping: grouping, threshold: 0.6, plan: .exact,
              conditions: conditions.compactMap { TagCondition($0) }, rule: rule)
            let (a, b) = (try files.query(probe, options: options), try server.query(probe, options: options))
            #expect(a.candidates == b.candidates && a.verdict == b.verdict, "\(options)")
            #expect(b.plan == "exact: by the database")
          }
        }
      }
    }
  }

  @Test("what one program adds another one finds at once, and nothing is kept beside the database")
  func programs() throws {
    let url = try Storage.address()
    let (first, second) = (try open(url), try open(url))
    _ = try first.add(Samples.faces(people: 5, each: 2))
    let probe = try Samples.embedding(person: 2, face: 50)
    #expect(try second.query(probe, options: byPerson()).candidates.first?.name == Samples.name(2))
    let info = try second.info()
    #expect(info.server?.version.hasPrefix("PostgreSQL ") == true && info.server?.isStandby == false)
    #expect(info.snapshot.state == .missing && info.snapshot.problem == nil && info.tail == 0)
    #expect(info.faces == 10 && info.databaseBytes > 0 && first.folder == nil)
    #expect(try second.checkInvariants() == ())
    #expect(try second.check().isHealthy)
    try first.close()
    #expect(Gallery.exists(at: url))
    #expect(try !Gallery.exists(at: Storage.address()))
  }

  @Test("the graph is made in memory where it is asked for, and follows what others change")
  func graph() throws {
    let url = try Storage.address()
    let (first, second) = (try open(url), try open(url))
    _ = try first.add(Samples.faces(people: 60, each: 5))
    let probe = try Samples.embedding(person: 7, face: 50)
    let exact = try second.query(probe, options: byFace(k: 4, .exact))
    #expect(try second.query(probe, options: byFace(k: 4, .graph)).candidates == exact.candidates)
    let face = try first.add(Samples.embedding(person: 7, face: 51), as: "Late")
    #expect(try second.query(probe, options: byFace(k: 40, .graph)).candidates.contains { $0.face == face })
  }

  @Test("what needs files says in one sentence why not, and no password is told")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let text = try Storage.address().absoluteString.replacing("postgres@", with: "postgres:SeSaMe@")
    let url = try #require(try Gallery.address(text))
    let gallery = try open(url)
    func refused(_ body: () throws -> Void) -> String? {
      let error = #expect(throws: GalleryError.self) { try body() }
      #expect(error?.code == .invalidArgument)
      return error?.message
    }
    for message in [
      refused { try gallery.backup(to: folder.url.appending(path: "b")) },
      refused { _ = try gallery.compact() }, refused { _ = try Gallery.compact(at: url) },
      refused { try Gallery.restore(from: folder.url, to: url) }, refused { try gallery.saveSnapshot() },
    ] {
      #expect(message?.contains("kept by PostgreSQL") == true)
    }
    _ = refused { try gallery.setAudit(true) }
    #expect(!gallery.place.contains("SeSaMe") && !gallery.url.absoluteString.contains("SeSaMe"))
    #expect(gallery.place.hasPrefix("postgresql://postgres@127.0.0.1"))
    let away = try #require(
      try Gallery.address(text.replacing(/127.0.0.1:[0-9]+/, with: "127.0.0.1:1")))
    let error = #expect(throws: GalleryError.self) { try Gallery.open(at: away) }
    #expect(error?.code == .unavailable && error?.message.contains("SeSaMe") == false)
    #expect(Gallery.exists(at: away), "where nobody can be asked it is not taken to be missing")
  }

  @Test("another engine's embeddings take the place of all, while somebody reads the old ones")
  func reembedding() throws {
    let folder = try TemporaryFolder()
    let url = try Storage.address()
    let gallery = try Gallery.open(at: url, engine: FakeEngine())
    for person in UInt8(0)..<6 {
      let photo = folder.url.appending(path: "\(person).png")
      try Data(FakePhoto(person: person, face: 1).image.pngData()).write(to: photo)
      _ = try gallery.add([NamedPhoto(photo, name: Samples.name(Int(person)))])
    }
    try gallery.read { snapshot throws in
      #expect(try snapshot.vector(of: FaceID(rawValue: 1))?.count == Samples.dimension)
      let report = try Gallery.reembed(at: url, with: OtherEngine())
      #expect(report.isSwitched && report.embedded == 6 && report.missing.isEmpty)
      #expect(try snapshot.vector(of: FaceID(rawValue: 2))?.count == Samples.dimension, "an old state")
    }
    let half = try Gallery.open(at: url, engine: OtherEngine())
    let face = try #require(
      try OtherEngine().faces(in: FakePhoto(person: 4, face: 2).image, options: .init()).first)
    #expect(try half.query(face.embedding).candidates.first?.name == Samples.name(4))
    #expect(try half.check().isHealthy)
    let error = #expect(throws: GalleryError.self) { try Gallery.open(at: url, engine: FakeEngine()) }
    #expect(error?.code == .engineMismatch)
  }
}
