import FaceEngine
import Foundation
import Support
import TestSupport
import Testing

@testable import FaceGallery

@Suite("People")
struct PeopleTests {
  @Test("a person can be there before the first face", arguments: Storage.allCases)
  func personWithoutFaces(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let ada = try gallery.addPerson(named: " Ada ")
    #expect(ada.name == "Ada")
    #expect(ada.faceCount == 0)
    #expect(try gallery.people() == [ada])
    #expect(throws: GalleryError.self) { try gallery.addPerson(named: "Ada") }
    #expect(throws: GalleryError.self) { try gallery.addPerson(named: "") }
    let face = try gallery.add(Samples.embedding(person: 1, face: 1), as: "Ada")
    #expect(try gallery.face(face)?.person == ada.id)
    #expect(try gallery.check().isHealthy)
  }

  @Test("people, faces and embeddings are there after opening again")
  func persistence() throws {
    let folder = try TemporaryFolder()
    do {
      let gallery = try folder.open()
      _ = try gallery.add(Samples.faces(people: 3, each: 2))
    }
    let gallery = try folder.open()
    let people = try gallery.people()
    #expect(people.map(\.name) == ["Person 0", "Person 1", "Person 2"])
    #expect(people.map(\.faceCount) == [2, 2, 2])
    let faces = try gallery.faces(of: people[1].id)
    #expect(faces.count == 2)
    #expect(faces.allSatisfy { $0.person == people[1].id && $0.photo == nil && $0.detection == nil })
    let stored = try #require(try gallery.embedding(of: faces[0].id))
    #expect(try stored.cosineSimilarity(to: Samples.embedding(person: 1, face: 0)) > 0.99999)
    try gallery.checkInvariants()
  }

  @Test("names are trimmed and compared in Unicode form C", arguments: Storage.allCases)
  func names(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let embedding = try Samples.embedding(person: 0, face: 0)
    _ = try gallery.add(embedding, as: "  Zoe\u{308}\n")
    _ = try gallery.add(embedding, as: "Zo\u{EB}")
    #expect(try gallery.people().map(\.name) == ["Zo\u{EB}"])
    #expect(try gallery.person(named: "Zoe\u{308} ")?.faceCount == 2)
    #expect(try gallery.person(named: "Zoé") == nil)
  }

  @Test(
    "a name is the same however it is written, and stays as it was first written", arguments: Storage.allCases
  )
  func writings(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let first = try gallery.add(Samples.embedding(person: 0, face: 0), as: "Zoë Ward")
    let zoe = try #require(try gallery.face(first)).person
    for (face, name) in ["ZOË WARD", "zoe\u{308} \u{A0} ward", "Zoë\u{200B} Ward\u{FEFF}", "Ｚｏë Ward"]
      .enumerated()
    {
      #expect(try gallery.person(named: name)?.id == zoe)
      _ = try gallery.add(Samples.embedding(person: 0, face: face + 1), as: name)
      #expect(code { try gallery.addPerson(named: name) } == .nameTaken)
    }
    #expect(try gallery.people().map(\.name) == ["Zoë Ward"])
    let bob = try gallery.addPerson(named: "Bob")
    #expect(code { try gallery.rename(bob.id, to: "zoë  WARD") } == .nameTaken)
    #expect(code { try gallery.split([first], of: zoe, into: "zoë ward") } == .nameTaken)
    #expect(try gallery.rename(zoe, to: "ZOË WARD").name == "ZOË WARD")
    #expect(try gallery.person(named: "Zoë Ward")?.faceCount == 5)
    #expect(try gallery.check().namesakes.isEmpty)
    try gallery.checkInvariants()
  }

  @Test(
    "a word means a number only where it is nobody's name, and id:NUMBER always does",
    arguments: Storage.allCases)
  func words(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let people = try ["Ada", "#1", "Bob"].map { try gallery.addPerson(named: $0).id }
    func meant(_ word: String) throws -> PersonID? { try gallery.person(called: word)?.id }
    #expect(try meant("#1") == people[1] && meant("id:1") == people[0] && meant("#3") == people[2])
    #expect(try meant("ADA") == people[0] && meant("id:9") == nil && meant("#9") == nil && meant("1") == nil)
  }

