import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Lists in pages") struct PagingTests {
  /// Walks through a list, a page after the other.
  ///
  /// - Parameter between: Called between two pages with the number of those that were read.
  private static func walk(
    _ fixture: Fixture, _ path: String, list: String, _ entry: (Any) -> String?, cursor: String = "after",
    between: (Int) throws -> Void = { _ in }
  ) throws -> (entries: [String], pages: Int) {
    var (entries, pages, next): ([String], Int, String?) = ([], 0, nil)
    repeat {
      let glue = path.contains("?") ? "&" : "?"
      let encoded = next?.addingPercentEncoding(withAllowedCharacters: .alphanumerics)
      let reply = try fixture.send(
        .get, path + (encoded.map { "\(glue)\(cursor)=\($0)" } ?? ""), as: .read)
      try #require(reply.status == 200, "\(path): \(String(decoding: reply.body, as: UTF8.self))")
      entries += (reply[list] as? [Any] ?? []).compactMap(entry)
      pages += 1
      next = (reply["next"] as? NSNumber).map { "\($0)" } ?? reply["next"] as? String
      if next != nil { try between(pages) }
    } while next != nil && pages < 1_000
    return (entries, pages)
  }

  private static func member(_ name: String) -> (Any) -> String? {
    { entry in (entry as? [String: Any])?[name].map { "\($0)" } }
  }

  @Test("people go on after the last name, whoever comes and goes", arguments: Fixture.Way.allCases)
  func people(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 23, each: 1)
    let all = try fixture.gallery.people().map(\.name)
    for (path, list, entry) in [
      ("people?limit=5", "people", Self.member("name")),
      ("recognition/subjects?size=5", "subjects", { $0 as? String }),
    ] {
      let walked = try Self.walk(fixture, "/api/v1/" + path, list: list, entry)
      #expect(walked.entries == all && walked.pages == 5)
      // Somebody in front, one who was seen and the one where the page ended go: nobody else is passed over.
      let changed = try Self.walk(fixture, "/api/v1/" + path, list: list, entry) { page in
        guard page == 1 else { return }
        _ = try fixture.gallery.addPerson(named: "Aaron")
        for name in [all[1], all[4]] {
          try fixture.gallery.rename(
            try #require(try fixture.gallery.person(named: name)).id, to: "A \(name)")
        }
      }
      #expect(changed.entries == all)
      for name in [all[1], all[4]] {
        try fixture.gallery.rename(try #require(try fixture.gallery.person(named: "A \(name)")).id, to: name)
      }
      try fixture.gallery.remove(try #require(try fixture.gallery.person(named: "Aaron")).id)
    }
    #expect((try fixture.send(.get, "/api/v1/recognition/subjects")["subjects"] as? [Any])?.count == 23)
  }

  @Test("people are listed by tags and by a part of the name", arguments: Fixture.Way.allCases)
  func filters(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 12, each: 1)
    for person in try fixture.gallery.people() where Int(person.id.rawValue) % 3 == 0 {
      try fixture.gallery.tag(person.id, ["team": person.id.rawValue % 2 == 0 ? "red" : "blue", "vip": ""])
    }
    for (path, list, entry) in [
      ("people?limit=1&", "people", Self.member("name")),
      ("recognition/subjects?size=1&", "subjects", { $0 as? String }),
    ] {
      func names(_ query: String) throws -> [String] {
        try Self.walk(fixture, "/api/v1/\(path)\(query)", list: list, entry).entries
      }
      #expect(try names("where=team") == ["Person 11", "Person 2", "Person 5", "Person 8"])
      #expect(try names("where=TEAM=red,vip") == ["Person 11", "Person 5"])
      #expect(try names("where=team=red&name=%201") == ["Person 11"])
      #expect(try names("where=team=green") == [] && names("name=nobody") == [])
      #expect(try fixture.send(.get, "/api/v1/\(path)where=,").failure == "bad-parameter")
    }
    #expect(try fixture.send(.get, "/api/v1/people?where=team&limit=1").number("total") == 4)
  }

  @Test("the faces of a person, and all examples, go on after the last face", arguments: Fixture.Way.allCases)
  func faces(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3, each: 7)
    let person = try #require(try fixture.gallery.person(named: "Person 1"))
    let own = try fixture.gallery.faces(of: person.id).map(\.id)
    try fixture.gallery.tag(own[2], ["angle": "left"])
    let path = "/api/v1/people/\(person.id)/faces?limit=2"
    let walked = try Self.walk(fixture, path, list: "faces", Self.member("id")) { page in
      // The face at which the page ended is deleted.
      if page == 1 { try fixture.gallery.remove(own[1]) }
    }
    #expect(walked.entries == own.map { "\($0)" } && walked.pages == 4)
    #expect(
      try Self.walk(fixture, path + "&where=angle", list: "faces", Self.member("id")).entries == ["\(own[2])"]
    )
    let uuid = try fixture.gallery.uuid
    for (path, faces) in [
      ("?size=4", try fixture.gallery.faces(limit: 99).faces.map(\.id)),
      ("?size=4&subject=Person%202", try fixture.gallery.faces(of: PersonID(rawValue: 3)).map(\.id)),
    ] {
      let walked = try Self.walk(
        fixture, "/api/v1/recognition/faces" + path, list: "faces", Self.member("image_id"))
      #expect(walked.entries == faces.map { ImageID.text(of: $0, in: uuid) })
    }
    #expect(try fixture.send(.get, "/api/v1/recognition/faces?after=x").failure == "bad-parameter")
    let id = ImageID.text(of: own[0], in: uuid)
    #expect(try fixture.send(.get, "/api/v1/recognition/faces?after=\(id)&page=1").failure == "bad-parameter")
    #expect(try fixture.send(.get, "/api/v1/people/1/faces?after=x").failure == "bad-parameter")
  }

  @Test(
    "changes are listed in their order, and go on where the last page ended", arguments: Fixture.Way.allCases)
  func changes(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3, each: 2)
    _ = try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": "Ada"}"#)
    _ = try fixture.send(.patch, "/api/v1/faces", text: #"{"faces": [3], "person": 1}"#)
    _ = try fixture.send(.patch, "/api/v1/faces", text: #"{"faces": [4], "unnamed": true}"#)
    _ = try fixture.send(.delete, "/api/v1/faces/1")
    _ = try fixture.send(.delete, "/api/v1/people/3")
    let kinds = [
      "face-added", "face-added", "face-added", "face-added", "face-added", "face-added", "person-changed",
      "face-moved", "face-moved", "face-removed", "face-removed", "face-removed", "person-removed",
    ]
    let walked = try Self.walk(fixture, "/api/v1/changes?limit=3", list: "changes", Self.member("kind"))
    #expect(walked.entries == kinds && walked.pages == 5)
    let all = try fixture.send(.get, "/api/v1/changes", as: .read)
    let last = try #require(all.number("last"))
    #expect(try UInt64(last) == fixture.gallery.info().sequence && all["next"] == nil)
    #expect(all.number("changes", 7, "face") == 3 && all.number("changes", 7, "person") == 1)
    #expect(all.number("changes", 8, "face") == 4 && all["changes", 8, "person"] == nil)
    #expect(all["changes", 6, "face"] == nil && all.number("changes", 12, "person") == 3)
    #expect((try fixture.send(.get, "/api/v1/changes?kind=face-moved")["changes"] as? [Any])?.count == 2)
    let own = try fixture.send(.get, "/api/v1/changes?person=3&kind=face-removed")
    #expect((own["changes"] as? [Any])?.count == 2)
    // Nothing yet, and then something.
    #expect((try fixture.send(.get, "/api/v1/changes?after=\(last)")["changes"] as? [Any])?.isEmpty == true)
    _ = try fixture.gallery.add(FakeEngine.embedding(person: 5, face: 0), as: "New")
    #expect(
      try fixture.send(.get, "/api/v1/changes?after=\(last)")["changes", 0, "kind"] as? String == "face-added"
    )
    #expect(try fixture.send(.get, "/api/v1/changes?after=\(last + 5)").status == 410)
    for query in ["kind=added", "person=0", "person=x", "after=x", "limit=0"] {
      #expect(try fixture.send(.get, "/api/v1/changes?\(query)").failure == "bad-parameter", "\(query)")
    }
    // Everybody is removed: the log begins anew.
    _ = try fixture.gallery.removeUnnamed()
    _ = try fixture.send(.delete, "/api/v1/people?confirm=all")
    #expect(try fixture.send(.get, "/api/v1/changes?after=0").failure == "changes-forgotten")
    #expect(
      try fixture.send(.get, "/api/v1/changes?kind=face-added")["changes", 0, "kind"] as? String
        == "restarted")
  }

  @Test("10,000 people, and a person with 5,000 faces, are walked through")
  func large() throws {
    let fixture = try Fixture()
    let embedding = try FakeEngine.embedding(person: 1, face: 1)
    _ = try fixture.gallery.add((0..<10_000).map { ("Person \($0)", embedding) })
    _ = try fixture.gallery.add((0..<4_999).map { _ in ("Person 7", embedding) })
    let people = try Self.walk(fixture, "/api/v1/people?limit=1000", list: "people", Self.member("name"))
    #expect(Set(people.entries).count == 10_000 && people.pages == 10)
    let subjects = try Self.walk(
      fixture, "/api/v1/recognition/subjects?size=2000", list: "subjects", { $0 as? String })
    #expect(subjects.entries == people.entries && subjects.pages == 5)
    let faces = try Self.walk(fixture, "/api/v1/people/8/faces?limit=500", list: "faces", Self.member("id"))
    #expect(Set(faces.entries).count == 5_000 && faces.pages == 10)
    let examples = try Self.walk(
      fixture, "/api/v1/recognition/faces?size=2000&subject=Person%207", list: "faces",
      Self.member("image_id"))
    #expect(Set(examples.entries).count == 5_000 && examples.pages == 3)
    let changes = try Self.walk(fixture, "/api/v1/changes?limit=1000", list: "changes", Self.member("face"))
    #expect(changes.entries.count == 14_999)
    // Few of a kind among many: pages end early, and the walk comes to them all the same.
    try fixture.gallery.remove(FaceID(rawValue: 14_000))
    let removed = try Self.walk(
      fixture, "/api/v1/changes?kind=face-removed", list: "changes", Self.member("face"))
    #expect(removed.entries == ["14000"] && removed.pages == 2)
  }
}
