import FaceEngine
import Foundation
import GalleryStore
import Support
import TestSupport
import Testing

@testable import FaceGallery

@Suite("Tags, filtered queries, split")
struct TagTests {
  private func person(_ gallery: Gallery, _ number: Int) throws -> PersonID {
    try #require(try gallery.person(named: Samples.name(number))).id
  }

  @Test("tags are kept, replaced, taken away and normalised")
  func tags() throws {
    let folder = try TemporaryFolder()
    do {
      let gallery = try folder.open()
      let faces = try gallery.add(Samples.faces(people: 2, each: 1))
      let ada = try person(gallery, 0)
      #expect(try gallery.tags(of: ada).isEmpty)
      #expect(try gallery.tag(ada, [" team ": "red", "friends": ""]) == ["team": "red", "friends": ""])
      #expect(try gallery.tag(ada, ["team": "blue", "Zoe\u{308}": "x"])["Zo\u{EB}"] == "x")
      try gallery.tag(faces[1], ["camera": "door"])
      #expect(try gallery.tag(ada, ["friends": nil]) == ["team": "blue", "Zo\u{EB}": "x"])
    }
    let gallery = try folder.open()
    #expect(try gallery.tags(of: person(gallery, 0))["team"] == "blue")
    #expect(try gallery.tags(of: FaceID(rawValue: 2)) == ["camera": "door"])
    for (key, value) in [
      ("", "x"), ("a=b", "x"), ("a\nb", "x"), ("a", "x\u{0}"), (String(repeating: "k", count: 101), ""),
    ] {
      #expect(code { try gallery.tag(FaceID(rawValue: 2), [key: value]) } == .invalidArgument)
    }
    try gallery.tag(
      FaceID(rawValue: 2), [String(repeating: "k", count: 100): String(repeating: "v", count: 400)])
    #expect(code { try gallery.tag(FaceID(rawValue: 9), ["a": "b"]) } == .noSuchFace)
    #expect(code { try gallery.tag(PersonID(rawValue: 9), ["a": "b"]) } == .noSuchPerson)
    #expect(code { _ = try gallery.tags(of: PersonID(rawValue: 9)) } == .noSuchPerson)
    try gallery.checkInvariants()
    #expect(try gallery.check().isHealthy)
  }

