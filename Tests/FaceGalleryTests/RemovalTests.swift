import FaceEngine
import Foundation
import LMDB
import Support
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryStore

@Suite("Removing everybody, and bringing them back")
struct RemovalTests {
  private func probe(_ person: Int) throws -> Embedding { try Samples.embedding(person: person, face: 9) }

  private func names(_ gallery: Gallery) throws -> [String] { try gallery.people().map(\.name) }

  private func id(_ name: String, _ gallery: Gallery) throws -> PersonID {
    let person = try gallery.person(named: name)
    return try #require(person).id
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
    let before = try gallery.query(probe(4), options: byPerson()).candidates
    #expect(try gallery.removeAllPeople() == (30, 60))
    #expect(try gallery.query(probe(4), options: byPerson()).candidates.isEmpty)

    #expect(try gallery.undoRemoval() == (30, 60, 0))
    #expect(try gallery.people() == people)
    #expect(try gallery.tags(of: people[3].id) == ["team": "red"])
    #expect(try gallery.tags(of: faces[0]) == ["camera": "door"])
    #expect(try gallery.query(probe(4), options: byPerson()).candidates == before)
    #expect(try gallery.unnamedFaces().count == (hasUnnamed ? 1 : 0))
    try gallery.checkInvariants()
    // A process that opens it later finds them too, and the copy is gone.
    try gallery.close()
    gallery = try folder.open()
    #expect(try gallery.query(probe(4), options: byPerson()).candidates == before)
    #expect(try gallery.check().isHealthy)
    #expect(try gallery.removalCopies().isEmpty)
    #expect(code { try gallery.undoRemoval() } == .nothingToUndo)
    let new = try gallery.add(Samples.faces(people: 1, each: 1))
    #expect(try #require(new.first).rawValue > (faces.map(\.rawValue).max() ?? .max))
  }

