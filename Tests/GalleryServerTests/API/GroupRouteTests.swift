import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API: groups, moving, ignoring, review") struct GroupRouteTests {
  /// Three people with a name, and strangers 8…11 on photos, so many each: the lower the number the more.
  private static func fixture(_ way: Fixture.Way) throws -> Fixture {
    let fixture = try Fixture(way, people: 3, keepThumbnails: true)
    for person in 8...11 {
      for face in 0..<(14 - person) {
        let reply = try fixture.send(
          .post, "/api/v1/enrol?unnamed=true", as: .write,
          files: ["file": FakePhoto([(person, face)]).png()])
        try #require(reply.status == 201 && reply["name"] == nil)
      }
    }
    let found = try fixture.send(.post, "/api/v1/groups", as: .write, text: #"{"threshold": 0.6}"#)
    try #require(found.number("total") == 4 && found.number("grouped_faces") == 18)
    return fixture
  }

  private static func groups(_ reply: HTTPResponse) -> [Int] {
    (reply["groups"] as? [[String: Any]] ?? []).compactMap { $0["group"] as? Int }
  }

  private static func faces(_ reply: HTTPResponse, _ name: String = "faces") -> [Int] {
    reply[name] as? [Int] ?? []
  }

  @Test("groups are listed in pages, the largest first, with pictures", arguments: Fixture.Way.allCases)
  func list(way: Fixture.Way) throws {
    let fixture = try Self.fixture(way)
    let first = try fixture.send(.get, "/api/v1/groups?limit=3&faces=2", as: .read)
    #expect(first.number("total") == 4)
    #expect(Self.groups(first) == [7, 13, 18])
    #expect((first["groups"] as? [[String: Any]])?.map { $0["size"] as? Int } == [6, 5, 4])
    #expect((first["groups", 0, "faces"] as? [Any])?.count == 2)
    let path = try #require(first["groups", 0, "faces", 0, "thumbnail"] as? String)
    #expect(try fixture.send(.get, path, as: .read).body.starts(with: [0xFF, 0xD8]))
    // A group of a page that was seen is named: nothing is left out or shown twice.
    let next = try #require(first["next"] as? String)
    #expect(try fixture.send(.patch, "/api/v1/groups/7", text: #"{"name": "Ada"}"#).status == 200)
    let second = try fixture.send(.get, "/api/v1/groups?limit=3&after=\(next)", as: .read)
    #expect(Self.groups(second) == [22] && second["next"] == nil && second.number("total") == 3)
    #expect(Self.groups(try fixture.send(.get, "/api/v1/groups?min_faces=4")) == [13, 18])
    for cursor in ["x", "5", "5-", "-5", "5-6-7", "05-6", "5--6"] {
      #expect(
        try fixture.send(.get, "/api/v1/groups?after=\(cursor)").failure == "bad-parameter", "\(cursor)")
    }
    let one = try fixture.send(.get, "/api/v1/groups/18", as: .read)
    #expect(one.number("size") == 4 && (one["faces"] as? [Any])?.count == 4)
    #expect(try fixture.send(.get, "/api/v1/groups/7", as: .read).failure == "no-such-group")
    for body in [#"{"threshold": 2}"#, #"{"neighbors": 0}"#, #"{"min_faces": 0}"#] {
      #expect(try fixture.send(.post, "/api/v1/groups", text: body).failure == "bad-parameter", "\(body)")
    }
  }

  @Test("a group of a known person is said to be like the person")
  func suggestion() throws {
    let fixture = try Self.fixture(.memory)
    for face in 5..<8 {
      _ = try fixture.gallery.addUnnamed([try FakeEngine.embedding(person: 1, face: face)])
    }
    _ = try fixture.send(.post, "/api/v1/groups", text: #"{"threshold": 0.6}"#)
    let groups = try #require(
      try fixture.send(.get, "/api/v1/groups")["groups"] as? [[String: Any]])
    let own = try #require(groups.first { $0["group"] as? Int == 25 })
    #expect(own["verdict"] as? String == "Person 1")
    #expect((own["most_like"] as? [String: Any])?["name"] as? String == "Person 1")
    #expect(groups.filter { $0["verdict"] != nil }.count == 1)
    let plain = try fixture.send(.get, "/api/v1/groups?suggest=false")
    #expect((plain["groups"] as? [[String: Any]])?.allSatisfy { $0["most_like"] == nil } == true)
  }

  @Test("a group is named, and that is undone", arguments: Fixture.Way.allCases)
  func name(way: Fixture.Way) throws {
    let fixture = try Self.fixture(way)
    let path = "/api/v1/groups/18"
    #expect(try fixture.send(.patch, path, as: .read, text: #"{"name": "Eve"}"#).status == 403)
    for body in ["{}", #"{"name": "Eve", "person": 1}"#, #"{"except": [18]}"#] {
      #expect(try fixture.send(.patch, path, text: body).failure == "bad-json", "\(body)")
    }
    #expect(try fixture.send(.patch, path, text: #"{"person": 99}"#).failure == "no-such-subject")
    #expect(
      try fixture.send(.patch, path, text: #"{"name": "Eve", "except": [7]}"#).failure == "bad-parameter")
    let named = try fixture.send(.patch, path, as: .write, text: #"{"name": "Eve", "except": [19]}"#)
    #expect(named["person", "name"] as? String == "Eve" && named.number("person", "faces") == 3)
    let moved = try #require(named["moved"] as? [[String: Any]])
    #expect(moved.map { $0["face"] as? Int } == [18, 20, 21] && moved.allSatisfy { $0["from"] == nil })
    #expect(
      try fixture.send(.post, "/api/v1/query", photo: FakePhoto(10))["faces", 0, "answer", "name"] as? String
        == "Eve")
    let undone = try fixture.send(
      .patch, "/api/v1/faces", as: .write,
      text: #"{"faces": [18, 20, 21], "unnamed": true, "group": 18}"#)
    #expect(undone.status == 200 && undone["person"] == nil)
    #expect(try fixture.send(.get, path).number("size") == 4)
    #expect(try fixture.gallery.person(named: "Eve")?.faceCount == 0)
    // To somebody who is there.
    let known = try fixture.send(.patch, path, text: #"{"person": 2}"#)
    #expect(known.number("person", "faces") == 6)
  }

  @Test("faces go to another person, a new one or nobody, all or none", arguments: Fixture.Way.allCases)
  func move(way: Fixture.Way) throws {
    let fixture = try Self.fixture(way)
    func move(_ body: String, as role: Role = .write) throws -> HTTPResponse {
      try fixture.send(.patch, "/api/v1/faces", as: role, text: body)
    }
    #expect(try move(#"{"faces": [1], "person": 2}"#, as: .read).status == 403)
    let moved = try move(#"{"faces": [1, 3], "person": 2}"#)
    #expect(moved.number("person", "id") == 2 && moved.number("person", "faces") == 3)
    // Face 3 was the person's already.
    #expect(moved.number("moved", 0, "face") == 1 && moved.number("moved", 0, "from") == 1)
    #expect((moved["moved"] as? [Any])?.count == 1)
    #expect(try move(#"{"faces": [1], "person": 1}"#).number("person", "faces") == 2)
    #expect(try move(#"{"faces": [2], "name": "New"}"#)["person", "name"] as? String == "New")
    #expect(try move(#"{"faces": [2], "unnamed": true}"#).status == 200)
    #expect(try fixture.send(.get, "/api/v1/faces/2")["person"] == nil)
    for body in [
      #"{"faces": [4]}"#, #"{"faces": [4], "person": 1, "name": "A"}"#, #"{"faces": [4], "unnamed": false}"#,
      #"{"faces": [4], "person": 1, "group": 7}"#,
    ] {
      #expect(try move(body).failure == "bad-json", "\(body)")
    }
    #expect(try move(#"{"faces": [], "person": 1}"#).failure == "bad-parameter")
    #expect(try move(#"{"faces": [4], "unnamed": true, "group": 999}"#).failure == "bad-parameter")
    #expect(try move(#"{"faces": [4], "name": " "}"#).failure == "invalid-name")
    // One of them is missing: nothing is moved.
    #expect(try move(#"{"faces": [4, 999], "person": 1}"#).failure == "no-such-image")
    #expect(try fixture.send(.get, "/api/v1/faces/4").number("person") == 2)
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test("several people become one, and can be taken apart again", arguments: Fixture.Way.allCases)
  func merge(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 4)
    let path = "/api/v1/people/3/merge"
    #expect(try fixture.send(.post, path, as: .read, text: #"{"people": [1]}"#).status == 403)
    #expect(try fixture.send(.post, path, text: #"{"people": []}"#).failure == "bad-parameter")
    #expect(try fixture.send(.post, path, text: #"{"people": [3]}"#).failure == "bad-parameter")
    #expect(try fixture.send(.post, path, text: #"{"people": [1, 99]}"#).failure == "no-such-subject")
    #expect(try fixture.gallery.people().count == 4)
    let merged = try fixture.send(.post, path, as: .write, text: #"{"people": [1, 2]}"#)
    #expect(merged.number("person", "id") == 3 && merged.number("person", "faces") == 6)
    let from = (merged["moved"] as? [[String: Any]])?.map { $0["from"] as? Int }
    #expect(from == [1, 1, 2, 2])
    #expect(try fixture.gallery.people().count == 2)
    _ = try fixture.send(.patch, "/api/v1/faces", text: #"{"faces": [1, 2], "name": "Person 0"}"#)
    #expect(try fixture.gallery.person(named: "Person 0")?.faceCount == 2)
  }

  @Test(
    "what is ignored is in no group, nor is a later face of the same stranger, until it is undone",
    arguments: Fixture.Way.allCases)
  func ignore(way: Fixture.Way) throws {
    let fixture = try Self.fixture(way)
    func find() throws -> HTTPResponse {
      try fixture.send(.post, "/api/v1/groups", text: #"{"threshold": 0.6}"#)
    }
    #expect(try fixture.send(.post, "/api/v1/ignored", as: .read, text: #"{"group": 13}"#).status == 403)
    for body in ["{}", #"{"group": 13, "faces": [1]}"#] {
      #expect(try fixture.send(.post, "/api/v1/ignored", text: body).failure == "bad-json", "\(body)")
    }
    #expect(try fixture.send(.post, "/api/v1/ignored", text: #"{"faces": []}"#).failure == "bad-parameter")
    #expect(try fixture.send(.post, "/api/v1/ignored", text: #"{"group": 1}"#).failure == "no-such-group")
    #expect(
      try fixture.send(.post, "/api/v1/ignored", text: #"{"faces": [7, 999]}"#).failure == "no-such-image")
    let group = try fixture.send(.post, "/api/v1/ignored", as: .write, text: #"{"group": 13}"#)
    #expect(Self.faces(group) == [13, 14, 15, 16, 17])
    #expect(Self.faces(try fixture.send(.post, "/api/v1/ignored", text: #"{"faces": [7, 13]}"#)) == [7])
    #expect(Self.groups(try fixture.send(.get, "/api/v1/groups")) == [7, 18, 22])
    #expect(try fixture.send(.get, "/api/v1/groups/7").number("size") == 5)
    // A further face of the ignored stranger, and one of the person of whom only a face is.
    _ = try fixture.gallery.addUnnamed([
      try FakeEngine.embedding(person: 9, face: 9), try FakeEngine.embedding(person: 8, face: 9),
    ])
    for _ in 0..<2 {
      let found = try find()
      #expect(found.number("total") == 3 && found.number("ignored_faces") == 7)
      #expect(found.number("unnamed_faces") == 20 && found.number("grouped_faces") == 13)
    }
    #expect(Self.groups(try fixture.send(.get, "/api/v1/groups")) == [8, 18, 22])
    let all = try fixture.send(.get, "/api/v1/ignored?limit=4", as: .read)
    #expect(all.number("total") == 7 && all.number("next") == 15)
    #expect((all["faces"] as? [[String: Any]])?.map { $0["face"] as? Int } == [7, 13, 14, 15])
    #expect(all["faces", 0, "group"] == nil && all.number("faces", 1, "group") == 13)
    #expect(all["faces", 1, "thumbnail"] as? String == "/api/v1/faces/13/thumbnail")
    let rest = try fixture.send(.get, "/api/v1/ignored?limit=4&after=15")
    #expect((rest["faces"] as? [[String: Any]])?.map { $0["face"] as? Int } == [16, 17, 25])
    #expect(rest["next"] == nil)
    #expect(try fixture.send(.get, "/api/v1/ignored?group=13").number("total") == 6)
    // Undone, both are back.
    #expect(try fixture.send(.delete, "/api/v1/ignored/7", as: .read).status == 403)
    #expect(Self.faces(try fixture.send(.delete, "/api/v1/ignored/7", as: .write)) == [7])
    #expect(Self.faces(try fixture.send(.delete, "/api/v1/ignored/7")) == [])
    #expect(try fixture.send(.delete, "/api/v1/ignored/999").status == 404)
    #expect(try fixture.send(.delete, "/api/v1/ignored").failure == "bad-parameter")
    #expect(try fixture.send(.delete, "/api/v1/ignored?group=x").failure == "bad-parameter")
    let back = try fixture.send(.delete, "/api/v1/ignored?group=13", as: .write)
    #expect(Self.faces(back) == [13, 14, 15, 16, 17, 25])
    #expect(try fixture.send(.delete, "/api/v1/ignored?group=13").failure == "no-such-group")
    #expect(try fixture.send(.get, "/api/v1/groups/13").number("size") == 6)
    #expect(try find().number("total") == 4)
    #expect(Self.groups(try fixture.send(.get, "/api/v1/groups")) == [7, 13, 18, 22])
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test("a review lists doubtful faces in pages, without what was settled", arguments: Fixture.Way.allCases)
  func review(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3, each: 4)
    // Under a wrong name each: faces 13 and 14, and twice one picture.
    _ = try fixture.gallery.add([
      ("Person 0", try FakeEngine.embedding(person: 1, face: 2)),
      ("Person 1", try FakeEngine.embedding(person: 2, face: 2)),
    ])
    #expect(try fixture.send(.get, "/api/v1/review").failure == "no-review")
    #expect(try fixture.send(.post, "/api/v1/review", as: .read).status == 403)
    let made = try fixture.send(.post, "/api/v1/review", as: .write)
    #expect(made.status == 200 && made.number("faces") == 14)
    func suspicious(_ reply: HTTPResponse) -> Set<Int> {
      let entries = reply["suspicious"] as? [[String: Any]] ?? []
      return Set(entries.compactMap { ($0["member"] as? [String: Any])?["face"] as? Int })
    }
    let all = try fixture.send(.get, "/api/v1/review?kind=suspicious", as: .read)
    #expect(suspicious(all).isSuperset(of: [13, 14]))
    let total = try #require(all.number("total"))
    // One by one, while what was seen is settled.
    var (seen, next): ([Int], String?) = ([], nil)
    repeat {
      let cursor = next.map { "&after=\($0)" } ?? ""
      let page = try fixture.send(.get, "/api/v1/review?kind=suspicious&limit=1" + cursor, as: .read)
      let faces = suspicious(page)
      #expect(faces.count == 1 && page.number("total") == total - seen.count)
      seen += faces
      next = page["next"] as? String
      if let face = faces.first {
        _ = try fixture.send(.post, "/api/v1/ignored", text: #"{"faces": [\#(face)]}"#)
      }
    } while next != nil && seen.count < 20
    #expect(Set(seen) == suspicious(all) && seen.count == total)
    // Neither the last review nor a new one asks about them again.
    #expect(try fixture.send(.get, "/api/v1/review?kind=suspicious").number("total") == 0)
    let cursor = try #require(fixture.service.reviews.last(of: "test")).cursor(0)
    #expect(try fixture.send(.post, "/api/v1/review")["suspicious", 0] == nil)
    #expect(try fixture.send(.get, "/api/v1/review?after=\(cursor)").failure == "review-replaced")
    for query in ["kind=all", "after=x", "after=1", "after=-1-1", "limit=0"] {
      #expect(try fixture.send(.get, "/api/v1/review?\(query)").failure == "bad-parameter", "\(query)")
    }
    // A face that was moved is settled, and one that is asked about again is there again.
    _ = try fixture.send(.delete, "/api/v1/ignored/13")
    _ = try fixture.send(.delete, "/api/v1/ignored/14")
    #expect(suspicious(try fixture.send(.post, "/api/v1/review")).isSuperset(of: [13, 14]))
    _ = try fixture.send(.patch, "/api/v1/faces", text: #"{"faces": [13], "person": 2}"#)
    let left = suspicious(try fixture.send(.get, "/api/v1/review"))
    #expect(left.contains(14) && !left.contains(13))
  }

  @Test(
    "how far a review is that is being made is told, of the one that was begun last",
    arguments: Fixture.Way.allCases)
  func reviewProgress(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 1)
    func progress() throws -> [Int?] {
      let reply = try fixture.send(.get, "/api/v1/review/progress", as: .read)
      #expect(reply.status == 200)
      return [reply["running"] as? Bool == true ? 1 : 0, reply.number("done"), reply.number("total")]
    }
    #expect(try progress() == [0, 0, 0])
    struct Stop: Error {}
    let reviews = fixture.service.reviews
    let review = try fixture.gallery.reviewFaces()
    #expect(throws: Stop.self) {
      _ = try reviews.make(of: "test") { report throws in
        #expect(try progress() == [1, 0, 0])
        report(4096, 9000)
        #expect(try progress() == [1, 4096, 9000])
        _ = try reviews.make(of: "test") { other throws in
          other(5, 9000)
          #expect(try progress() == [1, 5, 9000])
          return review
        }
        _ = reviews.make(of: "other") { other in
          other(7, 7)
          return review
        }
        #expect(try progress() == [1, 4096, 9000])
        throw Stop()
      }
    }
    #expect(try progress() == [0, 0, 0])
    #expect(try fixture.send(.get, "/api/v1/review").number("faces") == review.faces)
  }

  @Test("photos keep their faces without a name when that is asked for, and need a name else")
  func unnamed() throws {
    let fixture = try Fixture()
    let photo = FakePhoto(1, 2, 3)
    for query in ["", "?unnamed=false", "?unnamed=true&name=Ada"] {
      #expect(
        try fixture.send(.post, "/api/v1/enrol\(query)", photo: photo).failure == "invalid-name", "\(query)")
    }
    let added = try fixture.send(.post, "/api/v1/enrol?unnamed=true", photo: photo)
    #expect(added.status == 201 && Self.faces(added).count == 3)
    #expect(try fixture.gallery.info().unnamedFaces == 3 && fixture.gallery.people().isEmpty)
    let one = try fixture.send(
      .post, "/api/v1/enrol?unnamed=true&several_faces=largest", photo: FakePhoto(5, 6))
    #expect(Self.faces(one).count == 1)
  }
}
