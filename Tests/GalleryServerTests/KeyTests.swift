import FaceGallery
import Foundation
import HTTPServing
import HTTPTestSupport
import Testing

@testable import GalleryServer

@Suite("Keys")
struct KeyTests {
  private func newFile() throws -> KeyFile {
    let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return KeyFile(gallery: folder)
  }

  private func remove(_ file: KeyFile) {
    try? FileManager.default.removeItem(at: file.url.deletingLastPathComponent())
  }

  @Test("a key is stored hashed, for its owner's eyes only, and can be revoked")
  func life() throws {
    let file = try newFile()
    defer { remove(file) }
    #expect(try file.read().isEmpty)
    let (record, secret) = try file.add(role: .write, label: "camera")
    let text = try String(contentsOf: file.url, encoding: .utf8)
    #expect(!text.contains(secret))
    let mode = try FileManager.default.attributesOfItem(atPath: file.url.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try file.read() == [record])
    #expect(record.matches(secret))
    #expect(!record.matches(secret + "x"))
    #expect(!record.matches(""))
    try file.revoke(record.id)
    #expect(try file.read().isEmpty)
    #expect(throws: KeyError.self) { try file.revoke(record.id) }
  }

  @Test("a client's own key is taken when it is long enough and new")
  func ownKeys() throws {
    let file = try newFile()
    defer { remove(file) }
    let secret = "8f2c1d6e-93ab-4b0f-a7d5-5e60c49b1237"
    #expect(try file.add(role: .read, secret: secret).secret == secret)
    for bad in [
      secret, "short", "has a blank in its middle", "nicht-ausreichend-ä-b-c-d",
      // Long enough, and found by whoever tries the likely ones; the second is in CompreFace's documentation.
      "aaaaaaaaaaaaaaaa", "00000000-0000-0000-0000-000000000002", "passwordpassword", "1234567890123456",
      "abcdefghijklmnopqrstuvwxyz0123456789", "abababababababababababab", "secretsecretsecret",
      String(repeating: "ab1", count: 8),
    ] {
      #expect(throws: KeyError.self) { try file.add(role: .read, secret: bad) }
    }
  }

  @Test("a key is judged by the characters that do not follow from the one before")
  func strength() {
    #expect(KeyStrength.bits("") == 0)
    #expect(KeyStrength.bits("aaaaaaaaaaaaaaaa") == 0)
    #expect(KeyStrength.bits("acacacac") == 3)
    #expect(KeyStrength.bits(String(repeating: "ac", count: 40)) < KeyStrength.leastBits)
    #expect(KeyStrength.bits("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08") > 128)
    #expect(KeyStrength.bits("1234") == 2)
    #expect(KeyStrength.bits("correct-horse-battery-staple") > KeyStrength.leastBits)
  }