  @Test("people are listed in the order of the language: as Foundation compares them, whichever way is taken")
  func order() {
    var generator = SplitMix64(7)
    let parts = ["an", "An", "ä", "Z", "z", " ", "é", "e", "10", "2", "-", "王", "", "ß", "o\u{308}", "'"]
    let names = (0..<600).map { _ in
      (0...Int.random(in: 0...3, using: &generator)).map { _ in parts.randomElement(using: &generator) ?? "" }
        .joined()
    }
    for one in names {
      for other in names.prefix(60) {
        #expect(NameOrder.compare(one, other) == one.localizedStandardCompare(other), "\(one) and \(other)")
      }
    }
    let people = ["person 10", "Zoe", "Person 2", "ångström", "Andersson", "Émile"].map {
      Person(id: PersonID(rawValue: 1), name: $0, faceCount: 0, created: .now)
    }
    #expect(
      people.sortedByName().map(\.name) == ["Andersson", "ångström", "Émile", "Person 2", "person 10", "Zoe"])
  }

  @Test(
    "impossible names are refused",
    arguments: ["", " \n", "a\u{0}b", "a\nb", String(repeating: "é", count: 251)])
  func impossibleNames(name: String) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let embedding = try Samples.embedding(person: 0, face: 0)
    #expect(code { _ = try gallery.add(embedding, as: name) } == .invalidName)
    #expect(code { _ = try gallery.add([("fine", embedding), (name, embedding)]) } == .invalidName)
    #expect(try gallery.people().isEmpty)
    _ = try gallery.add(embedding, as: String(repeating: "é", count: 250))
  }

  @Test("rename keeps number and faces; a taken name is refused", arguments: Storage.allCases)
  func rename(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 2, each: 1))
    let person = try #require(try gallery.person(named: "Person 0"))
    let renamed = try gallery.rename(person.id, to: " Ada ")
    #expect(renamed.id == person.id && renamed.name == "Ada" && renamed.faceCount == 1)
    #expect(try gallery.person(named: "Person 0") == nil)
    #expect(code { try gallery.rename(person.id, to: "Person 1") } == .nameTaken)
    #expect(try gallery.rename(person.id, to: "Ada") == renamed)
    #expect(code { try gallery.rename(PersonID(rawValue: 99), to: "X") } == .noSuchPerson)
    let answer = try gallery.query(Samples.embedding(person: 0, face: 5), options: byPerson())
    #expect(answer.candidates.first?.name == "Ada")
    try gallery.checkInvariants()
  }

  @Test("a face of the person is chosen to stand for them, and no other", arguments: Storage.allCases)
  func picture(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let faces = try gallery.add(Samples.faces(people: 2, each: 2))
    let person = try #require(try gallery.person(named: "Person 0"))
    #expect(person.picture == nil)
    let chosen = try gallery.choosePicture(faces[2], of: person)
    #expect(chosen.picture == faces[2] && chosen.name == person.name && chosen.faceCount == 2)
    #expect(try gallery.people().map(\.picture) == [faces[2], nil])
    #expect(code { try gallery.choosePicture(faces[1], of: person) } == .noSuchFace)
    #expect(code { try gallery.choosePicture(FaceID(rawValue: 99), of: person) } == .noSuchFace)
    #expect(code { try gallery.choosePicture(nil, of: PersonID(rawValue: 99)) } == .noSuchPerson)
    // As it was read, the person is somebody else by now.
    try gallery.rename(person.id, to: "Ada")
    #expect(code { try gallery.choosePicture(faces[0], of: person) } == .noSuchPerson)
    #expect(try gallery.person(person.id)?.picture == faces[2])
    // Split off it is nobody's choice.
    try gallery.split([faces[2]], of: person.id, into: "Eve")
    #expect(try gallery.people().allSatisfy { $0.picture == nil })
    #expect(try gallery.choosePicture(nil, of: person.id).picture == nil)
    #expect(try gallery.check().isHealthy)
  }

  @Test("merge moves the faces, also in answers by person", arguments: [QueryOptions.Plan.exact, .graph])
  func merge(plan: QueryOptions.Plan) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 6, each: 3))
    let query = try Samples.embedding(person: 1, face: 9)
    #expect(try gallery.query(query, options: byPerson(k: 10, plan)).candidates.count == 6)
    let (a, b) = (
      try #require(try gallery.person(named: "Person 1")), try #require(try gallery.person(named: "Person 2"))
    )
    let merged = try gallery.merge(a.id, into: b.id)
    #expect(merged.id == b.id && merged.name == "Person 2" && merged.faceCount == 6)
    #expect(try gallery.person(a.id) == nil)
    let answer = try gallery.query(query, options: byPerson(k: 10, plan))
    #expect(answer.candidates.count == 5)
    #expect(answer.candidates.first?.name == "Person 2")
    #expect(Set(answer.candidates.map(\.person)).count == 5)
    #expect(try gallery.merge(b.id, into: b.id).faceCount == 6)
    #expect(code { try gallery.merge(a.id, into: b.id) } == .noSuchPerson)
    #expect(code { try gallery.merge(b.id, into: a.id) } == .noSuchPerson)
    try gallery.checkInvariants()
  }

  @Test("somebody who was read is meant only as long as the name is theirs")
  func staleReference() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try gallery.add(Samples.faces(people: 3, each: 2))
    let (a, b) = (
      try #require(try gallery.person(named: "Person 1")), try #require(try gallery.person(named: "Person 2"))
    )
    // Another way of writing it is the same name.
    try gallery.rename(a, to: "PERSON 1")
    #expect(try gallery.tag(a, ["team": "x"]) == ["team": "x"])
    try gallery.rename(a, to: "Somebody Else")
    let before = try gallery.people()
    #expect(code { try gallery.rename(a, to: "Third") } == .noSuchPerson)
    #expect(code { try gallery.merge(a, into: b) } == .noSuchPerson)
    #expect(code { try gallery.merge(b, into: a) } == .noSuchPerson)
    #expect(code { try gallery.tag(a, ["team": "y"]) } == .noSuchPerson)
    #expect(code { try gallery.split([faces[2]], of: a, into: "Third") } == .noSuchPerson)
    #expect(code { try gallery.remove(a) } == .noSuchPerson)
    #expect(code { try gallery.remove([b, a]) } == .noSuchPerson)
    #expect(try gallery.people() == before)
    // By number it is the same person.
    #expect(try gallery.remove(a.id) == 2)
    try gallery.checkInvariants()
  }

  @Test(
    "removed people and faces are gone from answers, and their numbers are not used again",
    arguments: Storage.allCases)
  func remove(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let ids = try gallery.add(Samples.faces(people: 4, each: 3))
    let person = try #require(try gallery.person(named: "Person 3"))
    #expect(try gallery.remove(person.id) == 3)
    #expect(code { try gallery.remove(person.id) } == .noSuchPerson)
    try gallery.remove(ids[0])
    #expect(code { try gallery.remove(ids[0]) } == .noSuchFace)
    #expect(try gallery.person(named: "Person 0")?.faceCount == 2)
    for plan in QueryOptions.Plan.allCases {
      let answer = try gallery.query(Samples.embedding(person: 3, face: 0), options: byFace(k: 100, plan))
      #expect(answer.candidates.count == 8)
      #expect(!answer.candidates.contains { $0.person == person.id || $0.face == ids[0] })
    }
    let again = try gallery.add(Samples.embedding(person: 3, face: 0), as: "Person 3")
    #expect(again.rawValue == ids.count + 1)
    #expect(try gallery.person(named: "Person 3")?.id != person.id)
    try gallery.checkInvariants()
  }

  @Test("a person whose last face was removed stays", arguments: Storage.allCases)
  func withoutFaces(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let face = try gallery.add(Samples.embedding(person: 0, face: 0), as: "Ada")
    try gallery.remove(face)
    let person = try #require(try gallery.person(named: "Ada"))
    #expect(person.faceCount == 0)
    #expect(try gallery.faces(of: person.id).isEmpty)
    #expect(try gallery.remove(person.id) == 0)
    try gallery.checkInvariants()
  }

  @Test("people come in pages, by number and after a name", arguments: Storage.allCases)
  func pages(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    for name in ["Bo", "Ada", "Cy", "Äda", "Di"] { try gallery.addPerson(named: name) }
    func names(_ page: PeoplePage) -> [String] { page.people.map(\.name) }
    #expect(try names(gallery.people(limit: 3)) == ["Ada", "Bo", "Cy"])
    #expect(try names(gallery.people(after: "Cy", limit: 3)) == ["Di", "Äda"])
    #expect(try names(gallery.people(after: "Ca", offset: 1, limit: 3)) == ["Di", "Äda"])
    #expect(try names(gallery.people(offset: 4, limit: 3)) == ["Äda"])
    #expect(try names(gallery.people(after: "Äda", limit: 3)) == [])
    #expect(try names(gallery.people(after: "Z", offset: 9, limit: 3)) == [])
    #expect(try names(gallery.people(containing: "ada", after: "Ada", limit: 3)) == ["Äda"])
    #expect(try names(gallery.people(containing: "ada", offset: 1, limit: 3)) == ["Äda"])
    #expect(try gallery.people(after: "Di", limit: 1).total == 5)
    #expect(try gallery.people(containing: "ada", after: "Ada", limit: 1).total == 2)
    #expect(try names(gallery.people(limit: 0)) == [])
    #expect(code { _ = try gallery.people(after: "", limit: 1) } == .invalidName)
    #expect(code { _ = try gallery.people(offset: -1, limit: 1) } == .invalidArgument)
  }

  @Test("faces come in pages, without those that have no name", arguments: [false, true])
  func facePages(hasUnnamed: Bool) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    if hasUnnamed { _ = try gallery.addUnnamed([Samples.embedding(person: 9, face: 0)]) }
    let ids = try gallery.add(Samples.faces(people: 3, each: 2))
    if hasUnnamed { _ = try gallery.addUnnamed([Samples.embedding(person: 9, face: 1)]) }
    #expect(try gallery.faces(offset: 0, limit: 4).faces.map(\.id) == Array(ids[0..<4]))
    #expect(try gallery.faces(offset: 4, limit: 4).faces.map(\.id) == Array(ids[4..<6]))
    #expect(try gallery.faces(offset: 6, limit: 4).faces.isEmpty)
    #expect(try gallery.faces(offset: 0, limit: 0).total == 6)
    #expect(code { _ = try gallery.faces(offset: 0, limit: -1) } == .invalidArgument)
  }

  @Test(
    "everybody is removed at once, and the gallery goes on", arguments: [10, 1_500], [false, true])
  func everybody(people: Int, hasUnnamed: Bool) throws {
    let folder = try TemporaryFolder()
    var gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: people, each: 1))
    try gallery.addPerson(named: "Nobody's face")
    try gallery.tag(try #require(gallery.people().first).id, ["team": "red"])
    let unnamed = hasUnnamed ? try gallery.addUnnamed([Samples.embedding(person: 7, face: 1)]) : []
    let probe = try Samples.embedding(person: 3, face: 5)
    #expect(try gallery.query(probe, options: byPerson()).candidates.first?.name == "Person 3")
    let removed = try gallery.removeAllPeople()
    #expect(removed == (people + 1, people))
    #expect(try gallery.info().faces == unnamed.count)
    #expect(try gallery.people().isEmpty)
    #expect(try gallery.query(probe, options: byPerson()).candidates.isEmpty)
    #expect(try gallery.removeAllPeople() == (0, 0))
    // What is added then is found, also by a process that opens the gallery later.
    let ids = try gallery.add(Samples.faces(people: people, each: 1))
    #expect(Set(ids).count == people)
    #expect(try gallery.query(probe, options: byPerson()).candidates.first?.name == "Person 3")
    try gallery.checkInvariants()
    try gallery.close()
    gallery = try folder.open()
    #expect(try gallery.query(probe, options: byPerson()).candidates.first?.name == "Person 3")
    #expect(try gallery.check().isHealthy)
    if let face = unnamed.first { #expect(try gallery.embedding(of: face) != nil) }
  }
}

/// The code of the gallery's error that `body` throws; nil when it throws none.
func code(_ body: () throws -> Void) -> GalleryError.Code? {
  do {
    try body()
    return nil
  } catch let error as GalleryError {
    return error.code
  } catch {
    return nil
  }
}
