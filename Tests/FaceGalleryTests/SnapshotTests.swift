import Foundation
import LMDB
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Index and snapshot")
struct SnapshotTests {
  /// A gallery that was filled, saved and closed.
  private func saved(people: Int = 20, each: Int = 3) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: people, each: each))
    try gallery.close()
    return folder
  }

  private func expectAnswers(_ gallery: Gallery, people: Int = 20) throws {
    for plan in QueryOptions.Plan.allCases {
      for person in [0, people / 2, people - 1] {
        let answer = try gallery.query(Samples.embedding(person: person, face: 33), options: byPerson(plan))
        #expect(answer.candidates.first?.name == Samples.name(person))
      }
    }
    try gallery.checkInvariants()
  }

  @Test("a writer that closes leaves a current snapshot, and the next one starts with it")
  func closing() throws {
    let folder = try saved()
    let gallery = try folder.open()
    let info = try gallery.info()
    #expect(info.snapshot.state == .current)
    #expect(info.snapshot.sequence == info.sequence)
    #expect(info.index.count == 60 && info.index.isReady)
    try expectAnswers(gallery)
  }

  @Test("a writer that leaves a large gallery without an index saves none, and the next one answers exactly")
  func nothingToSave() throws {
    let folder = try TemporaryFolder()
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 20_500, each: 1))
      try gallery.close()
    }
    #expect(!FileManager.default.fileExists(atPath: folder.snapshot.path))
    let answer = try folder.open().query(Samples.embedding(person: 20_000, face: 0), options: byPerson())
    #expect(answer.candidates.first?.name == Samples.name(20_000) && answer.plan.hasPrefix("exact"))
  }

  @Test("a query alone writes nothing")
  func queryWritesNothing() throws {
    let folder = try saved()
    let before =
      try FileManager.default.attributesOfItem(atPath: folder.snapshot.path)[.modificationDate] as? Date
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.embedding(person: 5, face: 44), as: Samples.name(5))
    }
    try FileManager.default.removeItem(at: folder.snapshot)
    do { _ = try folder.open().query(Samples.embedding(person: 1, face: 44), options: byPerson()) }
    #expect(before != nil)
    #expect(!FileManager.default.fileExists(atPath: folder.snapshot.path))
  }

  @Test(
    "a snapshot with thousands of changes behind it and few newer faces is searched, and these are compared")
  func longTail() throws {
    let folder = try saved()
    let old = try Data(contentsOf: folder.snapshot)
    do {
      let gallery = try folder.open()
      let crowd = try (0..<4500).map { ("Crowd", try Samples.embedding(person: 500, face: $0)) }
      _ = try gallery.add(crowd)
      try gallery.remove(try #require(try gallery.person(named: "Crowd")).id)
      for face in 0..<5 {
        _ = try gallery.add(Samples.embedding(person: 40, face: face), as: Samples.name(40))
      }
    }
    try old.write(to: folder.snapshot, options: .atomic)
    let gallery = try folder.open()
    let answer = try gallery.query(Samples.embedding(person: 40, face: 33), options: byPerson())
    #expect(answer.plan.hasSuffix("+ scan of 5 newer faces"))
    #expect(answer.candidates.first?.name == Samples.name(40))
    #expect(
      try gallery.query(Samples.embedding(person: 500, face: 2), options: byPerson()).candidates.allSatisfy {
        $0.name != "Crowd"
      })
    try gallery.checkInvariants()
  }

  @Test("changes after the snapshot are replayed: additions, removals, merges")
  func replay() throws {
    let folder = try saved()
    let old = try Data(contentsOf: folder.snapshot)
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 30, each: 1))
      let person = try #require(try gallery.person(named: Samples.name(7)))
      try gallery.remove(person.id)
      let (a, b) = (
        try #require(try gallery.person(named: Samples.name(3))),
        try #require(try gallery.person(named: Samples.name(4)))
      )
      try gallery.merge(a.id, into: b.id)
    }
    try old.write(to: folder.snapshot, options: .atomic)
    let gallery = try folder.open()
    #expect(try gallery.info().snapshot.state == .behind)
    let gone = try gallery.query(Samples.embedding(person: 7, face: 0), options: byPerson(k: 40, .automatic))
    #expect(gone.candidates.count == 28)
    #expect(
      try gallery.query(Samples.embedding(person: 3, face: 1), options: byPerson()).candidates.first?.name
        == Samples.name(4))
    #expect(
      try gallery.query(Samples.embedding(person: 25, face: 1), options: byPerson()).candidates.first?.name
        == Samples.name(25))
    try gallery.checkInvariants()
  }

  @Test("a missing snapshot is reported, queries are answered at once, and the index can be rebuilt")
  func missing() throws {
    let folder = try saved()
    try FileManager.default.removeItem(at: folder.snapshot)
    let gallery = try folder.open()
    #expect(try gallery.info().snapshot.state == .missing)
    try expectAnswers(gallery)
    let calls = Counter()
    try gallery.rebuildIndex { done, total in calls.note(done, total) }
    #expect(calls.last?.0 == 60 && calls.last?.1 == 60)
    #expect(try gallery.info().snapshot.state == .current)
    try expectAnswers(gallery)
  }

  @Test("a damaged snapshot is reported and never gives a wrong answer", arguments: [0, 1, 100, 5000, -1])
  func damaged(cut: Int) throws {
    let folder = try saved()
    var bytes = try Data(contentsOf: folder.snapshot)
    if cut < 0 { bytes[bytes.count / 2] ^= 0x55 } else { bytes = bytes.prefix(cut) }
    try bytes.write(to: folder.snapshot, options: .atomic)
    let gallery = try folder.open()
    try expectAnswers(gallery)
    let info = try gallery.info()
    #expect(info.snapshot.state == .damaged)
    #expect(info.snapshot.problem != nil)
    try gallery.saveSnapshot()
    #expect(try gallery.info().snapshot.state == .current)
  }

  @Test("a snapshot of another gallery is not used")
  func foreign() throws {
    let folder = try saved()
    let other = try saved(people: 20, each: 3)
    try FileManager.default.removeItem(at: folder.snapshot)
    try FileManager.default.copyItem(at: other.snapshot, to: folder.snapshot)
    let gallery = try folder.open()
    #expect(try gallery.info().snapshot.state == .foreign)
    try expectAnswers(gallery)
  }

  @Test("a store that was restored from an older copy does not use the newer snapshot")
  func tooNew() throws {
    let folder = try saved(people: 10)
    let older = try Data(contentsOf: folder.gallery.appending(path: "data.mdb"))
    do { _ = try folder.open().add(Samples.faces(people: 20, each: 3)) }
    try older.write(to: folder.gallery.appending(path: "data.mdb"))
    do {
      let gallery = try folder.open()
      #expect(try gallery.info().snapshot.state == .tooNew)
      try expectAnswers(gallery, people: 10)
    }
  }

  @Test("a snapshot of a history that was undone by a restored copy is told by its tag")
  func otherHistory() throws {
    let folder = try saved(people: 10)
    let older = try Data(contentsOf: folder.gallery.appending(path: "data.mdb"))
    do { _ = try folder.open().add(Samples.faces(people: 20, each: 1)) }
    let snapshot = try Data(contentsOf: folder.snapshot)
    try older.write(to: folder.gallery.appending(path: "data.mdb"))
    do {
      let gallery = try folder.open()
      for person in 100..<140 {
        _ = try gallery.add(Samples.embedding(person: person, face: 0), as: Samples.name(person))
      }
    }
    try snapshot.write(to: folder.snapshot, options: .atomic)
    let gallery = try folder.open()
    #expect(try gallery.info().snapshot.state == .foreign)
    #expect(
      try gallery.query(Samples.embedding(person: 120, face: 1), options: byPerson()).candidates.first?.name
        == Samples.name(120))
    try gallery.checkInvariants()
  }

  @Test("the change log is trimmed behind the snapshot; an index further back starts anew")
  func trimming() throws {
    let folder = try TemporaryFolder()
    let options = GalleryOptions(fingerprint: Samples.fingerprint, changesBeforeSnapshot: 20)
    let old: Data
    do {
      let gallery = try folder.open(options)
      _ = try gallery.add(Samples.faces(people: 10, each: 1))
      try gallery.saveSnapshot()
      old = try Data(contentsOf: folder.snapshot)
      _ = try gallery.add(Samples.faces(people: 40, each: 3))
      try gallery.saveSnapshot()
      let info = try gallery.info()
      #expect(info.sequence == 130)
      #expect(info.firstLoggedChange == 111)
    }
    do {
      let gallery = try folder.open(options)
      #expect(try gallery.info().snapshot.state == .current)
      try expectAnswers(gallery, people: 40)
    }
    try old.write(to: folder.snapshot, options: .atomic)
    let gallery = try folder.open(options)
    #expect(try gallery.info().snapshot.state == .tooOld)
    let report = try gallery.check(repair: false, recallSample: 0)
    #expect(report.isHealthy && report.remarks.contains { $0.hasPrefix("The saved index is from before") })
    try expectAnswers(gallery, people: 40)
  }

  private func repairLog(_ folder: TemporaryFolder) throws {
    do {
      let environment = try Environment(path: folder.gallery.path(percentEncoded: false))
      let tables = try environment.openDatabases(creating: false) { try Tables($0) }
      _ = try environment.write { try $0.remove(2, from: tables.changes) }
    }
    _ = try folder.open().check(repair: true)
  }

  @Test("a snapshot that was written when the log began anew, or was cut off, is followed from there")
  func newLog() throws {
    let beginnings: [(String, (TemporaryFolder) throws -> Void)] = [
      ("compact", { _ = try Gallery.compact(at: $0.gallery) }),
      ("repair", { try repairLog($0) }),
      (
        "everybody removed",
        { folder in
          let gallery = try folder.open()
          try gallery.removeAllPeople()
          try gallery.saveSnapshot()
        }
      ),
    ]
    for (name, begin) in beginnings {
      let folder = try saved()
      try begin(folder)
      let old = try Data(contentsOf: folder.snapshot)
      do { _ = try folder.open().add(Samples.embedding(person: 35, face: 1), as: Samples.name(35)) }
      try old.write(to: folder.snapshot, options: .atomic)
      let gallery = try folder.open()
      #expect(try gallery.info().snapshot.state == .behind, "\(name)")
      let answer = try gallery.query(Samples.embedding(person: 35, face: 33), options: byPerson(.graph))
      #expect(answer.candidates.first?.name == Samples.name(35), "\(name)")
      #expect(try gallery.check().findings.isEmpty, "\(name)")
      try gallery.checkInvariants()
    }
  }

  @Test("above a small gallery's size the index is built in the background while queries scan")
  func background() async throws {
    let folder = try TemporaryFolder()
    let faces = try Samples.faces(people: 300, each: 5)
    do { _ = try folder.open().add(faces) }
    try FileManager.default.removeItem(at: folder.snapshot)
    let gallery = try folder.open()
    let probe = try Samples.embedding(person: 250, face: 33)
    #expect(try gallery.query(probe, options: byPerson()).candidates.first?.name == Samples.name(250))
    try #require(try await eventually { try gallery.info().index.isReady })
    let answer = try gallery.query(probe, options: byPerson(.graph))
    #expect(answer.candidates.first?.name == Samples.name(250))
    #expect(answer.plan == "graph")
    try gallery.checkInvariants()
  }

  @Test("a gallery opened for reading is not written to")
  func readOnly() throws {
    let folder = try saved()
    try FileManager.default.removeItem(at: folder.snapshot)
    let gallery = try folder.open(GalleryOptions(access: .readOnly))
    try expectAnswers(gallery)
    #expect(code { _ = try gallery.add(Samples.embedding(person: 0, face: 0), as: "x") } == .readOnly)
    #expect(code { try gallery.saveSnapshot() } == .readOnly)
    try gallery.close()
    #expect(!FileManager.default.fileExists(atPath: folder.snapshot.path))
  }
}

/// The last pair of numbers that a callback was given.
final class Counter {
  private(set) var last: (Int, Int)?

  func note(_ a: Int, _ b: Int) { last = (a, b) }
}