  @Test("errors say what happened, and leave it to others what can be done")
  func facts() throws {
    let file = try newFile()
    defer { remove(file) }
    let secret = "8f2c1d6e-93ab-4b0f-a7d5-5e60c49b1237"
    _ = try file.add(role: .read, secret: secret)
    func error(_ body: () throws -> Void) -> KeyError? {
      do {
        try body()
        return nil
      } catch { return error as? KeyError }
    }
    #expect(error { try file.revoke("nobody") } == KeyError(.noSuchKey, "There is no key nobody."))
    let codes = ["short": KeyError.Code.unusable, "aaaaaaaaaaaaaaaa": .weak, secret: .taken]
    for (bad, code) in codes {
      let error = try #require(error { _ = try file.add(role: .read, secret: bad) })
      #expect(error.code == code && !error.message.contains("galleryctl"), "\(error)")
    }
    try FileManager.default.removeItem(at: file.url)
    try FileManager.default.createSymbolicLink(at: file.url, withDestinationURL: file.url)
    let unreadable = try #require(error { _ = try file.read() })
    #expect(
      unreadable.code == .unreadable && unreadable.message.contains("levels of symbolic"), "\(unreadable)")
    let nowhere = KeyFile(gallery: file.url.deletingLastPathComponent().appending(path: "nowhere"))
    let unwritable = try #require(error { _ = try nowhere.add(role: .read) })
    #expect(unwritable.code == .unwritable && unwritable.message.contains("No such file"), "\(unwritable)")
    #expect(!FileManager.default.fileExists(atPath: nowhere.url.deletingLastPathComponent().path))
  }

  @Test("what a process that was killed left of the file goes with the next change")
  func leftovers() throws {
    let file = try newFile()
    defer { remove(file) }
    let left = file.url.path(percentEncoded: false) + ".4194305-0f3a99c2.partial"
    try Data("half".utf8).write(to: URL(filePath: left))
    _ = try file.add(role: .read)
    #expect(!FileManager.default.fileExists(atPath: left))
  }

  @Test("a damaged file is an error and is not overwritten")
  func damaged() throws {
    let file = try newFile()
    defer { remove(file) }
    try Data("{".utf8).write(to: file.url)
    #expect(throws: KeyError.self) { try file.read() }
    #expect(throws: KeyError.self) { try file.add(role: .read) }
    #expect(try Data(contentsOf: file.url) == Data("{".utf8))
  }

  @Test("a file to which everybody may write is not believed")
  func writable() throws {
    let file = try newFile()
    defer { remove(file) }
    let key = try file.add(role: .admin)
    let store = try KeyStore(file)
    #expect(store.record(of: key.secret) != nil)
    #expect(chmod(file.url.path, 0o666) == 0)
    for body in [{ _ = try file.read() }, { _ = try file.add(role: .read) }] {
      let error = #expect(throws: KeyError.self) { try body() }
      #expect(error?.code == .exposed)
    }
    #expect(store.record(of: key.secret) == nil && store.problem?.contains("chmod o-w") == true)
    #expect(chmod(file.url.path, 0o640) == 0)
    #expect(store.record(of: key.secret) != nil && store.problem == nil)
  }

  @Test("while the file cannot be read nobody is let in, and keys that are in it again are")
  func unreadable() throws {
    let file = try newFile()
    defer { remove(file) }
    let first = try file.add(role: .read)
    let second = try file.add(role: .write)
    let store = try KeyStore(file)
    #expect(store.record(of: first.secret) != nil && store.problem == nil)
    let whole = try Data(contentsOf: file.url)
    // Somebody took a key out by hand and left a comma; and a file of a later version.
    for broken in ["{\"version\": 1, \"keys\": [}", "{\"version\": 2, \"keys\": []}", ""] {
      try Data(broken.utf8).write(to: file.url)
      #expect(store.record(of: first.secret) == nil && store.record(of: second.secret) == nil)
      #expect(store.problem != nil)
    }
    try whole.write(to: file.url)
    #expect(store.record(of: first.secret) != nil && store.problem == nil)
    let revoked = try file.revoke(first.record.id)
    #expect(revoked.id == first.record.id && store.record(of: first.secret) == nil)
  }

  @Test("while keys cannot be read, whoever sends one is told so, and no key counts as a wrong one")
  func unreadableWhileServing() throws {
    let fixture = try Fixture(people: 1)
    let file = KeyFile(gallery: fixture.folder).url
    let whole = try Data(contentsOf: file)
    try Data("{".utf8).write(to: file)
    for _ in 0..<9 {
      let reply = try fixture.send(.get, "/api/v1/people", as: .read)
      #expect(
        reply.status == 503 && reply.failure == "keys-unreadable" && reply.headers["Retry-After"] != nil)
    }
    #expect(fixture.log.all.count { $0.contains("\"keys\"") } == 1)
    try whole.write(to: file)
    #expect(try fixture.send(.get, "/api/v1/people", as: .read).status == 200)
  }

  @Test("roles are ordered")
  func roles() { #expect(Role.allCases.sorted() == [.read, .write, .admin]) }

  @Test("keys made at the same time are all kept")
  func concurrent() async throws {
    let file = try newFile()
    defer { remove(file) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 { group.addTask { _ = try file.add(role: .read) } }
      try await group.waitForAll()
    }
    #expect(try file.read().count == 16)
  }

  @Test("a key that two galleries have opens neither")
  func sharedKey() throws {
    let secret = "8f2c1d6e-93ab-4b0f-a7d5-5e60c49b1237"
    let folders = try ["a", "b"].map { name in
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "shared-\(name)-\(UUID().uuidString)")
      let gallery = try Gallery.open(at: folder, engine: BatchingEngine(FakeEngine(), batch: 4))
      _ = try KeyFile(gallery: folder).add(role: name == "a" ? .read : .admin, secret: secret)
      return (folder, try ServedGallery(gallery, name: name))
    }
    defer { for (folder, _) in folders { try? FileManager.default.removeItem(at: folder) } }
    for order in [folders, folders.reversed()] {
      let service = GalleryService(
        galleries: order.map(\.1), settings: ServiceSettings(), log: EventLog(.requests) { _ in })
      for (method, path) in [(HTTPMethod.get, "/api/v1/people"), (.delete, "/api/v1/people?confirm=all")] {
        let reply = service.answer(
          HTTPRequest(method, path, headers: ["Host": "localhost", "x-api-key": secret]))
        #expect(reply.status == 403 && String(decoding: reply.body, as: UTF8.self).contains("ambiguous-key"))
      }
    }
  }

  @Test("a key that is revoked while the body is on its way is refused")
  func revokedOnTheWay() throws {
    let fixture = try Fixture(people: 2)
    let file = KeyFile(gallery: fixture.folder)
    let (record, secret) = try file.add(role: .write, label: "camera")
    let head = HTTPRequest(
      .post, "/api/v1/enrol?name=New",
      headers: ["Host": "localhost", "x-api-key": secret, "Content-Type": "application/json"])
    guard case .accepted(let accepted) = fixture.service.admit(head) else {
      Issue.record("the request was not let in")
      return
    }
    try file.revoke(record.id)
    var whole = head
    let photo = Data(try FakePhoto(person: 9, face: 1).png()).base64EncodedString()
    whole.body = Data(#"{"file":"\#(photo)"}"#.utf8)
    let reply =
      switch accepted.respond(to: whole) {
      case .done(let reply): reply
      case .change(let change): change()
      case .part: try #require(nil as HTTPResponse?)
      }
    #expect(reply.status == 401, "\(reply.status)")
    #expect(try fixture.gallery.info().people == 2)
  }

  @Test("a key that is revoked between two photos of a batch gets no answer to the others")
  func revokedBetweenPhotos() throws {
    let fixture = try Fixture(people: 2)
    let file = KeyFile(gallery: fixture.folder)
    let (record, secret) = try file.add(role: .read, label: "camera")
    var request = HTTPRequest(
      .post, "/api/v1/query/batch",
      headers: ["Host": "localhost", "x-api-key": secret, "Content-Type": "application/json"])
    let photo = Data(try FakePhoto(person: 1, face: 1).png()).base64EncodedString()
    request.body = Data(#"{"files":["\#(photo)","\#(photo)"]}"#.utf8)
    guard case .accepted(let accepted) = fixture.service.admit(request),
      case .part(_, let next) = accepted.respond(to: request)
    else {
      Issue.record("the request was not begun")
      return
    }
    try file.revoke(record.id)
    guard case .done(let reply) = next() else {
      Issue.record("the request goes on")
      return
    }
    #expect(reply.status == 401)
  }
}
