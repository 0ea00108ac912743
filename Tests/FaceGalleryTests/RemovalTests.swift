import FaceEngine
import Foundation
import LMDB
import Support
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Removing, and bringing back")
struct RemovalTests {
  private func probe(_ person: Int) throws -> Embedding { try Samples.embedding(person: person, face: 9) }

  private func names(_ gallery: Gallery) throws -> [String] { try gallery.people().map(\.name) }

  private func id(_ name: String, _ gallery: Gallery) throws -> PersonID {
    let person = try gallery.person(named: name)
    return try #require(person).id
  }

  /// All that is known of the people and faces of a gallery.
  private struct Content: Equatable {
    var people: [Person] = []
    var faces: [EnrolledFace] = []
    var vectors: [Embedding?] = []
    var pictures: [Data?] = []
    var tags: [[String: String]] = []

    init(_ gallery: Gallery) throws {
      people = try gallery.people()
      faces =
        try people.flatMap { try gallery.faces(of: $0.id) }
        + gallery.unnamedFaces().compactMap { try gallery.face($0) }
      vectors = try faces.map { try gallery.embedding(of: $0.id) }
      pictures = try faces.map { try gallery.thumbnail(of: $0.id) }
      tags = try people.map { try gallery.tags(of: $0.id) } + faces.map { try gallery.tags(of: $0.id) }
    }
  }

  @Test("everybody comes back as they were, found by queries again", arguments: [false, true])
  func undo(hasUnnamed: Bool) throws {
    let folder = try TemporaryFolder()
    var gallery = try folder.open()
    let faces = try gallery.add(Samples.faces(people: 30, each: 2))
    if hasUnnamed { _ = try gallery.addUnnamed([Samples.embedding(person: 77, face: 1)]) }
    let people = try gallery.people()
    try gallery.tag(people[3].id, ["team": "red"])
    try gallery.tag(faces[0], ["camera": "door"])
    let before = try (Content(gallery), gallery.query(probe(4), options: byPerson()).candidates)
    #expect(try gallery.removeAllPeople() == (30, 60))
    #expect(try gallery.query(probe(4), options: byPerson()).candidates.isEmpty)

    #expect(try gallery.undo() == (30, 60, 0))
    #expect(try Content(gallery) == before.0)
    #expect(try gallery.query(probe(4), options: byPerson()).candidates == before.1)
    try gallery.checkInvariants()
    // A process that opens it later finds them too, and nothing is kept.
    try gallery.close()
    gallery = try folder.open()
    #expect(try gallery.query(probe(4), options: byPerson()).candidates == before.1)
    #expect(try gallery.check().isHealthy)
    #expect(try gallery.removals().isEmpty)
    #expect(code { try gallery.undo() } == .nothingToUndo)
    let new = try gallery.add(Samples.faces(people: 1, each: 1))
    #expect(try #require(new.first).rawValue > (faces.map(\.rawValue).max() ?? .max))
  }

  /// What is removed.
  enum Target: CaseIterable { case person, people, face, faces, unnamed }

