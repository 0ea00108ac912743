import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API: people and faces") struct PeopleRouteTests {
  @Test("people are listed in pages, also those with a text in their name", arguments: Fixture.Way.allCases)
  func pages(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 12)
    let page = try fixture.send(.get, "/api/v1/people?offset=10&limit=5")
    #expect(page.number("total") == 12)
    #expect((page["people"] as? [[String: Any]])?.map { $0["name"] as? String } == ["Person 8", "Person 9"])
    let some = try fixture.send(.get, "/api/v1/people?name=P%C3%89RSON%201")
    #expect(some.number("total") == 3)
    #expect(some.number("people", 0, "faces") == 2)
    // The order of the words is of no account, nor what is between them.
    #expect(try fixture.send(.get, "/api/v1/people?name=%201%20%20p%C3%A9rson%20").number("total") == 3)
    #expect(try fixture.send(.get, "/api/v1/people?name=1%20x").number("total") == 0)
    #expect(try fixture.send(.get, "/api/v1/people?offset=99").number("total") == 12)
    #expect(try fixture.send(.get, "/api/v1/people?limit=0").status == 400)
    #expect(try fixture.send(.get, "/api/v1/people?offset=-1").status == 400)
  }

  @Test("a person is shown, renamed, merged and deleted", arguments: Fixture.Way.allCases)
  func person(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 2)
    #expect(try fixture.send(.get, "/api/v1/people/1")["name"] as? String == "Person 0")
    let renamed = try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": " Ada "}"#)
    #expect(renamed.status == 200)
    #expect(renamed["name"] as? String == "Ada")
    let taken = try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": "Person 1", "merge": null}"#)
    #expect(taken.status == 409)
    #expect(taken.failure == "name-taken")
    #expect(
      try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": "PERSON  1"}"#).failure == "name-taken")
    let merged = try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": "Person 1", "merge": true}"#)
    #expect(merged.number("id") == 2)
    #expect(merged.number("faces") == 4)
    #expect(try fixture.send(.get, "/api/v1/people/1").status == 404)
    #expect(try fixture.send(.patch, "/api/v1/people/2", text: #"{"name": ""}"#).failure == "invalid-name")
    #expect(try fixture.send(.patch, "/api/v1/people/2", text: "{}").failure == "bad-json")
    let removed = try fixture.send(.delete, "/api/v1/people/2")
    #expect(removed.number("faces") == 4 && removed.number("people_count") == 1)
    #expect(removed["people"] as? [String] == ["Person 1"] && removed["dry_run"] as? Bool == false)
    #expect(try fixture.send(.delete, "/api/v1/people/2").status == 404)
  }

  @Test(
    "the reply to a removal has the number that undoes this one and no other", arguments: Fixture.Way.allCases
  )
  func undo(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    let person = try fixture.send(.delete, "/api/v1/people/1")
    let face = try fixture.send(.delete, "/api/v1/faces/3")
    let numbers = [try #require(person.number("removal")), try #require(face.number("removal"))]
    #expect(numbers[0] < numbers[1])
    #expect(try fixture.gallery.removals().map { Int($0.number) } == numbers)
    let back = try fixture.send(.post, "/api/v1/undo", text: #"{"removal": \#(numbers[0])}"#)
    #expect(back.number("people") == 1 && back.number("faces") == 2)
    #expect(try fixture.send(.get, "/api/v1/faces/3").status == 404)
    let purged = try fixture.send(.delete, "/api/v1/people/1?purge=true")
    #expect(purged.status == 200 && purged["removal"] == nil)
  }

  @Test(
    "numbers in paths that are none, or nobody's",
    arguments: ["0", "-1", "x", "1.5", "18446744073709551616", "%00"])
  func numbers(text: String) throws {
    let fixture = try Fixture()
    for path in ["people/\(text)", "people/\(text)/faces", "faces/\(text)", "faces/\(text)/thumbnail"] {
      #expect(try fixture.send(.get, "/api/v1/\(path)").status == 400)
    }
    #expect(try fixture.send(.get, "/api/v1/people/18446744073709551615").status == 404)
    #expect(try fixture.send(.get, "/api/v1/faces/7/embedding").status == 404)
    #expect(try fixture.send(.delete, "/api/v1/faces/7").status == 404)
  }

  @Test("a photo is enrolled once, with a picture, and is found then", arguments: Fixture.Way.allCases)
  func enrol(way: Fixture.Way) throws {
    let fixture = try Fixture(way, keepThumbnails: true)
    let photo = FakePhoto(4)
    let added = try fixture.send(.post, "/api/v1/enrol?name=Zo%C3%AB", photo: photo)
    #expect(added.status == 201)
    #expect(added["result"] as? String == "added")
    #expect(added["name"] as? String == "Zoë")
    let again = try fixture.send(.post, "/api/v1/enrol?name=Zo%C3%AB", photo: photo)
    #expect(again.status == 200)
    #expect(again["result"] as? String == "skipped")
    #expect(again.number("faces", 0) == added.number("faces", 0))
    let found = try fixture.send(.post, "/api/v1/query", photo: photo)
    #expect(found["faces", 0, "answer", "candidates", 0, "name"] as? String == "Zoë")
    let face = try #require(added.number("faces", 0))
    for path in ["faces/\(face)", "people/1"] {
      let picture = try fixture.send(.get, "/api/v1/\(path)/thumbnail")
      #expect(picture.headers["Content-Type"] == "image/jpeg")
      #expect(picture.body.starts(with: [0xFF, 0xD8]))
    }
    let shown = try fixture.send(.get, "/api/v1/people/1/faces")
    #expect(shown.number("faces", 0, "id") == face)
    #expect((shown["faces", 0, "photo_sha256"] as? String)?.count == 64)
    #expect((try fixture.send(.get, "/api/v1/faces/\(face)/embedding")["embedding"] as? [Any])?.count == 16)
    #expect(try fixture.send(.delete, "/api/v1/faces/\(face)").number("faces") == 1)
    #expect(try fixture.send(.get, "/api/v1/faces/\(face)").status == 404)
    #expect(try fixture.send(.get, "/api/v1/people/1").number("faces") == 0)
  }

  @Test("a person is shown by the face that was chosen, while it is theirs", arguments: Fixture.Way.allCases)
  func picture(way: Fixture.Way) throws {
    let fixture = try Fixture(way, keepThumbnails: true)
    for (look, name) in [(1, "Ann"), (201, "Ann"), (2, "Bea")] {
      #expect(try fixture.send(.post, "/api/v1/enrol?name=\(name)", photo: FakePhoto(look)).status == 201)
    }
    func change(_ text: String, as role: Role = .write) throws -> HTTPResponse {
      try fixture.send(.patch, "/api/v1/people/1", as: role, text: text)
    }
    func thumbnail(_ path: String) throws -> Data {
      try fixture.send(.get, "/api/v1/\(path)/thumbnail", as: .read).body
    }
    func isShown(by face: Int) throws -> Bool { try thumbnail("people/1") == thumbnail("faces/\(face)") }
    #expect(try thumbnail("faces/1") != thumbnail("faces/2"))
    #expect(try isShown(by: 1))
    #expect(try change(#"{"picture": 2}"#, as: .read).status == 403)
    let chosen = try change(#"{"picture": 2}"#)
    #expect(chosen.status == 200 && chosen.number("picture") == 2 && chosen["name"] as? String == "Ann")
    #expect(try isShown(by: 2))
    #expect(try fixture.send(.get, "/api/v1/people").number("people", 0, "picture") == 2)
    // Somebody else's, nobody's, and no number; two changes at once.
    #expect(try change(#"{"picture": 3}"#).failure == "no-such-image")
    #expect(try change(#"{"picture": 99}"#).status == 404)
    for text in [
      #"{"picture": "2"}"#, #"{"picture": -1}"#, #"{"picture": 2, "name": "Ann"}"#,
      #"{"picture": 2, "merge": true}"#, #"{"merge": true}"#, "{}",
    ] {
      #expect(try change(text).failure == "bad-json", "\(text)")
    }
    // Deleted, and back.
    let removal = try #require(try fixture.send(.delete, "/api/v1/faces/2").number("removal"))
    #expect(try isShown(by: 1))
    #expect(try fixture.send(.get, "/api/v1/people/1")["picture"] == nil)
    _ = try fixture.send(.post, "/api/v1/undo", text: #"{"removal": \#(removal)}"#)
    #expect(try isShown(by: 2))
    let none = try change(#"{"picture": null}"#)
    #expect(none.status == 200 && none["picture"] == nil)
    #expect(try isShown(by: 1))
  }

  @Test("photos that cannot be enrolled are refused, and say why")
  func refusals() throws {
    let fixture = try Fixture()
    let one = FakePhoto(1)
    #expect(try fixture.send(.post, "/api/v1/enrol?name=A", photo: FakePhoto()).failure == "no-face")
    #expect(
      try fixture.send(.post, "/api/v1/enrol?name=A", photo: FakePhoto(1, 2)).failure
        == "several-faces")
    let largest = try fixture.send(
      .post, "/api/v1/enrol?name=A&several_faces=all", photo: FakePhoto(1, 2))
    #expect((largest["faces"] as? [Any])?.count == 2)
    #expect(
      try fixture.send(.post, "/api/v1/enrol?name=A&several_faces=some", photo: one).failure
        == "bad-parameter")
    #expect(try fixture.send(.post, "/api/v1/enrol", photo: one).failure == "invalid-name")
    #expect(try fixture.send(.post, "/api/v1/enrol?name=%20", photo: one).failure == "invalid-name")
    #expect(try fixture.send(.post, "/api/v1/enrol?name=A", photo: one).status == 201)
    let other = try fixture.send(.post, "/api/v1/enrol?name=B", photo: one)
    #expect(other.status == 409)
    #expect(other.failure == "other-name")
  }

  @Test("embeddings are added all together or not at all", arguments: Fixture.Way.allCases)
  func embeddings(way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let good = try json(FakeEngine.embedding(person: 1, face: 0))
    let faces = #"{"name": "A", "embedding": \#(good)}, {"name": "B", "embedding": \#(good)}"#
    let added = try fixture.send(.post, "/api/v1/embeddings", text: #"{"faces": [\#(faces)]}"#)
    #expect(added.status == 201)
    #expect((added["faces"] as? [Any])?.count == 2)
    let bad = try fixture.send(
      .post, "/api/v1/embeddings", text: #"{"faces": [\#(faces), {"name": "C", "embedding": [1, 2]}]}"#)
    #expect(bad.failure == "invalid-embedding")
    #expect(try fixture.gallery.info().faces == 2)
    #expect(try fixture.send(.post, "/api/v1/embeddings", text: #"{"faces": []}"#).failure == "bad-parameter")
  }

  @Test("people and faces are tagged, and searched for among the tagged")
  func tags() throws {
    let fixture = try Fixture(people: 3)
    let tagged = try fixture.send(
      .patch, "/api/v1/people/2/tags", text: #"{"tags": {"team": "red", "vip": ""}}"#)
    #expect(tagged["tags"] as? [String: String] == ["team": "red", "vip": ""])
    _ = try fixture.send(.patch, "/api/v1/faces/1/tags", text: #"{"tags": {"team": "red"}}"#)
    let probe = try json(FakeEngine.embedding(person: 2, face: 0))
    func names(_ conditions: String) throws -> [String?]? {
      let body = #"{"embeddings": [\#(probe)], "where": \#(conditions)}"#
      let reply = try fixture.send(.post, "/api/v1/search", text: body)
      return (reply["answers", 0, "candidates"] as? [[String: Any]])?.map { $0["name"] as? String }
    }
    #expect(try Set(names(#"{"team": "red"}"#) ?? []) == ["Person 0", "Person 1"])
    #expect(try names(#"{"team": "red", "vip": null}"#) == ["Person 1"])
    #expect(try names(#"{"team": "blue"}"#) == [])
    let photo = try fixture.send(.post, "/api/v1/query?where=team%3Dred,vip", photo: FakePhoto(2))
    #expect((photo["faces", 0, "answer", "candidates"] as? [Any])?.count == 1)
    #expect(
      try fixture.send(.post, "/api/v1/query?where=%3Dred", photo: FakePhoto(2)).status == 400)
    _ = try fixture.send(.patch, "/api/v1/people/2/tags", text: #"{"tags": {"team": null}}"#)
    #expect(try fixture.send(.get, "/api/v1/people/2/tags")["tags"] as? [String: String] == ["vip": ""])
    #expect(try fixture.send(.get, "/api/v1/faces/1/tags")["tags"] as? [String: String] == ["team": "red"])
    #expect(try fixture.send(.get, "/api/v1/faces/99/tags").status == 404)
  }

  @Test("without kept pictures the reply says so")
  func noPictures() throws {
    let fixture = try Fixture(people: 1)
    #expect(try fixture.send(.get, "/api/v1/faces/1/thumbnail").failure == "no-picture")
    #expect(try fixture.send(.get, "/api/v1/people/1/thumbnail").failure == "no-picture")
    #expect(try fixture.send(.get, "/api/v1/faces/99/thumbnail").failure == "no-such-image")
  }
}
