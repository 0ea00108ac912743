import FaceGallery
import Foundation
import HTTPTestSupport
import TestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Abuse", .serialized)
struct AbuseTests {
  private static let recognize = "/api/v1/recognition/recognize"

  private func client(_ fixture: Fixture) throws -> SocketClient {
    try SocketClient(port: #require(fixture.server).port)
  }

  @Test("a body that is announced too large is refused before it is sent")
  func announced() throws {
    let fixture = try Fixture(.socket, limits: { $0.uploadBytes = 1_000 })
    let client = try client(fixture)
    try client.write(
      SocketClient.head("POST", Self.recognize, headers: ["x-api-key": fixture.key(.read)], length: 1 << 40))
    let reply = try client.read()
    #expect(reply.status == 413)
    #expect(reply.failure == "too-large")
    #expect(try fixture.send(.get, "/healthz").status == 200)
  }

  @Test("a body that grows too large without saying so is refused")
  func chunked() throws {
    let fixture = try Fixture(.socket, limits: { $0.uploadBytes = 1_000 })
    let client = try client(fixture)
    try client.write(
      SocketClient.head(
        "POST", Self.recognize, headers: ["x-api-key": fixture.key(.read), "Transfer-Encoding": "chunked"]))
    for _ in 0..<20 { try client.write(Data("64\r\n\(String(repeating: "x", count: 100))\r\n".utf8)) }
    try client.write(Data("0\r\n\r\n".utf8))
    #expect(try client.read().status == 413)
    #expect(eventually { fixture.service.occupancy.current.bytes == 0 })
  }

  @Test("an unknown key is refused before its photo is sent")
  func keyFirst() throws {
    let fixture = try Fixture(.socket)
    let client = try client(fixture)
    try client.write(
      SocketClient.head(
        "POST", Self.recognize, headers: ["x-api-key": "not a key of anybody"], length: 1 << 20))
    #expect(try client.read().status == 401)
  }

  @Test("a client that sends a byte at a time is cut off, in head and body", arguments: [true, false])
  func slow(_ inHead: Bool) throws {
    let fixture = try Fixture(
      .socket,
      limits: {
        $0.receiveSeconds = 1
        $0.idleSeconds = 1
      })
    let client = try client(fixture)
    let head = SocketClient.head(
      "POST", Self.recognize, headers: ["x-api-key": fixture.key(.read)], length: 100_000)
    if !inHead { try client.write(head) }
    // The head never ends.
    var sent = inHead ? Data(head.dropLast(4)) : Data()
    #expect(eventually { (try? client.write(Data([sent.popFirst() ?? UInt8(ascii: "x")]))) == nil })
    #expect(eventually { fixture.service.occupancy.current.requests == 0 })
  }

  @Test("malformed forms and bombs are bad input", arguments: Fixture.Way.allCases)
  func malformed(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    for body in ["", "--x", "--x--\r\n", "garbage", "--x\r\n\r\n--x--"] {
      let reply = try fixture.send(
        .post, Self.recognize, headers: ["Content-Type": "multipart/form-data; boundary=x"],
        body: Data(body.utf8))
      #expect(reply.status == 400, "\(body)")
      #expect(["bad-multipart", "photo-missing"].contains(reply.failure), "\(body)")
    }
    // 65,000 × 65,000 pixels in a file of a few bytes.
    var header = Data("IHDR".utf8) + Data([0, 0, 0xfd, 0xe8, 0, 0, 0xfd, 0xe8, 8, 2, 0, 0, 0])
    let sum = Self.crc(header)
    header += Data([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) })
    let bomb: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13] + Array(header)
    let reply = try fixture.send(.post, Self.recognize, files: ["file": bomb])
    #expect(reply.status == 400)
    #expect(reply.failure == "unreadable-photo")
    #expect((try reply.object["message"] as? String)?.contains("pixels") == true)
  }

  private static func crc(_ bytes: Data) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 {
        let isOdd = sum & 1 == 1
        sum >>= 1
        if isOdd { sum ^= 0xedb8_8320 }
      }
    }
    return ~sum
  }

  @Test("methods that nobody knows, and requests that are none, are counted as such, whatever they say")
  func strange() throws {
    let fixture = try Fixture(.socket)
    let brew = try client(fixture).send("BREW", "/healthz")
    #expect(brew.status == 501)
    #expect(brew.failure == "unknown-method")
    for (text, status, word) in [
      ("GET\r\n\r\n", 400, "bad-request"), ("\u{16}\u{3}\u{1}\0\0", 400, "bad-request"),
      ("GET / HTTP/9.9\r\n\r\n", 505, "unknown-version"),
      ("GET /healthz HTTP/1.1\r\nHost: a\r\nbroken\r\n\r\n", 400, "bad-request"),
      ("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n", 400, "bad-request"),
      ("GET /\(String(repeating: "a", count: 60_000)) HTTP/1.1\r\n\r\n", 431, "head-too-large"),
      (
        "GET /healthz HTTP/1.1\r\n\(String(repeating: "X-A: b\r\n", count: 9_000))\r\n", 431, "head-too-large"
      ),
    ] {
      let client = try client(fixture)
      try client.write(Data(text.utf8))
      let replies = try client.readAll()
      #expect(replies.map(\.status) == [status], "\(text.prefix(30))")
      #expect(replies.first?.failure == word, "\(text.prefix(30))")
      #expect(replies.first?["request_id"] as? String == replies.first?.headers["X-Request-Id"])
    }
    let metrics = String(decoding: try fixture.send(.get, "/metrics").body, as: UTF8.self)
    for (status, count) in [(501, 1), (400, 4), (505, 1), (431, 2)] {
      #expect(
        metrics.contains(
          "facegallery_http_requests_total{method=\"other\",route=\"other\",status=\"\(status)\"} \(count)\n")
      )
    }
    #expect(fixture.log.all.contains { $0.contains("\"status\":501") })
    #expect(!fixture.log.all.contains { $0.contains("BREW") || $0.contains("broken") })
  }

  @Test(
    "a page of another site reaches nothing, by name or by origin, and shows no picture",
    arguments: [true, false])
  func foreignPages(_ needsKeys: Bool) throws {
    let fixture = try Fixture(.socket, people: 2, needsKeys: needsKeys, keepThumbnails: true)
    let subjects = "/api/v1/recognition/subjects"
    for headers: HTTPHeaders in [
      ["Origin": "https://evil.example"], ["Origin": "null"], ["Sec-Fetch-Site": "cross-site"],
      ["Sec-Fetch-Site": "same-site"],
    ] {
      let reply = try fixture.send(.delete, subjects, headers: headers)
      #expect(reply.status == 403)
      #expect(reply.failure == "foreign-origin")
    }
    let embedded = try fixture.send(
      .get, "/api/v1/people/1/thumbnail",
      headers: ["Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"])
    #expect(embedded.failure == "foreign-origin")
    let own = try fixture.send(.get, "/api/v1/people", headers: ["Sec-Fetch-Site": "same-origin"])
    #expect(own.status == 200)
    #expect(own.headers["Cross-Origin-Resource-Policy"] == "same-origin")
    #expect(try fixture.gallery.info().people == 2)
    guard !needsKeys else { return }
    for host in ["127.attacker.example", "127.0.0.1.evil.example:80", "evil.example", "localhost."] {
      let client = try client(fixture)
      try client.write(
        Data("DELETE \(subjects) HTTP/1.1\r\nHost: \(host)\r\nOrigin: http://\(host)\r\n\r\n".utf8))
      #expect(try client.read().failure == "foreign-host", "\(host)")
    }
    #expect(try fixture.gallery.info().people == 2)
  }

  @Test("who tries keys has to wait, and is counted; keys that came before go on")
  func guesses() throws {
    let fixture = try Fixture(.socket)
    #expect(try fixture.send(.get, "/api/v1/people", as: .read).status == 200)
    func guess(_ number: Int) throws -> HTTPResponse {
      try fixture.send(.get, "/api/v1/people", as: nil, headers: ["x-api-key": "a guess \(number)"])
    }
    let free = fixture.service.limits.wrongKeys
    for number in 0...free { #expect(try guess(number).failure == "unknown-key") }
    let slowed = try guess(free + 1)
    #expect(slowed.status == 429)
    #expect(slowed.failure == "too-many-keys")
    #expect(slowed.headers["Retry-After"] == "1")
    #expect(try fixture.send(.get, "/api/v1/people", as: .read).status == 200)
    let metrics = fixture.service.attempts.counts
    #expect(metrics == (free + 1, 1))
  }

  @Test("a client that leaves while its photo is worked on: nothing is stored, and it is noted as gone")
  func leaves() throws {
    let gate = DispatchSemaphore(value: 0)
    let fixture = try Fixture(.socket, hook: { gate.wait() })
    let photo = Data(try FakePhoto(person: 1).png()).base64EncodedString()
    let body = Data("{\"file\":\"\(photo)\"}".utf8)
    do {
      let client = try client(fixture)
      let headers: HTTPHeaders = ["x-api-key": fixture.key(.write), "Content-Type": "application/json"]
      try client.write(
        SocketClient.head(
          "POST", "/api/v1/recognition/faces?subject=Ada", headers: headers, length: body.count) + body)
      // The connection is open until its photo is at work.
      withExtendedLifetime(client) {
        #expect(eventually { fixture.service.occupancy.current.uploads == 1 })
      }
    }
    #expect(eventually { fixture.server?.connectionCount == 0 })
    gate.signal()
    #expect(eventually { fixture.service.occupancy.current == (0, 0, 0) })
    #expect(try fixture.gallery.info().faces == 0)
    #expect(fixture.log.all.contains { $0.contains("\"status\":499") })
    #expect(!fixture.log.all.contains { $0.contains("\"event\":\"failure\"") })
  }

  @Test("a full queue answers 503 at once, other requests go on, and what runs is finished")
  func overload() throws {
    let gate = DispatchSemaphore(value: 0)
    let fixture = try Fixture(.socket, hook: { gate.wait() }, limits: { $0.uploadsInFlight = 1 })
    let photo = Data(try FakePhoto(person: 1).png()).base64EncodedString()
    let body = Data("{\"file\":\"\(photo)\"}".utf8)
    let first = try client(fixture)
    let headers: HTTPHeaders = ["x-api-key": fixture.key(.read), "Content-Type": "application/json"]
    try first.write(
      SocketClient.head("POST", "/api/v1/detection/detect", headers: headers, length: body.count) + body)
    #expect(eventually { fixture.service.occupancy.current.uploads == 1 })
    let second = try fixture.send(.post, Self.recognize, json: ["file": photo])
    #expect(second.status == 503)
    #expect(second.failure == "overloaded")
    #expect(second.headers["Retry-After"] == "1")
    #expect(try fixture.send(.get, "/healthz").status == 200)
    #expect(try fixture.send(.get, "/readyz").status == 200)

    // The server is told to stop while a request runs: it is answered first.
    let server = try #require(fixture.server)
    let stopped = DispatchSemaphore(value: 0)
    let thread = Thread {
      server.stop()
      stopped.signal()
    }
    thread.start()
    #expect(eventually { !fixture.service.occupancy.isOpen })
    gate.signal()
    #expect(try first.read().status == 200)
    stopped.wait()
    #expect(throws: (any Error).self) { try self.client(fixture) }
  }

  @Test("a client that goes away in the middle of an upload leaves nothing behind")
  func disconnect() throws {
    let fixture = try Fixture(.socket)
    do {
      let client = try client(fixture)
      try client.write(
        SocketClient.head("POST", Self.recognize, headers: ["x-api-key": fixture.key(.read)], length: 1 << 20)
          + Data(count: 1 << 16))
      #expect(eventually { fixture.service.occupancy.current.bytes == 1 << 16 })
    }
    #expect(eventually { fixture.service.occupancy.current.requests == 0 })
    #expect(eventually { fixture.log.all.contains { $0.contains("\"status\":499") } })
  }

  @Test("an upload that does not end holds up a stop for the time of grace only, and is no failure")
  func endlessUpload() throws {
    let fixture = try Fixture(.socket, limits: { $0.graceSeconds = 1 })
    let client = try client(fixture)
    try client.write(
      SocketClient.head("POST", Self.recognize, headers: ["x-api-key": fixture.key(.read)], length: 1 << 20)
        + Data(count: 1 << 16))
    #expect(eventually { fixture.service.occupancy.current.bytes == 1 << 16 })
    #expect(try #require(fixture.server).stop())
    #expect(client.isClosed())
    #expect(fixture.service.occupancy.current.requests == 0)
    #expect(fixture.log.all.contains { $0.contains("\"status\":499") })
    #expect(fixture.log.all.last?.contains("\"event\":\"stopped\"") == true)
  }

  @Test("thousands of connections at once, most of them idle")
  func connections() throws {
    // None is cut for being idle, however slow the machine is.
    let fixture = try Fixture(.socket, limits: { $0.idleSeconds = 600 })
    // Both ends are in this process, and other tests need some descriptors too.
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    // An address has half of the connections.
    let count = min(5_000, (Int(limit.rlim_cur) - 1_000) / 4)
    try #require(count >= 10, "The limit of \(limit.rlim_cur) open files leaves nothing to test")
    var clients: [SocketClient] = []
    for _ in 0..<count { clients.append(try client(fixture)) }
    var failures = 0
    for client in clients.shuffled() where try client.send("GET", "/healthz").status != 200 { failures += 1 }
    #expect(failures == 0)
    #expect(fixture.server?.connectionCount == count)
    clients.removeAll()
    #expect(eventually { fixture.server?.connectionCount == 0 })
  }

  @Test(
    "a full disk is 507 to whoever adds, the others go on, and nothing that was acknowledged is lost",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func fullDisk() throws {
    let disk = try #require(SmallDisk(megabytes: 3))
    let fixture = try Fixture(.socket, at: disk.url.appending(path: "gallery"), keepThumbnails: true)
    let faces = try (0..<50).map { face in
      ["name": "Person", "embedding": try FakeEngine.embedding(person: 1, face: face).values] as [String: Any]
    }
    var acknowledged = 0
    // Twice: what a background save had written and gave back can make room for a little more.
    for _ in 0..<2 {
      var refusal: HTTPResponse?
      for _ in 0..<1_000 where refusal == nil {
        let reply = try fixture.send(.post, "/api/v1/embeddings", as: .write, json: ["faces": faces])
        if reply.status == 201 { acknowledged += faces.count } else { refusal = reply }
      }
      let reply = try #require(refusal)
      #expect(reply.status == 507)
      #expect(reply.failure == "disk-full")
      #expect(reply.number("code") == 0)
      #expect((reply["message"] as? String)?.isEmpty == false)
      #expect(reply["request_id"] as? String == reply.headers["X-Request-Id"])
      #expect(try fixture.send(.get, "/readyz", as: nil).status == 200)
      let answer = try fixture.send(.post, "/api/v1/query", as: .read, photo: FakePhoto(1))
      #expect(answer["faces", 0, "answer", "candidates", 0, "name"] as? String == "Person")
    }
    #expect(acknowledged > 0)
    #expect(try fixture.gallery.info().faces == acknowledged)
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test("requests from many threads are all answered, and nothing is lost")
  func parallel() async throws {
    let fixture = try Fixture(.socket)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for person in 0..<12 {
        group.addTask {
          for face in 0..<4 {
            let reply = try fixture.send(
              .post, "/api/v1/recognition/faces?subject=P\(person)", as: .write,
              files: ["file": FakePhoto(person: person, face: face).png()])
            #expect(reply.status == 201)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try fixture.gallery.info().faces == 48)
    #expect(try fixture.gallery.check().isHealthy)
    #expect(try await eventually { fixture.service.occupancy.current.requests == 0 })
  }
}