  @Test(
    "whatever is removed comes back as it was, also to an index that knew it", arguments: Target.allCases,
    [10, 900])
  func anything(target: Target, people: Int) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let faces = try gallery.add(Samples.faces(people: people, each: 2))
    _ = try gallery.addUnnamed([
      Samples.embedding(person: 5000, face: 1), Samples.embedding(person: 5001, face: 1),
    ])
    let options = EnrolmentOptions(keepThumbnails: true)
    _ = try gallery.add(FakePhoto(person: 1, face: 2).photo(), as: Samples.name(3), options: options)
    try gallery.tag(id(Samples.name(3), gallery), ["team": "red"])
    try gallery.tag(faces[6], ["camera": "door"])
    func answers() throws -> [[Match]] {
      try (0..<8).map { try gallery.query(probe($0), options: byPerson()).candidates }
    }
    // The index is brought up to date by the second of them.
    _ = try answers()
    try gallery.saveSnapshot()
    let before = try (Content(gallery), answers())
    switch target {
    case .person: #expect(try gallery.remove(id(Samples.name(3), gallery)) == 3)
    case .people:
      #expect(try gallery.remove([id(Samples.name(3), gallery), id(Samples.name(5), gallery)]) == 5)
    case .face: try gallery.remove(faces[6])
    case .faces: try gallery.remove([faces[6], faces[7], faces[0]])
    case .unnamed: #expect(try gallery.removeUnnamed() == 2)
    }
    #expect(try Content(gallery) != before.0)
    let without = try answers()
    #expect((without == before.1) == (target == .unnamed))
    _ = try gallery.undo()
    #expect(try Content(gallery) == before.0)
    #expect(try answers() == before.1)
    #expect(try answers() == before.1)
    #expect(try gallery.check().isHealthy)
    try gallery.checkInvariants()
    // Removed and brought back many times, and caught up with at any point.
    for round in 0..<12 {
      try gallery.remove(faces[6])
      if round % 3 == 1 { _ = try answers() }
      #expect(try gallery.undo() == (0, 1, 0))
      if round % 4 == 2 { try gallery.saveSnapshot() }
      #expect(try answers() == before.1, "round \(round)")
    }
    try gallery.saveSnapshot()
    #expect(try Content(gallery) == before.0)
    #expect(try gallery.check().isHealthy)
  }

  @Test("who was added since stays, and a name that is taken again gets the faces")
  func undoAfterAdditions() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 3, each: 2))
    try gallery.removeAllPeople()
    _ = try gallery.add(Samples.embedding(person: 50, face: 0), as: "New")
    _ = try gallery.add(Samples.embedding(person: 1, face: 7), as: Samples.name(1))
    #expect(try gallery.undo() == (2, 6, 0))
    #expect(try names(gallery) == ["New", "Person 0", "Person 1", "Person 2"])
    #expect(try gallery.people().map(\.faceCount) == [1, 2, 3, 2])
    #expect(try gallery.query(probe(1), options: byPerson()).candidates.first?.name == "Person 1")
    try gallery.checkInvariants()
    #expect(try gallery.check().isHealthy)
  }

  @Test("faces of somebody who was renamed, merged or removed meanwhile come back to whom they belong")
  func changedMeanwhile() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 4, each: 2))
    let firsts = try gallery.people().compactMap { try gallery.faces(of: $0.id).first?.id }
    try gallery.remove(firsts)
    _ = try gallery.rename(id("Person 0", gallery), to: "Zoe")
    try gallery.merge(id("Person 1", gallery), into: id("Person 3", gallery))
    try gallery.remove(id("Person 2", gallery), purge: true)
    #expect(try gallery.removals().map(\.faces) == [3], "what was purged is forgotten")
    #expect(try gallery.undo() == (0, 3, 0))
    #expect(try names(gallery) == ["Person 3", "Zoe"])
    #expect(try gallery.people().map(\.faceCount) == [4, 2])
    #expect(try gallery.check().isHealthy)
    try gallery.checkInvariants()
  }

  @Test("what is kept of somebody who was merged with another one is the other's from then on")
  func mergedMeanwhile() throws {
    func gallery(_ folder: TemporaryFolder) throws -> Gallery {
      let gallery = try folder.open()
      for name in ["Ada", "Ben"] {
        for face in 0..<3 {
          _ = try gallery.add(Samples.embedding(person: name == "Ada" ? 1 : 2, face: face), as: name)
        }
      }
      try gallery.remove(#require(gallery.faces(of: id("Ada", gallery)).first).id)
      try gallery.merge(id("Ada", gallery), into: id("Ben", gallery))
      return gallery
    }
    do {
      let folder = try TemporaryFolder()
      let gallery = try gallery(folder)
      _ = try gallery.add(Samples.embedding(person: 3, face: 0), as: "Ada")
      #expect(try gallery.undo() == (0, 1, 0))
      #expect(try gallery.people().map(\.faceCount) == [1, 6], "another Ada gets nothing")
    }
    do {
      let folder = try TemporaryFolder()
      let gallery = try gallery(folder)
      let first = try #require(gallery.removals().first).number
      try gallery.remove(id("Ben", gallery))
      #expect(code { try gallery.undo(first) } == .nothingToUndo, "who she became is removed")
      #expect(try gallery.undo() == (1, 5, 0))
      #expect(try gallery.undo() == (0, 1, 0))
      #expect(try gallery.people().map(\.faceCount) == [6])
    }
    do {
      let folder = try TemporaryFolder()
      let gallery = try gallery(folder)
      try gallery.remove(id("Ben", gallery), purge: true)
      #expect(try gallery.removals().isEmpty, "nothing is left of her, either")
    }
  }

  @Test("who comes back to a namesake is that one from then on, with tags, and other faces follow")
  func namesake() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    for face in 0..<3 { _ = try gallery.add(Samples.embedding(person: 1, face: face), as: "Ada") }
    try gallery.tag(id("Ada", gallery), ["dept": "ops", "team": "red"])
    try gallery.remove(#require(gallery.faces(of: id("Ada", gallery)).first).id)
    _ = try gallery.rename(id("Ada", gallery), to: "Eve")
    try gallery.remove(id("Eve", gallery))
    _ = try gallery.add(Samples.embedding(person: 1, face: 7), as: "Eve")
    try gallery.tag(id("Eve", gallery), ["team": "blue"])
    #expect(try gallery.undo() == (0, 2, 0))
    #expect(try gallery.tags(of: id("Eve", gallery)) == ["dept": "ops", "team": "blue"])
    #expect(try gallery.undo() == (0, 1, 0))
    #expect(try names(gallery) == ["Eve"] && gallery.people().map(\.faceCount) == [4])
    // The name from before is known again, too.
    let former = try gallery.read { try $0.formerNames().person(NameKey(of: "Ada")) }
    #expect(try former == id("Eve", gallery))
    try gallery.checkInvariants()
  }

  @Test("a purge forgets what is kept under names from before, and of faces that nobody's are by now")
  func purgeOfNames() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let photo = FakePhoto(person: 1, face: 1).photo()
    _ = try gallery.add(photo, as: "Ada")
    _ = try gallery.add(FakePhoto(person: 1, face: 2).photo(), as: "Ada")
    try gallery.remove(#require(gallery.faces(of: id("Ada", gallery)).first).id)
    try gallery.remove(id("Ada", gallery))
    _ = try gallery.add(FakePhoto(person: 1, face: 3).photo(), as: "Ada")
    _ = try gallery.add(FakePhoto(person: 2, face: 1).photo(), as: "Bob")
    try gallery.remove(#require(gallery.faces(of: id("Bob", gallery)).first).id)
    _ = try gallery.rename(id("Ada", gallery), to: "Ada L")
    try gallery.remove(id("Ada L", gallery), purge: true)
    #expect(try gallery.removals().map(\.faces) == [1], "Bob's stays")
    _ = try gallery.add(FakePhoto(person: 2, face: 1).photo(), as: "Again")
    _ = try gallery.move(
      gallery.faces(of: id("Again", gallery)).map(\.id), to: .nobody(group: nil))
    try gallery.removeUnnamed(purge: true)
    #expect(try gallery.removals().isEmpty)
  }

  @Test("of several faces that are the same each comes back that was there before")
  func twins() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let vector = try Samples.embedding(person: 1, face: 0)
    let faces = try (0..<3).map { _ in try gallery.add(vector, as: "Tom") }
    let before = try Content(gallery)
    for face in faces { try gallery.remove(face) }
    for _ in faces { #expect(try gallery.undo() == (0, 1, 0)) }
    #expect(try Content(gallery) == before)
    #expect(try gallery.check().isHealthy)
  }

  @Test(
    "a face without a name comes back into its group, unless groups were looked for since",
    arguments: [false, true])
  func groups(again: Bool) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try gallery.addUnnamed(
      (0..<4).map { try Samples.embedding(person: 1, face: $0, noise: 0.05) })
    func regroup() throws {
      try gallery.write { writer in
        try writer.setGroups([Array(faces)])
        try writer.forgetGroupsOfRemoved()
      }
    }
    try regroup()
    try gallery.remove(faces[1])
    if again { try regroup() }
    try gallery.undo()
    let groups = try gallery.read { try $0.groups() }
    #expect(groups.values.map { Set($0) } == [Set(again ? [faces[0], faces[2], faces[3]] : faces)])
  }

  @Test("a removal that a wrong clock has dated is kept for a day from when the clock is right")
  func wrongClock() throws {
    let folder = try TemporaryFolder()
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 2, each: 1))
      try gallery.write { writer in
        _ = try writer.remove(
          people: [#require(try writer.person(named: PersonName("Person 0")))], keeping: true,
          now: .now.addingTimeInterval(1e9))
      }
    }
    let gallery = try folder.open()
    let removal = try #require(gallery.removals().first)
    #expect(removal.removed <= .now && removal.expires > .now)
    #expect(try gallery.undo() == (1, 1, 0))
  }

  @Test("one removal that is damaged keeps nobody from the others, and not from the check that repairs")
  func damagedHead() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 4, each: 2))
    for person in 0..<3 { try gallery.remove(id(Samples.name(person), gallery)) }
    let numbers = try gallery.removals().map(\.number)
    func damage(_ number: UInt64) throws {
      let store = try LMDBStore(at: folder.gallery, access: .existing)
      try store.change { writer in
        let table = try #require(writer.tables.removed).removals
        var bytes = try #require(try writer.value(for: number, in: table))
        bytes[bytes.count / 2] ^= 1
        try writer.put(bytes, for: number, in: table)
      }
    }
    try damage(numbers[0])
    #expect(try gallery.info().removals.map(\.number) == Array(numbers[1...]))
    #expect(try gallery.undo() == (1, 2, 0))
    try damage(numbers[1])
    #expect(code { try gallery.undo() } == .damaged, "not an older one instead of the latest")
    #expect(try !gallery.check().isHealthy)
    #expect(try gallery.check(repair: true).findings.allSatisfy(\.isRepaired))
    #expect(try gallery.check().isHealthy)
    #expect(code { try gallery.undo() } == .nothingToUndo)
    try gallery.removeAllPeople(purge: true)
  }

  @Test(
    "a vector is known again, whether or not it came with a photo, and is the person's alone before it is added again"
  )
  func sameVectors() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let vector = try Samples.embedding(person: 1, face: 0)
    // Two people of one vector: each keeps theirs.
    _ = try gallery.add(vector, as: "Ada")
    _ = try gallery.add(vector, as: "Bea")
    try gallery.remove(id("Ada", gallery))
    #expect(try gallery.undo() == (1, 1, 0))
    try gallery.remove(id("Ada", gallery))
    try gallery.remove(id("Bea", gallery), purge: true)
    #expect(try gallery.undo() == (1, 1, 0))

    // From a photo first, and without one afterwards, under another name.
    _ = try gallery.add(FakePhoto(person: 7, face: 1).photo(), as: "Cy")
    let face = try #require(gallery.faces(of: id("Cy", gallery)).first)
    let embedding = try #require(try gallery.embedding(of: face.id))
    try gallery.tag(id("Cy", gallery), ["team": "red"])
    try gallery.remove(id("Cy", gallery))
    _ = try gallery.add(embedding, as: "Dan")
    #expect(try gallery.undo() == (0, 0, 1))
    #expect(try names(gallery) == ["Ada", "Dan"], "Cy has no other face")
  }

  @Test(
    "who is removed again stays removed until that is undone, and is forgotten when it is to purge",
    arguments: [false, true])
  func removedAgain(purge: Bool) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    for person in 1...4 as ClosedRange<UInt8> {
      for face in 1...2 as ClosedRange<UInt8> {
        _ = try gallery.add(FakePhoto(person: person, face: face).photo(), as: "P\(person)")
      }
    }
    let vector = try Samples.embedding(person: 9, face: 1)
    _ = try gallery.add(vector, as: "P4")
    try gallery.removeAllPeople()
    let first = try #require(gallery.removals().first).number
    // Added again, they have other numbers, and one has another name.
    _ = try gallery.add(FakePhoto(person: 1, face: 2).photo(), as: "p1")
    _ = try gallery.add(FakePhoto(person: 3, face: 2).photo(), as: "Somebody")
    let again = try gallery.add(vector, as: "P4")
    try gallery.remove([id("P1", gallery)], purge: purge)
    try gallery.remove(try #require(gallery.faces(of: id("Somebody", gallery)).first).id, purge: purge)
    try gallery.remove([again], purge: purge)
    let kept = try gallery.removals()
    #expect(kept.map(\.people) == (purge ? [3] : [4, 1, 0, 0]))
    // P2 has two, P3 one of two, P4 two of three, and P1 one of two: the same face is kept once.
    #expect(kept.map(\.faces) == (purge ? [5] : [6, 1, 1, 1]))
    #expect(try gallery.undo(first) == (2, 5, 0))
    #expect(try names(gallery) == ["P2", "P3", "P4", "Somebody"])
    #expect(try gallery.people().map(\.faceCount) == [2, 1, 2, 0])
    if !purge {
      #expect(try gallery.removals().map(\.people) == [1, 1, 0, 0])
      #expect(code { try gallery.undo(first) } == .nothingToUndo)
      #expect(try gallery.undo() == (0, 1, 0))
      #expect(try gallery.undo() == (0, 1, 0))
      #expect(try gallery.undo() == (1, 1, 0))
      #expect(try gallery.undo() == (0, 1, 0))
      #expect(try names(gallery) == ["P2", "P3", "P4", "Somebody", "p1"])
      #expect(try gallery.people().map(\.faceCount) == [2, 1, 3, 1, 2])
    }
    #expect(code { try gallery.undo() } == .nothingToUndo)
    #expect(try gallery.check().isHealthy)
  }

  @Test("removals are undone one after the other, each to the state before it")
  func oneByOne() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try gallery.add(Samples.faces(people: 6, each: 3))
    _ = try gallery.addUnnamed([
      Samples.embedding(person: 70, face: 0), Samples.embedding(person: 71, face: 0),
    ])
    var random = SplitMix64(5)
    var states = [try Content(gallery)]
    // A face of somebody, then the person; then others, and everybody at last.
    try gallery.remove(faces[4])
    states.append(try Content(gallery))
    try gallery.remove(id("Person 1", gallery))
    states.append(try Content(gallery))
    for _ in 0..<3 {
      let there = try gallery.faces(limit: .max).faces.map(\.id)
      try gallery.remove([there[Int(random.next() % UInt64(there.count))], there[0]])
      states.append(try Content(gallery))
    }
    try gallery.removeUnnamed()
    states.append(try Content(gallery))
    try gallery.removeAllPeople()
    #expect(try gallery.removals().count == states.count)
    for state in states.reversed() {
      try gallery.undo()
      #expect(try Content(gallery) == state)
    }
    #expect(code { try gallery.undo() } == .nothingToUndo)
    #expect(try gallery.check().isHealthy)
    try gallery.checkInvariants()
  }

  @Test("a name that somebody else had before makes nobody theirs")
  func formerNames() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let vector = try Samples.embedding(person: 1, face: 0)
    _ = try gallery.add(vector, as: "Ann")
    _ = try gallery.rename(id("Ann", gallery), to: "Zoe")
    _ = try gallery.add(vector, as: "Ann")
    try gallery.remove(id("Ann", gallery))
    #expect(try gallery.undo() == (1, 1, 0))
    #expect(try gallery.people().map(\.faceCount) == [1, 1])
    #expect(try gallery.check().isHealthy)
  }

  @Test("who was imported under another name and removed does not come back under the old one")
  func otherName() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let embedding = try Samples.embedding(person: 1, face: 0)
    _ = try gallery.add(embedding, as: "Ada")
    _ = try gallery.add(Samples.embedding(person: 1, face: 1), as: "Ada")
    try gallery.removeAllPeople()
    _ = try gallery.add(embedding, as: "Forget Me")
    try gallery.remove(id("Forget Me", gallery), purge: true)
    #expect(try gallery.undo() == (1, 1, 0))
  }

  @Test("a face without a name that was removed takes nobody's away")
  func unnamedOfSameVector() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let embedding = try Samples.embedding(person: 1, face: 0)
    _ = try gallery.addUnnamed([embedding])
    _ = try gallery.add(embedding, as: "Ada")
    try gallery.removeAllPeople()
    #expect(try gallery.removeUnnamed(purge: true) == 1)
    #expect(try gallery.undo() == (1, 1, 0))
  }

  @Test("a name that is written differently the second time is the same person's")
  func otherWritings() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.embedding(person: 1, face: 0), as: "Zoë Ward")
    _ = try gallery.add(Samples.embedding(person: 2, face: 0), as: "Bob")
    try gallery.removeAllPeople()
    _ = try gallery.add(Samples.embedding(person: 1, face: 1), as: "ZOË  WARD")
    _ = try gallery.add(Samples.embedding(person: 2, face: 1), as: "BOB")
    try gallery.remove(id("bob", gallery), purge: true)
    #expect(try gallery.undo() == (0, 1, 0), "Zoë's face; who was purged since does not come back")
    #expect(try names(gallery) == ["ZOË  WARD"] && gallery.people().map(\.faceCount) == [2])
    #expect(try gallery.check().isHealthy)
  }

  @Test("a photo that was added again is not there twice, and pictures come back")
  func photosAndPictures() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let options = EnrolmentOptions(keepThumbnails: true)
    for person in 1...2 as ClosedRange<UInt8> {
      _ = try gallery.add(FakePhoto(person: person, face: 1).photo(), as: "P\(person)", options: options)
    }
    let face = try #require(gallery.faces(offset: 0, limit: 1).faces.first)
    let picture = try #require(try gallery.thumbnail(of: face.id))
    try gallery.removeAllPeople()
    #expect(try gallery.thumbnail(of: face.id) == nil)
    _ = try gallery.add(FakePhoto(person: 2, face: 1).photo(), as: "P2", options: options)
    #expect(try gallery.undo() == (1, 1, 1))
    #expect(try gallery.people().map(\.faceCount) == [1, 1])
    #expect(try gallery.thumbnail(of: face.id) == picture)
    #expect(try gallery.check().isHealthy)
  }

  @Test("several removals are listed, and each can be undone by its number")
  func several() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    for person in 0..<2 {
      _ = try gallery.add(Samples.embedding(person: person, face: 0), as: Samples.name(person))
      try gallery.removeAllPeople()
    }
    // There is nobody: nothing more is kept.
    try gallery.removeAllPeople()
    let removals = try gallery.removals()
    #expect(removals.map(\.people) == [1, 1] && removals.map(\.faces) == [1, 1])
    #expect(removals[0].number < removals[1].number)
    #expect(try gallery.info().removals == removals)
    #expect(code { try gallery.undo(4711) } == .nothingToUndo)
    #expect(try gallery.undo(removals[0].number) == (1, 1, 0))
    #expect(try names(gallery) == ["Person 0"])
    #expect(try gallery.removals() == [removals[1]])
  }

  @Test("nobody who was removed is in a backup, an export or a restored gallery, nor a byte of theirs")
  func copies() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 30, each: 1))
    _ = try gallery.add(Samples.embedding(person: 400, face: 0), as: "Forget Me Please")
    let vector = try Samples.embedding(person: 400, face: 0)
    try gallery.remove(id("Forget Me Please", gallery))
    let copy = folder.url.appending(path: "copy", directoryHint: .isDirectory)
    try gallery.backup(to: copy)
    let restored = folder.url.appending(path: "restored", directoryHint: .isDirectory)
    try Gallery.restore(from: folder.gallery, to: restored)
    #expect(try gallery.removals().count == 1)
    let bytes = vector.values.withUnsafeBytes { Data($0) }
    for place in [copy, restored] {
      let data = try Data(contentsOf: place.appending(path: "data.mdb"))
      #expect(data.range(of: Data("Forget Me".utf8)) == nil && data.range(of: bytes) == nil)
      let other = try Gallery.open(at: place)
      #expect(try names(other) == names(gallery) && other.removals().isEmpty)
      #expect(code { try other.undo() } == .nothingToUndo)
      #expect(try other.check().isHealthy)
    }
    #expect(try gallery.undo() == (1, 1, 0))
  }

  @Test("removals are forgotten after a day, at opening as well, with compaction, and with a purge")
  func ends() throws {
    let folder = try TemporaryFolder()
    func fill() throws -> Removal {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 2, each: 1))
      try gallery.removeAllPeople()
      return try #require(gallery.removals().last)
    }
    let removal = try fill()
    try folder.open().forgetExpiredRemovals(now: removal.expires.addingTimeInterval(-1))
    #expect(try folder.open().removals() == [removal])
    try folder.open().forgetExpiredRemovals(now: removal.expires)
    #expect(try folder.open().removals().isEmpty)

    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 3, each: 1))
      let people = try gallery.people()
      // One is two days old, and one of today.
      try gallery.write { writer in
        _ = try writer.remove(
          people: [people[0].id], keeping: true, now: .now.addingTimeInterval(-2 * 24 * 3600))
      }
      try gallery.remove(people[1].id)
      #expect(try gallery.read { try $0.removals() }.count == 2)
      #expect(try gallery.removals().count == 1, "what is due is not shown")
      try gallery.close()
    }
    let opened = try folder.open()
    #expect(try opened.removals().map(\.people) == [1])
    #expect(try opened.undo() == (1, 1, 0))
    #expect(try opened.check().isHealthy)
    try opened.close()

    _ = try fill()
    _ = try Gallery.compact(at: folder.gallery)
    #expect(try folder.open().removals().isEmpty)

    _ = try fill()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    #expect(try gallery.removeAllPeople(purge: true) == (2, 2))
    #expect(code { try gallery.undo() } == .nothingToUndo)
  }

  @Test(
    "a gallery that has another engine's embeddings by now takes nobody back, until it has the old one's again"
  )
  func otherEngine() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    try gallery.removeAllPeople()
    let kept = try gallery.removals()
    func change(to weights: String) throws {
      try gallery.write { writer in
        let other = EngineFingerprint(
          alignment: Samples.fingerprint.alignment, weightsDigest: weights,
          preprocessing: Samples.fingerprint.preprocessing, normalization: Samples.fingerprint.normalization,
          dimension: Samples.dimension)
        try writer.replaceVectors(
          of: EngineIdentity(fingerprint: other, operatingPoint: nil, engine: nil)
        ) { _, _ in [] }
      }
    }
    try change(to: "4567")
    #expect(code { try gallery.undo() } == .engineMismatch)
    #expect(try gallery.removals() == kept)
    try change(to: Samples.fingerprint.weightsDigest)
    #expect(try gallery.undo() == (2, 2, 0))
    #expect(try gallery.check().isHealthy)
  }

  @Test("a face that has another name by now is skipped, and who has no other face")
  func otherNames() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    _ = try gallery.add(FakePhoto(person: 1, face: 2).photo(), as: "P1")
    _ = try gallery.add(FakePhoto(person: 2, face: 2).photo(), as: "P2")
    _ = try gallery.add(FakePhoto(person: 2, face: 3).photo(), as: "P2")
    _ = try gallery.add(Samples.embedding(person: 3, face: 1), as: "P3")
    _ = try gallery.add(Samples.embedding(person: 4, face: 1), as: "P4")
    _ = try gallery.add(Samples.embedding(person: 4, face: 2), as: "P4")
    _ = try gallery.add(Samples.embedding(person: 4, face: 2), as: "P4")
    try gallery.addPerson(named: "Faceless")
    let before = try gallery.faces(of: id("P4", gallery))
    try gallery.removeAllPeople()
    _ = try gallery.add(FakePhoto(person: 1, face: 2).photo(), as: "Q1")
    _ = try gallery.add(FakePhoto(person: 2, face: 2).photo(), as: "Q2")
    _ = try gallery.add(Samples.embedding(person: 3, face: 1), as: "Q3")
    _ = try gallery.add(Samples.embedding(person: 4, face: 1), as: "P4")
    // Another photo of the same, and one that nobody named, take nothing away.
    _ = try gallery.add(FakePhoto(person: 1, face: 3).photo(), as: "Q1")
    _ = try gallery.add([NamedPhoto(FakePhoto(person: 2, face: 3).photo(), name: nil)])

    #expect(try gallery.undo() == (2, 3, 4))
    #expect(try names(gallery) == ["Faceless", "P2", "P4", "Q1", "Q2", "Q3"])
    #expect(try gallery.people().map(\.faceCount) == [0, 1, 3, 2, 1, 1])
    // Two of the same vector were there, and are again.
    #expect(try gallery.faces(of: id("P4", gallery)).map(\.id).dropLast() == before.map(\.id).dropFirst())
    #expect(try gallery.check().isHealthy)
  }

  @Test("undo takes nothing that is not what was written: it is an error, and a repair forgets it")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let before: Content
    do {
      let gallery = try folder.openWithEngine()
      let options = EnrolmentOptions(keepThumbnails: true)
      for person in 1...3 as ClosedRange<UInt8> {
        _ = try gallery.add(FakePhoto(person: person, face: 1).photo(), as: "P\(person)", options: options)
      }
      _ = try gallery.tag(id("P1", gallery), ["team": "red"])
      before = try Content(gallery)
      try gallery.removeAllPeople()
      try gallery.close()
    }
    var random = SplitMix64(11)
    var refused = 0
    for trial in 0..<120 {
      let damaged = try TemporaryFolder()
      try FileManager.default.copyItem(at: folder.gallery, to: damaged.gallery)
      // One bit of what is kept, key or value.
      do {
        let store = try LMDBStore(at: damaged.gallery, access: .existing)
        try store.change { writer in
          let removed = try #require(writer.tables.removed)
          let one = UInt64(1 + trial % 3)
          if trial % 4 == 3 {
            let face = try writer.removedFace(FaceID(rawValue: one))
            let marks = try #require(face).marks
            try writer.remove(one, of: marks[trial / 4 % marks.count], from: removed.marks)
            return
          }
          let removal = try writer.removals().first?.number ?? 0
          let (table, key) = [
            (removed.removals, removal), (removed.persons, one), (removed.faces, one),
          ][trial % 4]
          let value = try writer.value(for: key, in: table)
          var bytes = try #require(value)
          bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
          try writer.put(bytes, for: key, in: table)
        }
      }
      let gallery = try damaged.openWithEngine()
      let failure = code { try gallery.undo() }
      if let failure {
        #expect(failure == .damaged, "trial \(trial)")
        refused += 1
        #expect(try names(gallery).isEmpty, "trial \(trial)")
        let report = try gallery.check()
        #expect(!report.isHealthy && report.findings.allSatisfy { $0.part == .removals && $0.isRepairable })
        // It stands in nobody's way, and a repair forgets it.
        _ = try gallery.add(FakePhoto(person: 1, face: 1).photo(), as: "P1")
        try gallery.remove(id("P1", gallery), purge: true)
        _ = try gallery.check(repair: true)
        if try !gallery.removals().isEmpty { try gallery.undo() }
      } else {
        #expect(try Content(gallery) == before, "trial \(trial)")
      }
      #expect(try gallery.check().isHealthy, "trial \(trial)")
    }
    #expect(refused >= 85)
  }

  @Test("a face that is damaged can be removed")
  func damagedFace() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try gallery.add(Samples.faces(people: 2, each: 2))
    do {
      let store = try LMDBStore(at: folder.gallery, access: .existing)
      try store.change { writer in
        let value = try writer.value(for: faces[0].rawValue, in: writer.tables.vectors)
        var bytes = try #require(value)
        bytes[7] ^= 1
        try writer.put(bytes, for: faces[0].rawValue, in: writer.tables.vectors)
      }
    }
    try gallery.remove(id("Person 0", gallery))
    #expect(try gallery.check().isHealthy)
    #expect(try gallery.undo() == (1, 1, 0), "the other face")
    #expect(try gallery.check().isHealthy)
  }

  @Test(
    "on a full disk nobody is removed and nobody brought back",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(megabytes: 32))
    let gallery = try Gallery.open(
      at: disk.url.appending(path: "gallery"), options: GalleryOptions(fingerprint: Samples.fingerprint))
    // So many that pages which are free in the file are too few for a copy of all.
    _ = try gallery.add(Samples.faces(people: 40, each: 25))
    try gallery.removeAllPeople()
    let others = try (100..<140).flatMap { person in
      try (0..<25).map {
        (name: Samples.name(person), embedding: try Samples.embedding(person: person, face: $0))
      }
    }
    _ = try gallery.add(others)
    let removals = try gallery.removals()
    try disk.fill()
    #expect(code { try gallery.removeAllPeople() } == .diskFull)
    #expect(code { try gallery.undo() } == .diskFull)
    try disk.empty()
    #expect(try Set(names(gallery)) == Set((100..<140).map(Samples.name)) && gallery.removals() == removals)
    #expect(try gallery.undo() == (40, 1000, 0))
    #expect(try gallery.check().isHealthy)
  }

  @Test("copies that older versions kept in a folder are deleted, and nothing else there")
  func oldCopies() throws {
    let folder = try TemporaryFolder()
    _ = try folder.open().add(Samples.faces(people: 1, each: 1))
    let removed = folder.gallery.appending(path: "removed", directoryHint: .isDirectory)
    for name in ["20261129T201500Z-5f0c2d9a", "album"] {
      let place = removed.appending(path: name, directoryHint: .isDirectory)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      try Data("x".utf8).write(to: place.appending(path: "data.mdb"))
    }
    _ = try folder.open()
    #expect(try FileManager.default.contentsOfDirectory(atPath: removed.path) == ["album"])
  }

  @Test("the saved index that a killed removal of everybody leaves goes with the next writer")
  func killedBeforeSnapshot() throws {
    let folder = try TemporaryFolder()
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 30, each: 1))
      try gallery.close()
    }
    let left = try Data(contentsOf: folder.snapshot)
    do {
      let gallery = try folder.open()
      try gallery.removeAllPeople(purge: true)
      try gallery.close()
    }
    // As if it had been killed after the commit and before it removed the saved index.
    try left.write(to: folder.snapshot)
    do {
      let gallery = try folder.open()
      #expect(try gallery.info().snapshot.state == .tooOld)
      #expect(try gallery.query(probe(1), options: byPerson()).candidates.isEmpty)
      try gallery.close()
    }
    // Who only reads leaves it.
    #expect(try Data(contentsOf: folder.snapshot) == left)
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.embedding(person: 50, face: 0), as: "New")
      try gallery.close()
    }
    #expect((try? Data(contentsOf: folder.snapshot)) != left)
    let gallery = try folder.open()
    #expect(try gallery.info().snapshot.state != .tooOld)
    #expect(try gallery.query(probe(50), options: byPerson()).candidates.map(\.name) == ["New"])
    #expect(try gallery.check().isHealthy)
  }
}