  @Test(
    "keys and values of tags are compared as names are, and a key stays as it was first written",
    arguments: Storage.allCases)
  func writings(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add(Samples.faces(people: 3, each: 1))
    #expect(try gallery.tag(person(gallery, 0), ["Équipe A": "Red"]) == ["Équipe A": "Red"])
    #expect(try gallery.tag(person(gallery, 0), ["e\u{301}quipe  a": "Blue Sky"]) == ["Équipe A": "Blue Sky"])
    try gallery.tag(person(gallery, 1), ["ÉQUIPE A": "blue  sky", "équipes": "x"])
    func names(_ condition: String) throws -> [String] {
      var options = byPerson(k: 9)
      options.conditions = try [#require(TagCondition(condition))]
      return try gallery.query(Samples.embedding(person: 0, face: 9), options: options).candidates.map(\.name)
        .sorted()
    }
    #expect(try names("équipe a=BLUE SKY") == [Samples.name(0), Samples.name(1)])
    #expect(try names("équipe a") == [Samples.name(0), Samples.name(1)])
    #expect(try names("équipe") == [] && names("ÉQUIPES") == [Samples.name(1)])
    #expect(code { try gallery.tag(person(gallery, 0), ["Team": "a", "team": "b"]) } == .invalidArgument)
    #expect(try gallery.tag(person(gallery, 1), ["Équipe A": nil]) == ["équipes": "x"])
    #expect(try gallery.check().isHealthy)
  }

  @Test(
    "queries see only faces that meet all conditions, whichever way they go",
    arguments: QueryOptions.Plan.allCases)
  func filteredQueries(plan: QueryOptions.Plan) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try gallery.add(Samples.faces(people: 40, each: 5))
    for number in 0..<40 {
      try gallery.tag(person(gallery, number), ["team": number % 2 == 0 ? "red" : "blue"])
    }
    try gallery.saveSnapshot()
    try gallery.tag(faces[41], ["camera": "door"])  // Face 1 of person 1.
    func names(_ conditions: String..., probe: Int) throws -> Set<String> {
      var options = byPerson(k: 50, plan)
      options.conditions = conditions.compactMap { TagCondition($0) }
      let answer = try gallery.query(Samples.embedding(person: probe, face: 9), options: options)
      return Set(answer.candidates.map(\.name))
    }
    let red = Set((0..<40).filter { $0 % 2 == 0 }.map(Samples.name))
    #expect(try names("team=red", probe: 0) == red)
    #expect(try names("team=red", probe: 1) == red)
    #expect(try names("team", probe: 1).count == 40)
    #expect(try names("camera=door", probe: 0) == [Samples.name(1)])
    #expect(try names("camera", "team=blue", probe: 1) == [Samples.name(1)])
    #expect(try names("camera", "team=red", probe: 1).isEmpty)
    #expect(try names("team=re", probe: 1).isEmpty)
    #expect(try names("tea", probe: 1).isEmpty)
    // Changes are seen at once: a tag, a new face, a removal.
    try gallery.tag(person(gallery, 3), ["team": "red"])
    _ = try gallery.add(Samples.embedding(person: 99, face: 1), as: Samples.name(4))
    try gallery.remove(person(gallery, 6))
    #expect(try names("team=red", probe: 99) == red.union([Samples.name(3)]).subtracting([Samples.name(6)]))
    var options = byFace(k: 1, plan)
    options.conditions = [TagCondition(key: "team", value: "red")]
    #expect(
      try gallery.query(Samples.embedding(person: 99, face: 1), options: options).candidates.first?.similarity
        ?? 0 > 0.99)
    options.conditions = [TagCondition(key: "")]
    #expect(
      code { _ = try gallery.query(Samples.embedding(person: 0, face: 0), options: options) }
        == .invalidArgument)
  }

  @Test(
    "split moves faces to a new person, also in answers; mistakes change nothing", arguments: Storage.allCases
  )
  func split(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    var faces = try gallery.add((0..<3).map { ("Both", try Samples.embedding(person: 1, face: $0)) })
    faces += try gallery.add((0..<2).map { ("Both", try Samples.embedding(person: 2, face: $0)) })
    let other = try gallery.add(Samples.embedding(person: 3, face: 0), as: "Other")
    let both = try #require(try gallery.person(named: "Both"))
    _ = try gallery.query(Samples.embedding(person: 2, face: 9), options: byPerson(k: 3, .graph))
    #expect(code { try gallery.split([faces[3], other], of: both.id, into: "New") } == .noSuchFace)
    #expect(code { try gallery.split([faces[3]], of: both.id, into: "Other") } == .nameTaken)
    #expect(code { try gallery.split([], of: both.id, into: "New") } == .invalidArgument)
    #expect(code { try gallery.split([faces[3]], of: PersonID(rawValue: 77), into: "New") } == .noSuchPerson)
    #expect(try gallery.people().map(\.faceCount) == [5, 1])
    let made = try gallery.split([faces[3], faces[4], faces[3]], of: both.id, into: " New ")
    #expect(made.name == "New" && made.faceCount == 2)
    #expect(try gallery.faces(of: both.id).map(\.id) == Array(faces[0..<3]))
    for plan in QueryOptions.Plan.allCases {
      let answer = try gallery.query(Samples.embedding(person: 2, face: 9), options: byPerson(k: 3, plan))
      #expect(answer.candidates.first?.name == "New")
      #expect(Set(answer.candidates.map(\.name)).count == answer.candidates.count)
    }
    try gallery.checkInvariants()
  }

  @Test("tags follow: gone with their owner, joined in a merge, there after export and import")
  func tagsFollow() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let faces = try gallery.add(Samples.faces(people: 3, each: 1))
    let (a, b) = (try person(gallery, 0), try person(gallery, 1))
    try gallery.tag(a, ["team": "red", "since": "1815"])
    try gallery.tag(b, ["team": "blue"])
    try gallery.tag(faces[2], ["camera": "\"door\", 2"])
    try gallery.merge(a, into: b)
    #expect(try gallery.tags(of: b) == ["team": "blue", "since": "1815"])
    for format in EmbeddingFormat.allCases {
      let ending = format == .jsonLines ? "jsonl" : format == .safetensors ? "safetensors" : "npy"
      let file = folder.url.appending(path: "\(format.rawValue).\(ending)")
      _ = try gallery.exportEmbeddings(to: file, format: format)
      let copy = try Gallery.open(at: folder.url.appending(path: "copy \(format.rawValue)"))
      _ = try copy.importEmbeddings(from: file)
      #expect(try copy.tags(of: person(copy, 1)) == ["team": "blue", "since": "1815"])
      #expect(try copy.tags(of: faces[2]) == ["camera": "\"door\", 2"])
      #expect(try copy.check().isHealthy)
    }
    try gallery.remove(b)
    try gallery.remove(faces[2])
    var options = byPerson()
    options.conditions = [TagCondition(key: "team"), TagCondition(key: "camera")]
    #expect(try gallery.query(Samples.embedding(person: 1, face: 0), options: options).candidates.isEmpty)
    #expect(try gallery.check().isHealthy)
    try gallery.close()
    _ = consume gallery
    _ = try Gallery.compact(at: folder.gallery)
    let bytes = try Data(contentsOf: folder.gallery.appending(path: "data.mdb"))
    for trace in ["1815", "blue", "door"] {
      #expect(bytes.range(of: Data(trace.utf8)) == nil, "\(trace) is left")
    }
  }

  @Test("faces of photos are tagged as they are added", arguments: Storage.allCases)
  func taggedPhotos(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    var options = EnrolmentOptions()
    options.tags = ["camera": "door"]
    let report = try gallery.add(FakePhoto(person: 1, face: 1).photo(), as: "Ada", options: options)
    guard case .added(let faces) = report.outcome, let face = faces.first else {
      Issue.record("not added: \(report)")
      return
    }
    #expect(try gallery.tags(of: face) == ["camera": "door"])
  }

  @Test("keys that differ only in blanks or in how accents are composed are one key, and have one value")
  func sameKey() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine()
    let face = try gallery.add(Samples.embedding(person: 1, face: 1), as: "Ada")
    let person = try #require(try gallery.person(named: "Ada"))
    for tags: [String: String?] in [
      ["a": "x", " a ": "y"], ["caf\u{E9}": "x", "cafe\u{301} ": "y"], ["a": nil, "a ": "x"],
    ] {
      #expect(code { try gallery.tag(person.id, tags) } == .invalidArgument)
      #expect(code { try gallery.tag(face, tags) } == .invalidArgument)
    }
    var options = EnrolmentOptions()
    options.tags = ["a": "x", "a ": "y"]
    #expect(
      code { _ = try gallery.add(FakePhoto(person: 2, face: 1).photo(), as: "Bob", options: options) }
        == .invalidArgument)
    #expect(try gallery.tags(of: person.id).isEmpty && gallery.tags(of: face).isEmpty)
  }

  @Test(
    "a change takes 1,000 tags, and nobody gets more; who has more from before keeps them",
    arguments: Storage.allCases)
  func limit(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let faces = try gallery.add(Samples.faces(people: 2, each: 1))
    func tags(_ range: Range<Int>) -> [String: String?] {
      Dictionary(uniqueKeysWithValues: range.map { ("key \($0)", "\($0)") })
    }
    let ada = try person(gallery, 0)
    #expect(code { try gallery.tag(ada, tags(0..<1_001)) } == .invalidArgument)
    #expect(try gallery.tags(of: ada).isEmpty)
    #expect(try gallery.tag(ada, tags(0..<1_000)).count == 1_000)
    #expect(code { try gallery.tag(ada, ["one more": ""]) } == .invalidArgument)
    #expect(try gallery.tag(ada, ["KEY 7": "seven", "key 8": nil, "one more": ""]).count == 1_000)
    #expect(try gallery.tags(of: ada)["key 7"] == "seven")
    // As an earlier version let it be.
    try gallery.write { writer in
      for number in 0..<1_100 { try writer.setTag("key \(number)", "", of: .face(faces[1])) }
    }
    #expect(try gallery.tag(faces[1], ["key 3": "three", "key 4": nil]).count == 1_099)
    #expect(code { try gallery.tag(faces[1], ["a": "", "b": ""]) } == .invalidArgument)
    #expect(try gallery.tags(of: faces[1])["key 3"] == "three")
    #expect(try gallery.check().isHealthy)
  }

  @Test("what a client wrote that left before the commit is not there")
  func cancelled() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Samples.faces(people: 1, each: 1))
    let ada = try person(gallery, 0)
    let cancellation = Cancellation()
    Cancellation.$current.withValue(cancellation) {
      #expect(
        code {
          try gallery.write { writer in
            try writer.tag(.person(ada), ["team": "red"])
            cancellation.cancel()
          }
        } == .engineFailure)
    }
    #expect(try gallery.tags(of: ada).isEmpty)
    #expect(try gallery.tag(ada, ["team": "blue"]) == ["team": "blue"])
  }
}
