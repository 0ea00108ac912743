import FaceEngine
import FaceGallery
import Foundation
import TestSupport
import Testing

@Suite("Faces without a name, and groups of them")
struct GroupTests {
  /// People beyond those with a name, each with so many faces, in an order that mixes them.
  private func strangers(_ people: Range<Int>, each: Int) throws -> [Embedding] {
    try (0..<each).flatMap { face in try people.map { try Samples.embedding(person: $0, face: face) } }
  }

  @Test("a face without a name is never an answer, whichever way the search goes", arguments: [100, 1_500])
  func neverAnAnswer(people: Int) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(try Samples.faces(people: people, each: 1))
    let unnamed = try gallery.addUnnamed(try strangers(people..<people + 300, each: 2))
    let probe = try Samples.embedding(person: people + 7, face: 5)
    let wanted = try Set(gallery.people().map(\.id))
    let plans: [QueryOptions.Plan] = [.automatic, .graph, .exact]
    for plan in plans {
      for grouping in [QueryOptions.Grouping.person, .face] {
        let options = QueryOptions(k: 10, grouping: grouping, threshold: 0.5, plan: plan)
        let answer = try gallery.query(probe, options: options)
        #expect(answer.candidates.count == 10)
        #expect(answer.candidates.allSatisfy { wanted.contains($0.person) }, "\(plan), \(grouping)")
      }
    }
    // A name makes it one.
    let id = try #require(unnamed.first)
    let person = try #require(
      try gallery.cluster(options: .init(threshold: 0.6)).groups.first { $0.faces.contains(id) })
    try gallery.name(group: person.id, as: "Found")
    for plan in plans {
      let answer = try gallery.query(
        try Samples.embedding(person: people, face: 9), options: .init(k: 1, threshold: 0.5, plan: plan))
      #expect(answer.candidates.first?.name == "Found", "\(plan)")
    }
    try gallery.checkInvariants()
  }

  @Test("groups are exactly the people, and stay over closing")
  func groupsArePeople() throws {
    let folder = try TemporaryFolder()
    var gallery = try folder.open()
    _ = try gallery.add(try Samples.faces(people: 20, each: 3))
    let ids = try gallery.addUnnamed(try strangers(100..<160, each: 4))
    let clustering = try gallery.cluster(options: .init(threshold: 0.7))
    #expect(clustering.faces == 240)
    #expect(clustering.grouped == 240)
    let expected = (0..<60).map { person in Set((0..<4).map { ids[$0 * 60 + person] }) }
    #expect(Set(clustering.groups.map { Set($0.faces) }) == Set(expected))
    #expect(clustering.groups.allSatisfy { $0.id == $0.faces.min()?.rawValue })
    #expect(try gallery.cluster(options: .init(threshold: 0.7)) == clustering)
    try gallery.close()
    gallery = try folder.open()
    #expect(try gallery.groups() == clustering.groups)
    #expect(try gallery.info().unnamedFaces == 240)
    try gallery.checkInvariants()
  }

  @Test("one false link between two dense groups does not join them", arguments: Storage.allCases)
  func falseLink(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    var faces = try strangers(0..<2, each: 8)
    // Half one, half the other.
    let (a, b) = (faces[0].values, faces[1].values)
    faces.append(try Embedding(normalizing: zip(a, b).map { $0 + $1 }))
    _ = try gallery.addUnnamed(faces)
    let groups = try gallery.cluster(options: .init(threshold: 0.6)).groups
    #expect(groups.count == 2)
    #expect(groups.map(\.faces.count).min() == 8)
  }

  @Test(
    "naming a group moves its faces, without those that are left out; the rest stays a group",
    arguments: Storage.allCases)
  func naming(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    _ = try gallery.add([("Ada", try Samples.embedding(person: 1, face: 0))])
    let ids = try gallery.addUnnamed(try strangers(1..<2, each: 5))
    let group = try #require(try gallery.cluster(options: .init(threshold: 0.6)).groups.first)
    #expect(try gallery.query(group, options: .init(k: 1, threshold: 0.6)).candidates.first?.name == "Ada")
    let person = try gallery.name(group: group.id, as: " Ada ", except: [ids[1], ids[2]])
    #expect((person.name, person.faceCount) == ("Ada", 4))
    #expect(try gallery.groups().map { Set($0.faces) } == [[ids[1], ids[2]]])
    #expect(try gallery.unnamedFaces() == [ids[1], ids[2]])
    try gallery.checkInvariants()
  }

  @Test(
    "naming refuses groups that are not there, strangers to the group and an empty rest",
    arguments: Storage.allCases)
  func refusals(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let ids = try gallery.addUnnamed(try strangers(1..<3, each: 3))
    let group = try #require(try gallery.cluster(options: .init(threshold: 0.6)).groups.first { $0.id == 1 })
    #expect(throws: GalleryError.self) { try gallery.name(group: 77, as: "Ada") }
    #expect(throws: GalleryError.self) { try gallery.name(group: group.id, as: "Ada", except: [ids[1]]) }
    #expect(throws: GalleryError.self) {
      try gallery.name(group: group.id, as: "Ada", except: Set(group.faces))
    }
    #expect(throws: GalleryError.self) { try gallery.name(group: group.id, as: "  ") }
    #expect(throws: GalleryError.self) { try gallery.cluster(options: .init(threshold: 0.6, neighbors: 0)) }
    #expect(throws: GalleryError.self) { try gallery.cluster() }  // No operating point is known.
    #expect(try gallery.people().isEmpty)
    #expect(try gallery.groups().count == 2)
  }

  @Test("without a threshold faces are neighbours as the operating point's neighbour rate says")
  func standardThreshold() throws {
    let folder = try TemporaryFolder()
    for (rate, name) in [(0.5, "many"), (0.01, "few")] {
      let point = OperatingPoint(
        points: Samples.operatingPoint.points, slope: 20, offset: -12, falseNeighborRate: rate)
      let gallery = try Gallery.open(
        at: folder.url.appending(path: name),
        engine: FakeEngine(operatingPoint: point))
      _ = try gallery.addUnnamed(try strangers(1..<41, each: 5))
      let threshold = try gallery.cluster().threshold
      #expect(threshold == point.threshold(faces: 200, falsePositiveIdentificationRate: rate))
      #expect(try gallery.cluster(options: .init(threshold: 0.4)).threshold == 0.4)
    }
  }

  @Test("nothing without a name, one such face, only alike ones", arguments: Storage.allCases)
  func edges(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    #expect(try gallery.cluster(options: .init(threshold: 0.6)).groups.isEmpty)
    let face = try Samples.embedding(person: 1, face: 1)
    _ = try gallery.addUnnamed([face])
    #expect(try gallery.cluster(options: .init(threshold: 0.6)).groups.isEmpty)
    #expect(try gallery.cluster(options: .init(threshold: 0.6, minimumFaces: 1)).groups.count == 1)
    _ = try gallery.addUnnamed(Array(repeating: face, count: 99))
    #expect(try gallery.cluster(options: .init(threshold: 0.6)).groups.map(\.faces.count) == [100])
  }

  @Test("removing faces without a name leaves no trace of their groups", arguments: Storage.allCases)
  func removing(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let ids = try gallery.addUnnamed(try strangers(1..<3, each: 3))
    _ = try gallery.cluster(options: .init(threshold: 0.6))
    try gallery.remove(ids[0])
    #expect(try gallery.groups().map(\.faces.count).sorted() == [2, 3])
    #expect(try gallery.removeUnnamed() == 5)
    #expect(try gallery.groups().isEmpty)
    #expect(try gallery.info().faces == 0)
    try gallery.checkInvariants()
  }

  @Test(
    "photos: all faces are kept, those already there are not added again, and a name claims its face",
    arguments: Storage.allCases)
  func photos(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.openWithEngine(in: storage)
    let photo = FakePhoto([.init(person: 1, face: 1), .init(person: 2, face: 1, place: 1, size: 110)])
    let all = EnrolmentOptions(severalFaces: .all)
    let first = try gallery.add([NamedPhoto(photo.photo("party"), name: nil)], options: all)
    guard case .added(let ids) = first.photos[0].outcome else {
      Issue.record("\(first)")
      return
    }
    #expect(ids.count == 2)
    #expect((first.photos[0].name, first.photos[0].person) == (nil, nil))
    let again = try gallery.add([NamedPhoto(photo.photo("party"), name: nil)], options: all)
    #expect(again.photos[0].outcome == .skipped(ids))
    let named = try gallery.add(photo.photo("party"), as: "Ada", options: .init(severalFaces: .largest))
    #expect(named.outcome == .added([ids[0]]))
    #expect(try gallery.unnamedFaces() == [ids[1]])
    #expect(try gallery.person(named: "Ada")?.faceCount == 1)
    try gallery.checkInvariants()
  }

  @Test(
    "a page of groups goes on where the last one ended, whatever was named between",
    arguments: Storage.allCases)
  func pages(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    for person in 1..<30 {
      _ = try gallery.addUnnamed(
        (0..<(2 + person % 5)).map { try Samples.embedding(person: person, face: $0) })
    }
    let all = try gallery.cluster(options: .init(threshold: 0.6)).groups
    try #require(all.count == 29)
    var seen: [FaceGroup] = []
    var position: GroupPage.Position?
    repeat {
      let page = try gallery.groups(after: position, limit: 4)
      seen += page.groups
      position = page.next
      // What was seen gets a name, and so goes.
      if let group = page.groups.first { try gallery.name(group: group.id, as: "Person \(group.id)") }
    } while position != nil
    #expect(seen == all)
    #expect(try gallery.groups(minimumFaces: 5, limit: 99).groups.allSatisfy { $0.faces.count >= 5 })
    #expect(try gallery.groups(limit: 0).groups.isEmpty)
    #expect(throws: GalleryError.self) { try gallery.groups(limit: -1) }
    let left = try #require(try gallery.groups().first)
    #expect(try gallery.group(left.id) == left && gallery.group(999_999) == nil)
  }

  @Test(
    "an ignored group takes later faces of the stranger with it; one wrong face in ten does not",
    arguments: Storage.allCases)
  func ignoring(storage: Storage) throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open(in: storage)
    let options = ClusteringOptions(threshold: 0.6)
    let first = try gallery.addUnnamed(try strangers(1..<2, each: 3))
    #expect(try gallery.cluster(options: options).groups.count == 1)
    #expect(try gallery.ignore(group: first[0].rawValue) == first)
    #expect(try gallery.groups().isEmpty)
    #expect(throws: GalleryError.self) { try gallery.name(group: first[0].rawValue, as: "Ada") }
    // Ten times as many as were ignored, at a time.
    let later = try gallery.addUnnamed((3..<30).map { try Samples.embedding(person: 1, face: $0) })
    let clustering = try gallery.cluster(options: options)
    #expect(clustering.groups.isEmpty && clustering.ignored == 30 && clustering.faces == 30)
    #expect(try gallery.ignoredFaces().faces.map(\.id) == first + later)
    #expect(try gallery.ignoredFaces().faces.allSatisfy { $0.group == first[0].rawValue })
    #expect(try gallery.stopIgnoring(group: first[0].rawValue) == first + later)
    #expect(try gallery.groups().map(\.faces.count) == [30])
    // Somebody else's face that was ignored as a group hides no eleven others.
    let other = try gallery.addUnnamed([try Samples.embedding(person: 2, face: 0)])
    _ = try gallery.cluster(options: .init(threshold: 0.6, minimumFaces: 1))
    try gallery.ignore(group: other[0].rawValue)
    let more = try gallery.addUnnamed((1..<12).map { try Samples.embedding(person: 2, face: $0) })
    let found = try gallery.cluster(options: options).groups
    #expect(found.map { Set($0.faces) }.contains(Set(more)))
    #expect(try gallery.check().isHealthy)
  }

  @Test("ignoring stays over closing, and ends with a move", arguments: [true, false])
  func ignoringStays(alone: Bool) throws {
    let folder = try TemporaryFolder()
    var gallery = try folder.open()
    let ids = try gallery.addUnnamed(try strangers(1..<3, each: 3))
    let groups = try gallery.cluster(options: .init(threshold: 0.6)).groups
    if alone { try gallery.ignore([ids[0]]) } else { try gallery.ignore(group: ids[0].rawValue) }
    let before = try gallery.groups()
    #expect(before != groups)
    try gallery.close()
    gallery = try folder.open()
    #expect(try gallery.groups() == before)
    #expect(try gallery.tags(of: ids[0]) == ["ignored": alone ? "" : "\(ids[0])"])
    // Taking the tag away is asking again, whoever does it.
    try gallery.tag(ids[0], ["ignored": String?.none])
    #expect(try gallery.groups().flatMap(\.faces).contains(ids[0]))
    try gallery.ignore([ids[0]])
    let move = try gallery.move([ids[0]], to: .named("Ada"))
    #expect(move.moved.map(\.face) == [ids[0]] && move.moved.map(\.from) == [.unnamed])
    #expect(move.person?.faceCount == 1)
    #expect(try !gallery.ignoredFaces().faces.map(\.id).contains(ids[0]))
    try gallery.checkInvariants()
  }
}
