import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API: keys") struct KeyRouteTests {
  @Test(
    "a key is made, counts at once, is shown once, and is refused when it is revoked",
    arguments: Fixture.Way.allCases)
  func life(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 1)
    try fixture.gallery.setAudit(true)
    let made = try fixture.send(.post, "/api/v1/keys", text: #"{"role": "write", "label": "camera"}"#)
    #expect(made.status == 201 && made["role"] as? String == "write" && made["label"] as? String == "camera")
    #expect(made.headers["Cache-Control"] == "no-store")
    let (id, secret) = (try #require(made["id"] as? String), try #require(made["key"] as? String))
    let headers: HTTPHeaders = ["x-api-key": secret]
    let gallery = try fixture.send(.get, "/api/v1/gallery", as: nil, headers: headers)
    #expect(gallery.status == 200 && gallery["role"] as? String == "write")

    let list = try fixture.send(.get, "/api/v1/keys")
    let keys = try #require(list["keys"] as? [[String: Any]])
    #expect(keys.count == 4 && keys.last?["id"] as? String == id)
    #expect(keys.filter { $0["own"] as? Bool == true }.map { $0["role"] as? String } == ["admin"])
    #expect(!String(decoding: list.body, as: UTF8.self).contains(secret))

    #expect(try fixture.send(.delete, "/api/v1/keys/\(id)")["id"] as? String == id)
    #expect(try fixture.send(.delete, "/api/v1/keys/\(id)").failure == "no-such-key")
    #expect(try fixture.send(.get, "/api/v1/gallery", as: nil, headers: headers).status == 401)
    var entries: [AuditEntry] = []
    #expect(try fixture.gallery.verifyAudit { entries.append($0) }.problems.isEmpty)
    #expect(entries.map(\.event).suffix(2) == [.keyAdded, .keyRevoked])
    #expect(entries.suffix(2).allSatisfy { $0.key == id && $0.who.hasPrefix("key:") })
  }

  @Test("who may not administer neither sees, makes nor revokes keys", arguments: [Role.read, .write])
  func roles(role: Role) throws {
    let fixture = try Fixture(people: 1)
    let before = try KeyFile(gallery: fixture.folder).read()
    #expect(try fixture.send(.get, "/api/v1/keys", as: role).status == 403)
    #expect(try fixture.send(.post, "/api/v1/keys", as: role, text: #"{"role": "admin"}"#).status == 403)
    for key in before {
      #expect(try fixture.send(.delete, "/api/v1/keys/\(key.id)", as: role).status == 403)
    }
    #expect(try KeyFile(gallery: fixture.folder).read() == before)
  }

  @Test("what is no key is refused, and a key does not revoke itself")
  func refusals() throws {
    let fixture = try Fixture(people: 1)
    let long = String(repeating: "a", count: 101)
    for text in [
      #"{"role": "owner"}"#, #"{"role": "read", "label": "\#(long)"}"#,
      #"{"role": "read", "label": "a\u001b"}"#,
      #"{"label": "a"}"#, #"{"role": "read", "key": "8f2c1d6e-93ab-4b0f-a7d5"}"#,
    ] {
      #expect(try fixture.send(.post, "/api/v1/keys", text: text).status == 400, "\(text)")
    }
    // One character to a reader, and not to the file.
    let accents = "a" + String(repeating: "\u{301}", count: 100)
    let reply = try fixture.send(.post, "/api/v1/keys", text: #"{"role": "read", "label": "\#(accents)"}"#)
    #expect(reply.status == 400)
    let own = try #require(try KeyFile(gallery: fixture.folder).read().first { $0.role == .admin })
    #expect(try fixture.send(.delete, "/api/v1/keys/\(own.id)").failure == "own-key")
    let open = try Fixture(people: 1, needsKeys: false)
    #expect(try open.send(.get, "/api/v1/keys", as: nil).failure == "no-keys")
    #expect(try open.send(.post, "/api/v1/keys", as: nil, text: #"{"role": "read"}"#).failure == "no-keys")
  }

  @Test("a key that was revoked meanwhile neither makes nor revokes one, and there are a thousand at most")
  func meanwhile() throws {
    let fixture = try Fixture(people: 1)
    let file = KeyFile(gallery: fixture.folder)
    let (first, _) = try file.add(role: .admin)
    let (second, _) = try file.add(role: .admin)
    try file.revoke(first.id, by: second.id)
    #expect(code { try file.revoke(second.id, by: first.id) } == .revoked)
    #expect(code { try file.add(role: .admin, by: first.id) } == .revoked)
    #expect(try file.read().contains { $0.id == second.id })
    while try file.read().count < KeyFile.most { _ = try file.add(role: .read) }
    #expect(code { try file.add(role: .read) } == .full)
    #expect(try fixture.send(.post, "/api/v1/keys", text: #"{"role": "read"}"#).failure == "keys-full")
  }

  private func code(_ body: () throws -> some Any) -> KeyError.Code? {
    do {
      _ = try body()
      return nil
    } catch {
      return (error as? KeyError)?.code
    }
  }
}
