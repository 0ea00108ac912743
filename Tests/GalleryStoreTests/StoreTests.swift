import FaceEngine
import Foundation
import Support
import TestSupport
import Testing

@testable import GalleryStore

/// The stores, each of which has to do the same.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case lmdb
  case inMemory
  case postgres

  /// Those that can be had here. That of a server is missing where there is none, which a test says by being skipped.
  static var allCases: [StoreKind] {
    PostgresServer.shared == nil ? [.lmdb, .inMemory] : [.lmdb, .inMemory, .postgres]
  }

  var testDescription: String { rawValue }

  /// An empty gallery of its own on the server that tests share.
  static func postgres() throws -> PostgresStore {
    let address = try Stores.address(try #require(PostgresServer.shared).newURL())
    return try PostgresStore(at: #require(address), access: .createIfMissing)
  }

  /// An empty store.
  func make(in folder: TemporaryFolder) throws -> any Store {
    switch self {
    case .lmdb: try LMDBStore(at: folder.url, access: .createIfMissing)
    case .inMemory: InMemoryStore()
    case .postgres: try Self.postgres()
    }
  }
}

@Suite("What every store does")
struct StoreTests {
  private static let engine = EngineIdentity(
    fingerprint: EngineFingerprint(
      alignment: "none", weightsDigest: "0123", preprocessing: "none", normalization: "unit length",
      dimension: 4),
    operatingPoint: nil, engine: nil)

  private func vector(_ number: Int) -> [Float] {
    var vector = [Float](repeating: 0, count: 4)
    vector[number % 4] = 1
    return vector
  }

  private func name(_ text: String) throws -> PersonName { try PersonName(text) }

  private func record(_ person: PersonID, photo: UInt8? = nil) -> StoredFace {
    StoredFace(
      person: person, added: Date(milliseconds: 1_000), photo: photo.map { PhotoDigest(of: [$0]) },
      detection: nil, path: photo.map { "\($0).jpg" })
  }

  /// Two people with three faces, of which two are of one photo, and a face without a name.
  private func fill(_ store: any Store) throws -> (ada: PersonID, bob: PersonID) {
    try store.write { writer throws in
      #expect(try writer.settleEngine(Self.engine) == 4)
      let (ada, bob) = (try writer.insert(name("Ada")), try writer.insert(name("Bob")))
      for (number, (person, photo)) in [(ada, 1), (ada, 2), (bob, 2), (.unnamed, 3)].enumerated() {
        let face = try writer.insert(
          record(person, photo: UInt8(photo)), vector: VectorBytes.encode(vector(number)),
          thumbnail: number == 0 ? [0xFF, 0xD8] : nil)
        #expect(face.rawValue == UInt64(number + 1))
      }
      return (ada, bob)
    }
  }

  private func ids(_ numbers: UInt64...) -> [FaceID] { numbers.map { FaceID(rawValue: $0) } }

  private func changes(_ store: any Store, after sequence: UInt64) throws -> [Change] {
    try store.read { snapshot throws in
      var changes: [Change] = []
      try snapshot.forEachChange(after: sequence) { number, change throws in
        #expect(number == sequence + UInt64(changes.count) + 1)
        #expect(try snapshot.change(number) == change)
        changes.append(change)
      }
      return changes
    }
  }

  @Test("what was written is read back", arguments: StoreKind.allCases)
  func reading(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    #expect(try store.read { try $0.fingerprint() } == nil)
    let (ada, bob) = try fill(store)
    try store.read { snapshot throws in
      #expect(try snapshot.fingerprint() == Self.engine.fingerprint)
      #expect(try (snapshot.personCount(), snapshot.faceCount(), snapshot.thumbnailCount()) == (2, 4, 1))
      #expect(try snapshot.faceCount(of: ada) == 2 && snapshot.faceCount(of: .unnamed) == 1)
      #expect(try snapshot.people().map(\.name) == ["Ada", "Bob"])
      #expect(try snapshot.people(after: "Ada", offset: 0, limit: 9) == [bob])
      #expect(try snapshot.people(after: "B", offset: 0, limit: 9) == [bob])
      #expect(try snapshot.people(after: nil, offset: 1, limit: 9) == [bob])
      #expect(try snapshot.people(after: nil, offset: 0, limit: 9) { name, _ in name == "Ada" } == ([ada], 1))
      #expect(try snapshot.person(named: name("Bob")) == bob && snapshot.person(named: name("Eve")) == nil)
      #expect(try snapshot.faces(of: ada) == ids(1, 2))
      #expect(try snapshot.faces(in: PhotoDigest(of: [2])) == ids(2, 3))
      #expect(try snapshot.namedFaces(after: nil, offset: 1, limit: 9) == ids(2, 3))
      #expect(try snapshot.namedFaces(after: ids(1)[0], offset: 0, limit: 1) == ids(2))
      #expect(try snapshot.namedFaces(after: ids(1)[0], offset: 1, limit: 9) == ids(3))
      #expect(try snapshot.namedFaces(after: ids(9)[0], offset: 0, limit: 9) == [])
      #expect(try snapshot.faceRecord(FaceID(rawValue: 3)) == record(bob, photo: 2))
      #expect(try snapshot.faceRecord(FaceID(rawValue: 9)) == nil)
      #expect(try snapshot.thumbnail(of: FaceID(rawValue: 1)) == [0xFF, 0xD8])
      var owners: [FaceID: PersonID] = [:]
      try snapshot.forEachOwner { owners[$0] = $1 }
      #expect(owners.count == 4 && owners[FaceID(rawValue: 3)] == bob)
    }
  }

  @Test(
    "vectors are read where they lie, one, from a number on, or in a range", arguments: StoreKind.allCases)
  func vectors(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    _ = try fill(store)
    try store.read { snapshot throws in
      #expect(try snapshot.vector(of: FaceID(rawValue: 2)) == vector(1))
      #expect(try snapshot.vector(of: FaceID(rawValue: 7)) == nil)
      let (faces, rows) = try snapshot.vectors(from: 2, limit: 2)
      #expect(faces == [2, 3] && rows == vector(1) + vector(2))
      var found: [UInt64] = []
      try snapshot.forEachBatch(of: 2...3) { batch in
        for item in batch {
          #expect(VectorBytes.decode(item.bytes) == vector(Int(item.number) - 1))
          found.append(item.number)
        }
      }
      #expect(found == [2, 3])
      try snapshot.verifyVectors(of: [1, 2, 3, 4])
      #expect(throws: GalleryError.self) { try snapshot.verifyVectors(of: [5]) }
      var embeddings = 0
      try snapshot.forEachEmbedding { face, record, bytes throws in
        embeddings += 1
        #expect(VectorBytes.decode(bytes) == vector(Int(face.rawValue) - 1) && record.path != nil)
      }
      #expect(embeddings == 4)
    }
  }

  @Test("a snapshot stays as it is while others write", arguments: StoreKind.allCases)
  func isolation(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, _) = try fill(store)
    try store.read { snapshot throws in
      let before = snapshot.number
      #expect(try store.read { $0.number } == before)
      _ = try store.write { try $0.remove(ada) }
      #expect(try snapshot.faces(of: ada) == ids(1, 2) && snapshot.vector(of: FaceID(rawValue: 1)) != nil)
      let (number, faces) = try store.read { ($0.number, try $0.faces(of: ada)) }
      #expect(number > before && faces.isEmpty)
    }
  }

  @Test("what throws changes nothing, not even numbers", arguments: StoreKind.allCases)
  func undone(kind: StoreKind) throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, _) = try fill(store)
    let before = try store.read { try $0.counters() }
    #expect(throws: Stop.self) {
      try store.write { writer throws in
        _ = try writer.remove(ada)
        _ = try writer.insert(name("Eve"))
        #expect(try writer.faces(of: ada).isEmpty && writer.person(named: name("Eve")) != nil)
        throw Stop()
      }
    }
    #expect(try store.read { try $0.counters() } == before)
    #expect(try store.read { try $0.person(ada)?.faceCount } == 2)
  }

  @Test("who is removed comes back, in one step each, or nobody", arguments: StoreKind.allCases)
  func undo(kind: StoreKind) throws {
    struct Stop: Error {}
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, _) = try fill(store)
    func people() throws -> [Person] { try store.read { try $0.people() } }
    let before = try people()
    func vectors() throws -> [[Float]?] {
      try store.read { snapshot in try snapshot.faces(of: ada).map { try snapshot.vector(of: $0) } }
    }
    let faces = try vectors()
    #expect(throws: Stop.self) {
      try store.write { writer throws in
        _ = try writer.remove(people: [ada], keeping: true)
        throw Stop()
      }
    }
    #expect(try store.read { try $0.removals() }.isEmpty)
    #expect(try people() == before)
    _ = try store.write { try $0.remove(people: [ada], keeping: true) }
    let removal = try #require(try store.read { try $0.removals() }.first)
    #expect(removal.people == 1 && removal.faces == 2)
    #expect(try people().count == before.count - 1)
    #expect(throws: Stop.self) {
      try store.write { writer throws in
        _ = try writer.undo(removal.number)
        throw Stop()
      }
    }
    #expect(try people().count == before.count - 1)
    let returned = try store.write { try $0.undo(removal.number) }
    #expect(try #require(returned) == (1, 2, 0))
    #expect(try people() == before && vectors() == faces)
    #expect(try store.write { try $0.undo(removal.number) } == nil)
    #expect(try store.read { try $0.removals() }.isEmpty)

    #expect(try store.write { try $0.removeEverybody(keeping: true) } == (2, 3))
    #expect(try store.write { try $0.forgetExpiredRemovals(now: .now) } == 0)
    #expect(try store.write { try $0.forgetExpiredRemovals(now: .now.addingTimeInterval(25 * 3600)) } == 1)
    #expect(try store.read { try $0.removals() }.isEmpty)
    #expect(try store.check(repair: false, progress: nil).isHealthy)
  }

  @Test(
    "a face stands for its person while it is theirs, and again when what happened to it is undone",
    arguments: StoreKind.allCases)
  func picture(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, bob) = try fill(store)
    let (first, second, third) = (FaceID(rawValue: 1), FaceID(rawValue: 2), FaceID(rawValue: 3))
    func pictures() throws -> [FaceID?] {
      try store.read { snapshot throws in
        try [ada, bob].map { person in
          let picture = try snapshot.picture(of: person)
          #expect(try snapshot.person(person)?.picture == picture)
          return picture
        }
      }
    }
    #expect(try pictures() == [nil, nil])
    let before = try store.read { try $0.counters().sequence }
    try store.write { try $0.setPicture(second, of: ada) }
    #expect(try changes(store, after: before).map(\.kind) == [.renamed])
    #expect(try pictures() == [second, nil])
    // What is so already is no change.
    try store.write { try $0.setPicture(second, of: ada) }
    #expect(try changes(store, after: before).count == 1)
    // A new name leaves it.
    try store.write { writer throws in try writer.rename(ada, to: name("Ada L")) }
    #expect(try pictures() == [second, nil])
    // Moved away and back.
    try store.write { try $0.move(second, to: bob) }
    #expect(try pictures() == [nil, nil])
    try store.write { try $0.move(second, to: ada) }
    #expect(try pictures() == [second, nil])
    // Removed, alone and with the person, and brought back.
    for people in [[], [ada]] {
      let removal = try store.write {
        try $0.remove(people: people, faces: people.isEmpty ? [second] : [], keeping: true)
      }
      #expect(try pictures() == [nil, nil])
      _ = try store.write { writer throws in try writer.undo(try #require(removal.number)) }
      #expect(try pictures() == [second, nil])
    }
    // Who becomes one with somebody takes it along, but not in the place of another.
    try store.write { try $0.merge(ada, into: bob) }
    #expect(try pictures() == [nil, second])
    let eve = try store.write { writer throws in
      let eve = try writer.insert(name("Eve"))
      try writer.move(third, to: eve)
      try writer.setPicture(third, of: eve)
      try writer.merge(eve, into: bob)
      return eve
    }
    #expect(try pictures() == [nil, second])
    try store.write { try $0.setPicture(nil, of: bob) }
    #expect(try pictures() == [nil, nil])
    #expect(throws: GalleryError.self) { try store.write { try $0.setPicture(first, of: eve) } }
    #expect(try store.check(repair: false, progress: nil).isHealthy)
  }

  @Test("each change is logged with what an index needs", arguments: StoreKind.allCases)
  func log(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, bob) = try fill(store)
    #expect(try changes(store, after: 0).map(\.kind) == [.added, .added, .added, .added])
    try store.write { writer throws in
      try writer.rename(bob, to: name("Bobby"))
      try writer.move(FaceID(rawValue: 4), to: bob)
      try writer.remove(FaceID(rawValue: 3))
      try writer.setTag("team", "red", of: .person(ada))
      try writer.noteTags(of: ada)
      try writer.merge(ada, into: bob)
    }
    let later = try changes(store, after: 4)
    #expect(later.map(\.kind) == [.renamed, .moved, .removed, .renamed, .moved, .moved, .personRemoved])
    #expect(later.map(\.face.rawValue) == [0, 4, 3, 0, 1, 2, 0])
    #expect(Set(later.map(\.tag)).count == 1)
    let counters = try store.read { try $0.counters() }
    #expect(counters.sequence == 11 && counters.tag == later[0].tag && counters.lastFace == 4)
    #expect(try store.read { try $0.tags(of: .person(bob)) } == ["team": "red"])
    #expect(try store.read { try $0.faces(of: bob) } == ids(1, 2, 4))
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)

    try store.write { try $0.trimChanges(through: 9) }
    #expect(try store.read { try $0.counters().trimmed } == 9)
    #expect(try changes(store, after: 9).count == 2)
    #expect(throws: GalleryError.self) { try changes(store, after: 3) }
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
  }

  @Test("names are one person's, numbers are given once", arguments: StoreKind.allCases)
  func identity(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, bob) = try fill(store)
    func code(_ body: () throws -> Void) -> GalleryError.Code? {
      do { try body() } catch { return (error as? GalleryError)?.code }
      return nil
    }
    #expect(code { try store.write { try $0.rename(ada, to: name("Bob")) } } == .nameTaken)
    #expect(code { try store.write { try $0.rename(PersonID(rawValue: 9), to: name("Z")) } } == .noSuchPerson)
    #expect(code { try store.write { try $0.remove(FaceID(rawValue: 9)) } } == .noSuchFace)
    #expect(code { _ = try store.write { try $0.remove(PersonID(rawValue: 9)) } } == .noSuchPerson)
    let other = EngineIdentity(
      fingerprint: EngineFingerprint(
        alignment: "none", weightsDigest: "4567", preprocessing: "none", normalization: "unit length",
        dimension: 4),
      operatingPoint: nil, engine: nil)
    #expect(code { _ = try store.write { try $0.settleEngine(other) } } == .engineMismatch)
    #expect(
      code { _ = try store.write { try $0.insert(record(ada), vector: [0, 0, 128, 63], thumbnail: nil) } }
        == .invalidEmbedding)
    try store.write { writer throws in
      try writer.remove(FaceID(rawValue: 4))
      #expect(try writer.remove(bob) == 1)
    }
    let (person, face) = try store.write { writer throws in
      (
        try writer.insert(name("Bob")),
        try writer.insert(record(ada), vector: VectorBytes.encode(vector(0)), thumbnail: nil)
      )
    }
    #expect(person.rawValue == 3 && face.rawValue == 5)
  }

  @Test("people are found by what their names are compared by", arguments: StoreKind.allCases)
  func nameKeys(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, bob) = try fill(store)
    let long = String(repeating: "ﷺ", count: 160)
    try store.write { writer throws in
      // As programs did that compared names as they are written.
      let other = try writer.insert(name("ADA"))
      let third = try writer.insert(name(long))
      #expect(
        try writer.people(withKey: NameKey(of: "aDa")) == [ada, other]
          && writer.namesakes() == [[ada, other]])
      #expect(try writer.person(named: name("aDa")) == ada && writer.person(named: name("ADA")) == other)
      #expect(try writer.person(named: name("BOB")) == bob && writer.person(exactly: name("BOB")) == nil)
      #expect(try writer.person(named: name(long + "\u{200D}")) == third)
      #expect(throws: GalleryError.self) { try writer.rename(bob, to: name("ada ")) }
      #expect(throws: GalleryError.self) { try writer.rename(other, to: name("aDa")) }
      try writer.rename(bob, to: name("BOB"))
    }
    try store.read { snapshot throws in
      #expect(try snapshot.person(named: name("aDA")) == ada && snapshot.person(exactly: name("Bob")) == nil)
      #expect(try snapshot.person(named: name("bob")) == bob)
    }
    #expect(
      try store.check(repair: false, progress: nil).namesakes.map { $0.map(\.name) } == [["Ada", "ADA"]])
    try store.write { writer throws in _ = try writer.remove(ada) }
    try store.read { snapshot throws in
      #expect(try snapshot.namesakes() == [] && snapshot.people(withKey: NameKey(of: "ada")).count == 1)
    }
    let report = try store.check(repair: false, progress: nil)
    #expect(report.findings.isEmpty && report.namesakes.isEmpty)
    _ = try store.write { writer throws in try writer.removeAllPeople() }
    #expect(try store.read { try $0.people(withKey: NameKey(of: "bob")) } == [])
  }

  @Test("tags and groups go with those who have them", arguments: StoreKind.allCases)
  func tags(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    let (ada, bob) = try fill(store)
    let face = FaceID(rawValue: 4)
    try store.write { writer throws in
      #expect(try !writer.hasTags())
      try writer.setTag("team", "red", of: .person(ada))
      try writer.setTag("team", "redder", of: .person(bob))
      try writer.setTag("blurred", "", of: .face(face))
      try writer.setGroups([[face, FaceID(rawValue: 1)]])
    }
    try store.read { snapshot throws in
      #expect(try snapshot.people(tagged: "team", nil) == [ada, bob])
      #expect(try snapshot.people(tagged: "team", "red") == [ada])
      #expect(try snapshot.faces(tagged: "blurred", "") == [face])
      #expect(try snapshot.tags(of: .face(face)) == ["blurred": ""])
      #expect(try snapshot.groups() == [4: [face]], "a face with a name is in no group")
    }
    try store.write { writer throws in
      try writer.setTag("team", nil, of: .person(bob))
      try writer.remove(face)
    }
    try store.read { snapshot throws in
      #expect(try snapshot.people(tagged: "team", nil) == [ada])
      #expect(try snapshot.faces(tagged: "blurred", nil).isEmpty && snapshot.groups().isEmpty)
    }
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
  }

  @Test(
    "other vectors take the place of all, and every index made before is out of reach",
    arguments: StoreKind.allCases)
  func replacing(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    _ = try fill(store)
    let other = EngineIdentity(
      fingerprint: EngineFingerprint(
        alignment: "none", weightsDigest: "4567", preprocessing: "none", normalization: "unit length",
        dimension: 2),
      operatingPoint: nil, engine: nil)
    try store.write { writer throws in
      try writer.replaceVectors(of: other) { face, _ in
        VectorBytes.encode(face.rawValue.isMultiple(of: 2) ? [1, 0] : [0, 1])
      }
    }
    try store.read { snapshot throws in
      #expect(try snapshot.fingerprint() == other.fingerprint)
      #expect(try snapshot.vectors(from: 1, limit: 9).rows == [0, 1, 1, 0, 0, 1, 1, 0])
      let counters = try snapshot.counters()
      #expect(counters.trimmed > 4 && counters.sequence == counters.trimmed + 1)
      try snapshot.verifyVectors(of: [1, 2, 3, 4])
    }
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
  }

  @Test("removing everybody leaves the faces without a name", arguments: StoreKind.allCases)
  func removeAll(kind: StoreKind) throws {
    let folder = try TemporaryFolder()
    let store = try kind.make(in: folder)
    _ = try fill(store)
    #expect(try store.write { try $0.removeAllPeople() } == (2, 3))
    #expect(try store.read { try ($0.personCount(), $0.faceCount()) } == (0, 1))
    try store.write { try $0.remove(FaceID(rawValue: 4)) }
    #expect(try store.write { try $0.removeAllPeople() } == (0, 0))
    #expect(try store.check(repair: false, progress: nil).findings.isEmpty)
  }
}
