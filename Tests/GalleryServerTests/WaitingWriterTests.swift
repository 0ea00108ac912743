import Foundation
import HTTPTestSupport
import TestSupport
import Testing

@testable import FaceGallery
@testable import GalleryServer
@testable import HTTPServing

@Suite("Changes that wait, or leave work undone", .serialized)
struct WaitingWriterTests {
  /// Somebody who writes to a gallery until told to end, as a process that was stopped does for ever.
  private final class SlowWriter: Sendable {
    private let release = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter change: What it does last.
    init(_ gallery: Gallery, _ change: @escaping @Sendable (borrowing Writer) throws -> Void = { _ in }) {
      let begun = DispatchSemaphore(value: 0)
      let (release, ended) = (release, ended)
      Thread {
        try? gallery.write { writer in
          begun.signal()
          release.wait()
          try change(writer)
        }
        ended.signal()
      }.start()
      begun.wait()
    }

    func end() {
      release.signal()
      ended.wait()
    }
  }

  @Test("reads, readiness and photos are answered while as many changes as may be wait for another writer")
  func readsGoOn() throws {
    let limit = 20
    // Half of the places are one key's; the other half is kept for others.
    let fixture = try Fixture(.socket, people: 3, limits: { $0.changesInFlight = 2 * limit })
    let port = try #require(fixture.server).port
    let writer = SlowWriter(fixture.gallery)
    var isEnded = false
    defer { if !isEnded { writer.end() } }

    // More than the threads of either lane.
    let form = Data("--b\r\nContent-Disposition: form-data; name=file\r\n\r\n".utf8)
    var waiting: [SocketClient] = []
    for number in 0..<limit {
      let client = try SocketClient(port: port)
      var headers: HTTPHeaders = ["x-api-key": fixture.key(.write)]
      if number.isMultiple(of: 2) {
        let body = Data("{\"subject\": \"New \(number)\"}".utf8)
        headers.add("Content-Type", "application/json")
        try client.write(
          SocketClient.head("POST", "/api/v1/recognition/subjects", headers: headers, length: body.count)
            + body)
      } else {
        let body = try form + Data(FakePhoto(5 + number).png()) + Data("\r\n--b--\r\n".utf8)
        headers.add("Content-Type", "multipart/form-data; boundary=b")
        try client.write(
          SocketClient.head(
            "POST", "/api/v1/enrol?name=New%20\(number)", headers: headers, length: body.count) + body)
      }
      waiting.append(client)
    }
    try #require(eventually { fixture.service.occupancy.changeCount == limit })

    for round in 0..<3 {
      #expect(try fixture.send(.get, "/healthz", as: nil).status == 200)
      #expect(try fixture.send(.get, "/readyz", as: nil).status == 200)
      #expect(try fixture.send(.get, "/api/v1/people").number("total") == 3)
      #expect(try fixture.send(.get, "/api/v1/gallery").status == 200)
      #expect(try fixture.send(.get, "/metrics").status == 200)
      let vector = try json(FakeEngine.embedding(person: round, face: 9))
      #expect(try fixture.send(.post, "/api/v1/search", text: "{\"embeddings\": [\(vector)]}").status == 200)
      #expect(try fixture.send(.post, "/api/v1/query", photo: FakePhoto(round)).status == 200)
      #expect(try fixture.send(.post, "/api/v1/recognition/recognize", photo: FakePhoto(round)).status == 200)
    }
    let refused = try fixture.send(
      .post, "/api/v1/recognition/subjects", as: .write, text: #"{"subject": "One more"}"#)
    #expect(refused.status == 503 && refused.failure == "changes-waiting")
    #expect(refused.headers["Retry-After"] == "5")
    // Another key still gets in, and waits with the others.
    let other = try SocketClient(port: port)
    let body = Data(#"{"subject": "By another key"}"#.utf8)
    try other.write(
      SocketClient.head(
        "POST", "/api/v1/recognition/subjects",
        headers: ["x-api-key": fixture.key(.admin), "Content-Type": "application/json"], length: body.count)
        + body)
    try #require(eventually { fixture.service.occupancy.changeCount == limit + 1 })
    waiting.append(other)

    writer.end()
    isEnded = true
    for client in waiting { #expect(try client.read().status == 201) }
    try #require(eventually { fixture.service.occupancy.changeCount == 0 })
    #expect(try fixture.gallery.people().count == 4 + limit)
    #expect(
      try fixture.send(.post, "/api/v1/recognition/subjects", text: #"{"subject": "One more"}"#).status == 201
    )
  }

  @Test(
    "a name means who has it when the change is made, not when it was looked up",
    arguments: [
      ("DELETE", "/api/v1/recognition/subjects/Person%201", "", 404),
      ("DELETE", "/api/v1/recognition/faces?subject=Person%201", "", 404),
      ("PUT", "/api/v1/recognition/subjects/Person%201", #"{"subject": "Zoe"}"#, 404),
      // The one who had the name is not the one any more: nobody gets faces who was not named.
      ("PUT", "/api/v1/recognition/subjects/Person%202", #"{"subject": "Person 1"}"#, 200),
      ("PATCH", "/api/v1/people/3", #"{"name": "Person 1", "merge": true}"#, 200),
    ])
  func renamedMeanwhile(method: String, target: String, body: String, status: Int) throws {
    let fixture = try Fixture(.socket, people: 3)
    let port = try #require(fixture.server).port
    let renamed = try #require(try fixture.gallery.person(named: "Person 1"))
    let writer = SlowWriter(fixture.gallery) { writer in
      try writer.changeName(of: renamed.id, to: PersonName("Somebody Else"))
    }
    let client = try SocketClient(port: port)
    var headers: HTTPHeaders = ["x-api-key": fixture.key(.admin)]
    if !body.isEmpty { headers.add("Content-Type", "application/json") }
    try client.write(
      SocketClient.head(method, target, headers: headers, length: body.utf8.count) + Data(body.utf8))
    let isWaiting = eventually { fixture.service.occupancy.changeCount == 1 }
    // It has looked up the name, and waits for the other writer.
    Thread.sleep(forTimeInterval: 0.1)
    writer.end()
    try #require(isWaiting)
    #expect(try client.read().status == status)
    let now = try fixture.gallery.person(renamed.id)
    #expect(now?.name == "Somebody Else" && now?.faceCount == renamed.faceCount)
    if status == 200 {
      #expect(try fixture.gallery.people().map(\.name) == ["Person 0", "Person 1", "Somebody Else"])
    }
  }

  @Test("changes that are declared and not sent keep no change out")
  func declared() throws {
    let fixture = try Fixture(.socket, people: 1, limits: { $0.changesInFlight = 4 })
    let port = try #require(fixture.server).port
    let slow = try (0..<16).map { _ in
      let client = try SocketClient(port: port)
      try client.write(
        SocketClient.head(
          "POST", "/api/v1/recognition/subjects",
          headers: ["x-api-key": fixture.key(.write), "Content-Type": "application/json"], length: 1_000)
          + Data("{".utf8))
      return client
    }
    try #require(eventually { fixture.service.occupancy.current.requests == slow.count })
    for role in [Role.write, .admin] {
      let text = "{\"subject\": \"New \(role)\"}"
      #expect(try fixture.send(.post, "/api/v1/recognition/subjects", as: role, text: text).status == 201)
    }
    #expect(try fixture.gallery.people().count == 3)
    withExtendedLifetime(slow) {}
  }

  @Test(
    "every route that changes something has a lane that may wait, and no other has",
    arguments: [
      "GET", "POST", "PUT", "PATCH", "DELETE",
    ])
  func lanes(method: String) {
    let reads: Set<String> = [
      "/api/v1/query", "/api/v1/query/batch", "/api/v1/search", "/api/v1/people/{person}/verify",
      "/api/v1/recognition/subjects/{subject}/verify", "/api/v1/recognition/recognize",
      "/api/v1/recognition/faces/{image_id}/verify",
      "/api/v1/recognition/embeddings/recognize", "/api/v1/recognition/embeddings/faces/{image_id}/verify",
      "/api/v1/verification/verify", "/api/v1/verification/embeddings/verify", "/api/v1/detection/detect",
    ]
    for route in GalleryService.standardRoutes where route.method.rawValue == method {
      let changes = method != "GET" && !reads.contains(route.pattern.description)
      #expect(route.lane.mayWaitToWrite == changes, "\(method) \(route.pattern)")
    }
  }

  @Test("a change that is on disk is done, whether or not the index can be saved")
  func indexNotSaved() throws {
    let fixture = try Fixture(people: 30)
    // Nothing can take the place of a folder with something in it.
    let snapshot = fixture.folder.appending(path: "index.snapshot/x")
    try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
    #expect(throws: GalleryError.self) { try fixture.gallery.saveSnapshot() }
    for number in 0..<70 {
      let reply = try fixture.send(
        .post, "/api/v1/recognition/subjects", text: "{\"subject\": \"New \(number)\"}")
      #expect(reply.status == 201)
    }
    #expect(try fixture.send(.post, "/api/v1/enrol?name=Zoe", photo: FakePhoto(40)).status == 201)
    #expect(try fixture.send(.patch, "/api/v1/people/1", text: #"{"name": "Ada"}"#).status == 200)
    #expect(try fixture.send(.delete, "/api/v1/people/2").status == 200)
    #expect(try fixture.send(.delete, "/api/v1/faces/1").status == 200)
    #expect(try fixture.gallery.person(named: "Ada")?.faceCount == 1)
    #expect(try fixture.send(.delete, "/api/v1/people?confirm=all").status == 200)
    #expect(try fixture.send(.post, "/api/v1/undo").status == 200)
    #expect(try fixture.gallery.people().count == 30 + 70 + 1 - 1)
  }

  @Test("a running server forgets removals whose day is over")
  func expiry() throws {
    let fixture = try Fixture(people: 3)
    #expect(try fixture.send(.delete, "/api/v1/people?confirm=all").status == 200)
    let removal = try #require(fixture.gallery.removals().first)
    fixture.service.forgetExpiredRemovals(now: removal.expires.addingTimeInterval(-1))
    #expect(try fixture.gallery.removals() == [removal])
    fixture.service.forgetExpiredRemovals(now: removal.expires)
    #expect(try fixture.gallery.removals().isEmpty)
  }
}
