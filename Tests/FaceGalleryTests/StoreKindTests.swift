import FaceEngine
import Foundation
import GalleryStore
import TestSupport
import Testing

@testable import FaceGallery

@Suite("Galleries of any store")
struct StoreKindTests {
  /// The same gallery in files, in memory and, where one can be had, on a server.
  private func all(_ folder: TemporaryFolder) throws -> [Gallery] {
    let options = GalleryOptions(fingerprint: Samples.fingerprint)
    return [
      try Gallery.open(at: folder.url.appending(path: "files"), options: options),
      try Gallery(of: InMemoryStore(), at: folder.url.appending(path: "memory"), options: options),
    ] + (PostgresServer.shared == nil ? [] : [try Gallery.open(at: Storage.address(), options: options)])
  }

  @Test(
    "a gallery in memory, or on a server, answers as one in files does", arguments: QueryOptions.Plan.allCases
  )
  func answers(plan: QueryOptions.Plan) throws {
    let folder = try TemporaryFolder()
    let galleries = try all(folder)
    for gallery in galleries {
      _ = try gallery.add(Samples.faces(people: 60, each: 5))
      _ = try gallery.addUnnamed((0..<3).map { try Samples.embedding(person: 4, face: 200 + $0) })
      let (a, b) = (PersonID(rawValue: 2), PersonID(rawValue: 3))
      try gallery.merge(a, into: b)
      try gallery.remove(PersonID(rawValue: 9))
      try gallery.remove(FaceID(rawValue: 40))
      try gallery.tag(b, ["team": "red"])
      try gallery.tag(FaceID(rawValue: 5), ["team": "red"])
    }
    for person in [1, 2, 8, 30] {
      let probe = try Samples.embedding(person: person, face: 77)
      for grouping in QueryOptions.Grouping.allCases {
        for conditions in [[], [TagCondition(key: "team", value: "red")]] {
          let options = QueryOptions(
            k: 7, grouping: grouping, threshold: 0.6, plan: plan, conditions: conditions)
          let answers = try galleries.map { try $0.query(probe, options: options) }
          #expect(answers.allSatisfy { $0.candidates == answers[0].candidates })
          #expect(!answers[0].candidates.isEmpty)
        }
      }
    }
    for gallery in galleries {
      #expect(try galleries[0].people().map(\.name) == gallery.people().map(\.name))
      #expect(
        try galleries[0].faces(of: PersonID(rawValue: 3)).map(\.id)
          == gallery.faces(of: PersonID(rawValue: 3)).map(\.id))
      try gallery.checkInvariants()
    }
  }

  @Test("groups and reviews are the same in all")
  func groups() throws {
    let folder = try TemporaryFolder()
    let galleries = try all(folder)
    for gallery in galleries {
      _ = try gallery.add(Samples.faces(people: 10, each: 3))
      _ = try gallery.addUnnamed(
        (0..<12).map { try Samples.embedding(person: 50 + $0 % 3, face: $0) })
      _ = try gallery.add(Samples.embedding(person: 4, face: 1), as: Samples.name(7))
    }
    let found = try galleries.map { try $0.cluster(options: ClusteringOptions(threshold: 0.6)).groups }
    #expect(found.allSatisfy { $0 == found[0] } && found[0].count == 3)
    for gallery in galleries {
      #expect(try gallery.name(group: found[0][0].id, as: "New").faceCount == 4)
      #expect(try gallery.groups().count == 2)
    }
    let suspicious = try galleries.map { try $0.reviewFaces().suspicious }
    #expect(suspicious.allSatisfy { $0 == suspicious[0] })
    #expect(try galleries[0].reviewFaces().duplicates.count == 1)
  }

  @Test(
    "embeddings go from a gallery in memory to those in files and on a server; what needs files is refused")
  func transfer() throws {
    let folder = try TemporaryFolder()
    let galleries = try all(folder)
    _ = try galleries[1].add(Samples.faces(people: 5, each: 2))
    let file = folder.url.appending(path: "faces.jsonl")
    #expect(try galleries[1].exportEmbeddings(to: file, format: .jsonLines).rows == 10)
    for gallery in galleries where gallery !== galleries[1] {
      #expect(try gallery.importEmbeddings(from: file).added == 10)
    }
    let probe = try Samples.embedding(person: 3, face: 9)
    let answers = try galleries.map { try $0.query(probe, options: byPerson()).candidates.map(\.name) }
    #expect(answers.allSatisfy { $0 == answers[0] })
    for gallery in galleries.dropFirst() {
      #expect(code { try gallery.backup(to: folder.url.appending(path: "copy")) } == .invalidArgument)
    }
    for gallery in galleries {
      #expect(try gallery.removeAllPeople() == (5, 10))
      #expect(try gallery.query(probe, options: byPerson()).candidates.isEmpty)
      #expect(try gallery.undo() == (5, 10, 0))
    }
    #expect(try galleries.map { try $0.query(probe, options: byPerson()).candidates.map(\.name) } == answers)
  }

  @Test("all embeddings of a query are answered from one state")
  func batch() throws {
    let folder = try TemporaryFolder()
    for gallery in try all(folder) {
      _ = try gallery.add(Samples.faces(people: 20, each: 3))
      let probes = try [3, 5, 900].map { try Samples.embedding(person: $0, face: 50) }
      let together = try gallery.query(probes, options: byPerson())
      #expect(together == (try probes.map { try gallery.query($0, options: byPerson()) }))
      #expect(together.map { $0.verdict != .unknown } == [true, true, false])
      #expect(try gallery.query([], options: byPerson()).isEmpty)
      #expect(code { _ = try gallery.query([], options: byPerson(k: 0)) } == .invalidArgument)
    }
  }
}