  @Test("who was added since stays, and a name that is taken again gets the faces")
  func undoAfterAdditions() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 3, each: 2))
    try gallery.removeAllPeople()
    _ = try gallery.add(Samples.embedding(person: 50, face: 0), as: "New")
    _ = try gallery.add(Samples.embedding(person: 1, face: 7), as: Samples.name(1))
    #expect(try gallery.undoRemoval() == (2, 6, 0))
    #expect(try names(gallery) == ["New", "Person 0", "Person 1", "Person 2"])
    #expect(try gallery.people().map(\.faceCount) == [1, 2, 3, 2])
    #expect(try gallery.query(probe(1), options: byPerson()).candidates.first?.name == "Person 1")
    try gallery.checkInvariants()
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
    try gallery.remove(id("Forget Me", gallery))
    #expect(try gallery.undoRemoval() == (1, 1, 0))
  }

  @Test("a face without a name that was removed takes nobody's from the copy")
  func unnamedOfSameVector() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let embedding = try Samples.embedding(person: 1, face: 0)
    _ = try gallery.addUnnamed([embedding])
    _ = try gallery.add(embedding, as: "Ada")
    try gallery.removeAllPeople()
    #expect(try gallery.removeUnnamed() == 1)
    #expect(try gallery.undoRemoval() == (1, 1, 0))
  }

  @Test("what was purged takes no copy with it that was kept since")
  func purgeBesideAnother() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 3, each: 2))
    try gallery.removeAllPeople()
    // As a purge does that was held up after its commit.
    let store = try Stores.open(at: folder.gallery, access: .existing)
    #expect(RemovalCopies(gallery: folder.gallery).removeUnnoted(by: store) == nil)
    #expect(try gallery.removalCopies().count == 1)
    #expect(try gallery.undoRemoval() == (3, 6, 0))
    try gallery.removeAllPeople()
    _ = try gallery.add(Samples.faces(people: 1, each: 1))
    try gallery.removeAllPeople(purge: true)
    #expect(try gallery.removalCopies().isEmpty)
  }

  @Test("a name that is written differently the second time is the same person's, in a copy too")
  func otherWritings() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.embedding(person: 1, face: 0), as: "Zoë Ward")
    _ = try gallery.add(Samples.embedding(person: 2, face: 0), as: "Bob")
    try gallery.removeAllPeople()
    _ = try gallery.add(Samples.embedding(person: 1, face: 1), as: "ZOË  WARD")
    _ = try gallery.add(Samples.embedding(person: 2, face: 1), as: "BOB")
    try gallery.remove(id("bob", gallery))
    #expect(try gallery.undoRemoval() == (0, 1, 0), "Zoë's face; who was removed since does not come back")
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
    #expect(try gallery.undoRemoval() == (1, 1, 1))
    #expect(try gallery.people().map(\.faceCount) == [1, 1])
    #expect(try gallery.thumbnail(of: face.id) == picture)
    #expect(try gallery.check().isHealthy)
  }

  @Test("several removals are listed, and each can be undone by its name")
  func several() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    for person in 0..<2 {
      _ = try gallery.add(Samples.embedding(person: person, face: 0), as: Samples.name(person))
      try gallery.removeAllPeople()
    }
    // There is nobody: nothing more is kept.
    try gallery.removeAllPeople()
    let copies = try gallery.removalCopies()
    #expect(copies.map(\.people) == [1, 1] && copies.map(\.faces) == [1, 1])
    #expect(try gallery.info().removals == copies)
    #expect(code { try gallery.undoRemoval("../gallery") } == .nothingToUndo)
    #expect(try gallery.undoRemoval(copies[0].name) == (1, 1, 0))
    #expect(try names(gallery) == ["Person 0"])
    #expect(try gallery.removalCopies() == [copies[1]])
  }

  @Test("a copy is its owner's alone, and is a gallery that can be restored")
  func copies() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 3, each: 1))
    try gallery.removeAllPeople()
    let copy = try #require(gallery.removalCopies().first)
    let place = folder.gallery.appending(path: "removed/\(copy.name)", directoryHint: .isDirectory)
    func mode(_ url: URL) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions] as? Int
    }
    #expect(try mode(folder.gallery.appending(path: "removed")) == 0o700)
    #expect(try mode(place) == 0o700)
    for name in ["data.mdb", "removal.json"] { #expect(try mode(place.appending(path: name)) == 0o600) }
    let restored = folder.url.appending(path: "restored", directoryHint: .isDirectory)
    try Gallery.restore(from: place, to: restored)
    #expect(try names(Gallery.open(at: restored)) == ["Person 0", "Person 1", "Person 2"])
  }

  @Test("copies go after a day, at opening as well, with compaction, and with a purge")
  func ends() throws {
    let folder = try TemporaryFolder()
    let removed = folder.gallery.appending(path: "removed")
    func fill() throws -> RemovalCopy {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 2, each: 1))
      try gallery.removeAllPeople()
      return try #require(gallery.removalCopies().last)
    }
    var copy = try fill()
    try folder.open().removeExpiredCopies(now: copy.expires.addingTimeInterval(-1))
    #expect(try folder.open().removalCopies() == [copy])
    try folder.open().removeExpiredCopies(now: copy.expires)
    #expect(try folder.open().removalCopies().isEmpty)

    copy = try fill()
    // As if it were two days old: its description counts, and the folder's age where there is none.
    let place = removed.appending(path: copy.name)
    let past = Date.now.addingTimeInterval(-2 * 24 * 3600)
    let old = RemovalCopy(
      name: copy.name, removed: past, expires: past.addingTimeInterval(24 * 3600), people: 2, faces: 2)
    try JSONEncoder().encode(old).write(to: place.appending(path: "removal.json"))
    let partial = removed.appending(path: "\(copy.name).4711-0f3a99c2.partial")
    try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: partial.path)
    _ = try folder.open()
    #expect(try FileManager.default.contentsOfDirectory(atPath: removed.path).isEmpty)

    _ = try fill()
    _ = try Gallery.compact(at: folder.gallery)
    #expect(!FileManager.default.fileExists(atPath: removed.path))

    _ = try fill()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    #expect(try gallery.removeAllPeople(purge: true) == (2, 2))
    #expect(!FileManager.default.fileExists(atPath: removed.path))
    #expect(code { try gallery.undoRemoval() } == .nothingToUndo)
  }

  @Test("nobody is removed when the copy cannot be made")
  func noRoom() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    // A file where the copies' folder should be.
    try Data().write(to: folder.gallery.appending(path: "removed"))
    #expect(code { try gallery.removeAllPeople() } != nil)
    #expect(try names(gallery) == ["Person 0", "Person 1"])
    #expect(try gallery.removeAllPeople(purge: true) == (2, 2))
  }

  @Test("a gallery that has another engine's embeddings by now takes nobody back")
  func otherEngine() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    try gallery.removeAllPeople()
    let copy = try #require(gallery.removalCopies().first)
    try gallery.write { writer in
      let other = EngineFingerprint(
        alignment: "none", weightsDigest: "4567", preprocessing: "none", normalization: "unit length",
        dimension: Samples.dimension)
      try writer.replaceVectors(
        of: EngineIdentity(fingerprint: other, operatingPoint: nil, engine: nil)
      ) { _, _ in [] }
    }
    #expect(code { try gallery.undoRemoval() } == .engineMismatch)
    #expect(try gallery.removalCopies() == [copy])
  }

  @Test("who was removed since is in no copy, and does not come back")
  func removedSince() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    for person in 1...4 as ClosedRange<UInt8> {
      for face in 1...2 as ClosedRange<UInt8> {
        _ = try gallery.add(FakePhoto(person: person, face: face).photo(), as: "P\(person)")
      }
    }
    let vector = try Samples.embedding(person: 9, face: 1)
    _ = try gallery.add(vector, as: "P4")
    let unnamed = try gallery.addUnnamed([Samples.embedding(person: 77, face: 1)])
    try gallery.removeAllPeople()
    let copy = try #require(gallery.removalCopies().first)
    // Added again, they have other numbers, and one has another name.
    _ = try gallery.add(FakePhoto(person: 1, face: 2).photo(), as: "P1")
    _ = try gallery.add(FakePhoto(person: 2, face: 2).photo(), as: "P2")
    _ = try gallery.add(FakePhoto(person: 3, face: 2).photo(), as: "Somebody")
    let somebody = try id("Somebody", gallery)
    let again = try gallery.add(vector, as: "P4")
    try gallery.remove(try id("P1", gallery))
    try gallery.remove([try id("P2", gallery)])
    try gallery.remove(try #require(gallery.faces(of: somebody).first).id)
    try gallery.remove([again])
    try gallery.removeUnnamed()
    do {
      let place = folder.gallery.appending(path: "removed/\(copy.name)")
      #expect(code { _ = try Gallery.open(at: place) } == .invalidArgument)
      let kept = try Gallery.openUnchecked(
        at: place, options: GalleryOptions(access: .readOnly)
      )
      #expect(try kept.people().map(\.name) == ["P3", "P4"])
      #expect(try kept.people().map(\.faceCount) == [1, 2])
      #expect(try kept.face(try #require(unnamed.first)) == nil)
      #expect(try kept.check().isHealthy)
    }
    #expect(try gallery.undoRemoval() == (1, 3, 0))
    #expect(try names(gallery) == ["P3", "P4", "Somebody"])
    #expect(try gallery.people().map(\.faceCount) == [1, 2, 0])
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

    #expect(try gallery.undoRemoval() == (2, 3, 4))
    #expect(try names(gallery) == ["Faceless", "P2", "P4", "Q1", "Q2", "Q3"])
    #expect(try gallery.people().map(\.faceCount) == [0, 1, 3, 2, 1, 1])
    // Two of the same vector were there, and are again.
    #expect(try gallery.faces(of: id("P4", gallery)).map(\.id).dropLast() == before.map(\.id).dropFirst())
    #expect(try gallery.check().isHealthy)
  }

  @Test("undo takes nothing from a copy that is not what was written: it is an error, and the copy stays")
  func damagedUndo() throws {
    let folder = try TemporaryFolder()
    struct Content: Equatable {
      var people: [Person] = []
      var faces: [EnrolledFace] = []
      var vectors: [Embedding?] = []
      var pictures: [Data?] = []
      var tags: [[String: String]] = []

      init(_ gallery: Gallery) throws {
        people = try gallery.people()
        faces = try people.flatMap { try gallery.faces(of: $0.id) }
        vectors = try faces.map { try gallery.embedding(of: $0.id) }
        pictures = try faces.map { try gallery.thumbnail(of: $0.id) }
        tags = try people.map { try gallery.tags(of: $0.id) } + faces.map { try gallery.tags(of: $0.id) }
      }
    }
    let before: Content
    let copy: RemovalCopy
    do {
      let gallery = try folder.openWithEngine()
      let options = EnrolmentOptions(keepThumbnails: true)
      for person in 1...3 as ClosedRange<UInt8> {
        _ = try gallery.add(FakePhoto(person: person, face: 1).photo(), as: "P\(person)", options: options)
      }
      _ = try gallery.tag(id("P1", gallery), ["team": "red"])
      before = try Content(gallery)
      try gallery.removeAllPeople()
      copy = try #require(gallery.removalCopies().first)
      try gallery.close()
    }
    let data = try Data(contentsOf: folder.gallery.appending(path: "removed/\(copy.name)/data.mdb"))
    let places = data.indices.filter { data[$0] != 0 }
    // Thumbnails that are no JPEG files any more.
    let pictures = data.indices.dropLast(2).filter { data[$0..<$0 + 3].elementsEqual([0xFF, 0xD8, 0xFF]) }
    #expect(pictures.count >= 3)
    var random = SplitMix64(11)
    var refused = 0
    for trial in 0..<60 + pictures.count {
      let damaged = try TemporaryFolder()
      try FileManager.default.copyItem(at: folder.gallery, to: damaged.gallery)
      let place = trial < 60 ? places[Int(random.next() % UInt64(places.count))] : pictures[trial - 60]
      var bytes = data
      bytes[place] ^= 1 << UInt8(trial % 8)
      try bytes.write(to: damaged.gallery.appending(path: "removed/\(copy.name)/data.mdb"))
      let gallery = try damaged.openWithEngine()
      if let code = code({ try gallery.undoRemoval() }) {
        #expect(code == .damaged, "byte \(place)")
        refused += 1
        #expect(try names(gallery).isEmpty && gallery.removalCopies() == [copy], "byte \(place)")
      } else {
        #expect(try Content(gallery) == before, "byte \(place)")
      }
      #expect(try gallery.check().isHealthy, "byte \(place)")
    }
    #expect(refused > 30)
  }

  /// Who carries out in a copy what was removed since by a process that was killed before it did.
  enum Successor: CaseIterable {
    case undo, opening, change, removal, restore
  }

  @Test(
    "a removal that was killed after it was done is carried out in the copies by whoever comes",
    arguments: Successor.allCases)
  func killedAfterwards(successor: Successor) throws {
    let folder = try TemporaryFolder()
    var gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 4, each: 2))
    try gallery.removeAllPeople()
    let copy = try #require(gallery.removalCopies().first)
    let copies = RemovalCopies(gallery: folder.gallery)
    for person in 0..<2 {
      _ = try gallery.add(Samples.embedding(person: person, face: 5), as: Samples.name(person))
    }
    // The first was killed before, and the second after the commit.
    for (person, isCommitted) in [(0, false), (1, true)] {
      struct Killed: Error {}
      let somebody = try id(Samples.name(person), gallery)
      // Past the gallery, which would bring to its end what was left before.
      try? LMDBStore(at: folder.gallery, access: .existing).write { writer in
        var kept = try writer.keptCopies()
        kept.removals.append(try copies.note(writer.trace(people: [somebody]), in: kept))
        _ = try writer.remove(somebody)
        try writer.setKeptCopies(kept)
        if !isCommitted { throw Killed() }
      }
    }
    func isInCopy(_ name: String) throws -> Bool {
      let kept = try LMDBStore(at: copies.url(of: copy.name), access: .readOnly)
      return try kept.read { try $0.person(named: PersonName(name)) != nil }
    }
    #expect(try names(gallery) == [Samples.name(0)])
    #expect(try isInCopy(Samples.name(0)) && isInCopy(Samples.name(1)))
    switch successor {
    case .undo: break
    case .opening:
      try gallery.close()
      gallery = try folder.open()
      #expect(try !isInCopy(Samples.name(1)))
    case .change:
      try gallery.addPerson(named: "Somebody")
      #expect(try !isInCopy(Samples.name(1)))
    case .removal:
      try gallery.remove(try id(Samples.name(0), gallery))
      #expect(try !isInCopy(Samples.name(0)) && !isInCopy(Samples.name(1)))
    case .restore:
      let restored = folder.url.appending(path: "restored", directoryHint: .isDirectory)
      try Gallery.restore(from: copies.url(of: copy.name), to: restored)
      #expect(try names(Gallery.open(at: restored)) == [0, 2, 3].map(Samples.name))
    }
    if successor != .removal { #expect(try isInCopy(Samples.name(0))) }
    try gallery.undoRemoval()
    #expect(
      try names(gallery).filter { $0.hasPrefix("Person") }
        == (successor == .removal ? [2, 3] : [0, 2, 3]).map(Samples.name))
    #expect(try gallery.check().isHealthy)
    #expect(gallery.warnings.isEmpty)
  }

  @Test("a copy that a purge could not delete is of nobody, and goes with the next change")
  func purgedLater() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    try gallery.removeAllPeople()
    let place = RemovalCopies(gallery: folder.gallery).url(
      of: try #require(gallery.removalCopies().first).name)
    let aside = folder.url.appending(path: "aside", directoryHint: .isDirectory)
    try FileManager.default.copyItem(at: place, to: aside)
    try gallery.removeAllPeople(purge: true)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(at: aside, to: place)
    #expect(try gallery.removalCopies().isEmpty)
    #expect(code { try gallery.undoRemoval() } == .nothingToUndo)
    try gallery.addPerson(named: "Somebody")
    #expect(!FileManager.default.fileExists(atPath: place.path))
  }

  @Test(
    "on a full disk nobody is removed beside a copy, and the copy stays",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(megabytes: 2))
    let gallery = try Gallery.open(
      at: disk.url.appending(path: "gallery"), options: GalleryOptions(fingerprint: Samples.fingerprint))
    _ = try gallery.add(Samples.faces(people: 3, each: 1))
    try gallery.removeAllPeople()
    let again = try gallery.add(Samples.embedding(person: 1, face: 7), as: Samples.name(1))
    let copies = try gallery.removalCopies()
    try disk.fill()
    #expect(code { try gallery.remove(try id(Samples.name(1), gallery)) } == .diskFull)
    #expect(code { try gallery.remove(again) } == .diskFull)
    #expect(code { try gallery.undoRemoval() } == .diskFull)
    try disk.empty()
    #expect(try names(gallery) == [Samples.name(1)] && gallery.removalCopies() == copies)
    #expect(gallery.warnings.isEmpty)
    #expect(try gallery.undoRemoval() == (2, 3, 0))
    #expect(try gallery.check().isHealthy)
  }

  @Test("a copy from which nobody can be removed is deleted with the removal")
  func damagedCopy() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    try gallery.removeAllPeople()
    let copy = try #require(gallery.removalCopies().first)
    let place = folder.gallery.appending(path: "removed/\(copy.name)")
    try Data("damaged".utf8).write(to: place.appending(path: "data.mdb"))
    _ = try gallery.add(Samples.embedding(person: 1, face: 7), as: Samples.name(1))
    try gallery.remove(try #require(gallery.people().first).id)
    #expect(!FileManager.default.fileExists(atPath: place.path))
    #expect(gallery.warnings.count == 1)
    #expect(try names(gallery).isEmpty)
    #expect(code { try gallery.undoRemoval() } == .nothingToUndo)
  }

  @Test("who is removed from the copies stays in none that is damaged elsewhere")
  func damagedRemoval() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    try gallery.removeAllPeople()
    let copies = RemovalCopies(gallery: folder.gallery)
    let name = try #require(gallery.removalCopies().first).name
    _ = try gallery.add(Samples.embedding(person: 1, face: 7), as: Samples.name(1))
    let person = try id(Samples.name(1), gallery)
    // What was written down is not what it was when the store noted it.
    try gallery.write { writer in
      var kept = try writer.keptCopies()
      let digest = try copies.note(writer.trace(people: [person]), in: kept)
      kept.removals.append(digest)
      _ = try writer.remove(person)
      try writer.setKeptCopies(kept)
      try Data("{}".utf8).write(to: copies.url(of: name).appending(path: "pending-\(digest)"))
    }
    #expect(code { try gallery.undoRemoval() } == .damaged)
    #expect(try names(gallery).isEmpty)
  }

  @Test(
    "what a removal that was killed left is no copy, and goes with the next removal",
    arguments: [false, true])
  func killed(isAll: Bool) throws {
    let folder = try TemporaryFolder()
    let database = folder.gallery.appending(path: "data.mdb")
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 3, each: 1))
      try gallery.close()
    }
    let before = try Data(contentsOf: database)
    let copy: RemovalCopy
    do {
      let gallery = try folder.open()
      try gallery.removeAllPeople()
      copy = try #require(gallery.removalCopies().first)
      try gallery.close()
    }
    // As if it had been killed after the copy and before the commit.
    try before.write(to: database)
    let place = folder.gallery.appending(path: "removed/\(copy.name)")
    let gallery = try folder.open()
    #expect(FileManager.default.fileExists(atPath: place.path))
    #expect(try names(gallery).count == 3)
    #expect(try gallery.removalCopies().isEmpty && gallery.info().removals.isEmpty)
    #expect(code { try gallery.undoRemoval() } == .nothingToUndo)
    #expect(code { try gallery.undoRemoval(copy.name) } == .nothingToUndo)
    if isAll {
      try gallery.removeAllPeople()
      #expect(try gallery.removalCopies().map(\.people) == [3])
      #expect(try gallery.undoRemoval() == (3, 3, 0))
    } else {
      try gallery.remove(try id(Samples.name(1), gallery))
      #expect(try names(gallery) == [Samples.name(0), Samples.name(2)])
    }
    #expect(!FileManager.default.fileExists(atPath: place.path))
    #expect(try gallery.check().isHealthy)
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

  @Test("a list of copies that is not what was written is damage, and is put right")
  func damagedList() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    try gallery.removeAllPeople()
    do {
      let store = try LMDBStore(at: folder.gallery, access: .existing)
      try store.change { writer in
        let written = try writer.value(for: MetaKey.keptCopies, in: writer.tables.meta)
        var bytes = try #require(written)
        bytes[12] ^= 1
        try writer.put(bytes, for: MetaKey.keptCopies, in: writer.tables.meta)
      }
    }
    #expect(code { try gallery.undoRemoval() } == .damaged)
    #expect(try !gallery.check().isHealthy)
    _ = try gallery.check(repair: true)
    #expect(try gallery.check().isHealthy)
    #expect(try gallery.removalCopies().isEmpty)
  }
}
