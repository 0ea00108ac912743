import FaceGallery
import Foundation
import HTTPTestSupport
import TestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

/// The same requests in memory and over a socket.
@Suite("Health, keys and limits", .serialized)
struct OperationTests {
  @Test("health and readiness need no key and tell nothing", arguments: Fixture.Way.allCases)
  func health(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let health = try fixture.send(.get, "/healthz", as: nil)
    #expect(health.status == 200)
    #expect(String(decoding: health.body, as: UTF8.self) == #"{"status":"ok"}"#)
    let ready = try fixture.send(.get, "/readyz", as: nil)
    #expect(ready.status == 200)
    #expect(try ready.object["status"] as? String == "ready")
    let head = try fixture.send(.head, "/healthz", as: nil)
    #expect(head.status == 200)
    #expect(head.body.isEmpty)
  }

  @Test("a gallery whose folder was replaced acknowledges no change, is not ready, and answers on")
  func replaced() throws {
    let fixture = try Fixture(people: 2)
    let files = FileManager.default
    let copy = fixture.folder.appendingPathExtension("copy")
    try files.copyItem(at: fixture.folder, to: copy)
    try files.removeItem(at: fixture.folder)
    #expect(try fixture.send(.get, "/readyz", as: nil).status == 503)
    try files.moveItem(at: copy, to: fixture.folder)
    let enrolled = try fixture.send(
      .post, "/api/v1/recognition/faces?subject=Ada", as: .write,
      files: ["file": FakePhoto(person: 7, face: 0).png()])
    #expect(enrolled.status == 503)
    #expect(try enrolled.object["error"] as? String == "gallery-replaced")
    let message = try #require(try enrolled.object["message"] as? String)
    #expect(message.contains("moved, deleted or replaced"))
    #expect(try fixture.send(.get, "/readyz", as: nil).status == 503)
    #expect(fixture.log.all.contains { $0.contains("not-ready") && $0.contains("replaced") })
    #expect(try fixture.send(.get, "/api/v1/recognition/subjects", as: .read).status == 200)
  }

  @Test("metrics count requests by pattern and status", arguments: Fixture.Way.allCases)
  func metrics(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    _ = try fixture.gallery.add(FakeEngine.embedding(person: 1, face: 1), as: "Ada")
    _ = try fixture.send(.get, "/healthz", as: nil)
    _ = try fixture.send(.get, "/nowhere", as: nil)
    let reply = try fixture.send(.get, "/metrics")
    let text = String(decoding: reply.body, as: UTF8.self)
    #expect(reply.headers["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
    #expect(
      text.contains("facegallery_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1\n"))
    #expect(
      text.contains("facegallery_http_requests_total{method=\"GET\",route=\"other\",status=\"404\"} 1\n"))
    #expect(text.contains("facegallery_http_request_seconds_count{route=\"/healthz\"} 1\n"))
    #expect(text.contains("facegallery_faces{gallery=\"test\"} 1\n"))
    #expect(text.contains("facegallery_index_failures_total{gallery=\"test\"} 0\n"))
    #expect(text.contains("\nfacegallery_requests_in_flight "))
    for name in ["resident_memory_bytes", "cpu_seconds_total", "open_fds", "max_fds"] {
      let value = text.firstMatch(of: try Regex("\nprocess_\(name) ([0-9.e+]+)\n"))
      #expect((value?.output[1].substring).flatMap { Double($0) }.map { $0 > 0 } == true, "\(name)")
    }
    let start = text.firstMatch(of: /\nprocess_start_time_seconds ([0-9]+)\n/)
    let age = Date.now.timeIntervalSince1970 - (start.flatMap { Double($0.output.1) } ?? 0)
    #expect(age > -2 && age < 24 * 3600, "\(age)")
  }

  @Test(
    "the text of the metrics is as Prometheus' own checker wants it",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"), "promtool is not installed"))
  func metricsChecked() throws {
    let fixture = try Fixture(people: 3)
    _ = try fixture.send(.post, "/api/v1/query", photo: FakePhoto(1))
    let file = fixture.folder.appending(path: "metrics.txt")
    try fixture.send(.get, "/metrics").body.write(to: file)
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/promtool")
    process.arguments = ["check", "metrics"]
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text.isEmpty, "\(text)")
  }

  @Test(
    "the sandbox of the systemd unit is rated 2.0 or less",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"), "systemd is not installed"
    ))
  func sandbox() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/systemd-analyze")
    process.arguments = [
      "security", "--offline=true", "--threshold=20",
      URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/deploy/facegallery.service").path,
    ]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test("every metric that the dashboard shows is one of ours")
  func dashboard() throws {
    let deploy = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/deploy/grafana.json")
    let text = try String(contentsOf: deploy, encoding: .utf8)
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let sources = ["Metrics", "OperationRoutes", "ProcessFigures"].map {
      URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/GalleryServer/Operation/\($0).swift")
    }
    let code = try sources.map { try String(contentsOf: $0, encoding: .utf8) }.joined()
    let shown = Set(text.matches(of: /\b(facegallery|process)_[a-z_]+/).map { String($0.output.0) })
      .subtracting(["facegallery"])
    #expect(shown.count > 15)
    for name in shown {
      let plain = name.hasSuffix("_bucket") ? String(name.dropLast(7)) : name
      #expect(code.contains("\"\(plain)\"") || code.contains("\"\(plain.dropFirst(8))\""), "\(name)")
    }
  }

  @Test("a gallery's metrics tell nothing of what is asked of the others")
  func metricsApart() throws {
    let (one, two) = (try Fixture(people: 1), try Fixture(people: 2))
    let secret = two.key(.admin)
    let service = GalleryService(galleries: [
      try ServedGallery(one.gallery, name: "one"), try ServedGallery(two.gallery, name: "two"),
    ])
    func ask(_ path: String, _ key: String) -> String {
      let request = HTTPRequest(.get, path, headers: ["Host": "localhost", "x-api-key": key])
      return String(decoding: service.answer(request).body, as: UTF8.self)
    }
    for _ in 0..<3 { _ = ask("/api/v1/people", one.key(.admin)) }
    _ = ask("/api/v1/gallery", secret)
    // What another gallery's key is refused is that gallery's traffic, too.
    _ = service.answer(
      HTTPRequest(.delete, "/api/v1/people/1", headers: ["Host": "localhost", "x-api-key": one.key(.read)]))
    _ = ask("/nowhere", one.key(.read))
    let text = ask("/metrics", secret)
    #expect(
      text.contains("route=\"/api/v1/gallery\"") && text.contains("facegallery_people{gallery=\"two\"} 2\n"))
    #expect(!text.contains("route=\"/api/v1/people\"") && !text.contains("\"one\""))
    #expect(!text.contains("in_flight") && !text.contains("refused_keys"))
    #expect(!text.contains("process_") && !text.contains("DELETE") && !text.contains("route=\"other\""))
  }

  @Test("the key for metrics sees all galleries and the process, and opens nothing else")
  func metricsKey() throws {
    let (one, two) = (try Fixture(people: 1), try Fixture(people: 2))
    let secret = "cGq8-vD3x_T9mW2zR7yB"
    var settings = ServiceSettings()
    for weak in ["short", "aaaaaaaaaaaaaaaaaaaaaaaa", "with a blank in it 12345"] {
      #expect(throws: KeyError.self) { try settings.setMetricsKey(weak) }
    }
    #expect(settings.metricsKey == nil)
    try settings.setMetricsKey(secret)
    let service = GalleryService(
      galleries: [try ServedGallery(one.gallery, name: "one"), try ServedGallery(two.gallery, name: "two")],
      settings: settings)
    func ask(_ method: HTTPMethod, _ path: String, _ key: String) -> HTTPResponse {
      service.answer(HTTPRequest(method, path, headers: ["Host": "localhost", "x-api-key": key]))
    }
    _ = ask(.get, "/api/v1/people", one.key(.admin))
    _ = ask(.get, "/api/v1/people", two.key(.admin))
    let text = String(decoding: ask(.get, "/metrics", secret).body, as: UTF8.self)
    for line in [
      #"facegallery_people{gallery="one"} 1"#, #"facegallery_people{gallery="two"} 2"#,
      #"route="/api/v1/people",status="200"} 2"#, "facegallery_requests_in_flight ",
      "process_start_time_seconds ",
      "facegallery_refused_keys_total",
    ] { #expect(text.contains(line), "\(line)") }
    let families = text.matches(of: /# TYPE (\S+)/).map { String($0.output.1) }
    #expect(families.count == Set(families).count)
    for (method, path) in [
      (HTTPMethod.get, "/api/v1/people"), (.delete, "/api/v1/people"), (.get, "/api/v1/keys"),
    ] {
      #expect(ask(method, path, secret).status == 401, "\(path)")
    }
    #expect(ask(.get, "/metrics", secret + "x").status == 401)
  }

  @Test("a failure has one shape", arguments: Fixture.Way.allCases)
  func failures(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let cases: [(HTTPMethod, String, Role?, Int, String)] = [
      (.get, "/nowhere", nil, 404, "not-found"), (.post, "/healthz", nil, 405, "method-not-allowed"),
      (.get, "/metrics", nil, 401, "key-missing"), (.get, "/metrics", .read, 403, "forbidden"),
      (.get, "/%zz", nil, 400, "bad-path"), (.get, "/a/%2e%2e/metrics", nil, 400, "bad-path"),
      (.get, "/../metrics", nil, 400, "bad-path"), (.get, "/%00", nil, 400, "bad-path"),
    ]
    for (method, target, role, status, word) in cases {
      let reply = try fixture.send(method, target, as: role)
      #expect(reply.status == status, "\(target)")
      let object = try reply.object
      #expect(object["error"] as? String == word, "\(target)")
      #expect(object["code"] is Int)
      #expect((object["message"] as? String)?.isEmpty == false)
      #expect(object["request_id"] as? String == reply.headers["X-Request-Id"])
    }
    #expect(try fixture.send(.post, "/healthz", as: nil).headers["Allow"] == "GET, HEAD")
    let unknown = try fixture.send(.get, "/metrics", as: nil, headers: ["x-api-key": "not a key of anybody"])
    #expect(unknown.status == 401)
    #expect(unknown.failure == "unknown-key")
  }

  @Test("a key also comes as a bearer token", arguments: Fixture.Way.allCases)
  func bearer(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let reply = try fixture.send(
      .get, "/metrics", as: nil, headers: ["Authorization": "Bearer \(fixture.key(.admin))"])
    #expect(reply.status == 200)
  }

  @Test("a plain request id is taken over, another is not", arguments: Fixture.Way.allCases)
  func requestIDs(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let plain = try fixture.send(.get, "/healthz", as: nil, headers: ["X-Request-Id": "abc-1.2_X"])
    #expect(plain.headers["X-Request-Id"] == "abc-1.2_X")
    let odd = try fixture.send(.get, "/healthz", as: nil, headers: ["X-Request-Id": "a\"b"])
    #expect(odd.headers["X-Request-Id"]?.count == 16)
  }

  @Test("a key that asks too often gets 429 with the time to wait", arguments: Fixture.Way.allCases)
  func rate(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way, limits: { $0.requestsPerSecond = 0.01 })
    #expect(try fixture.send(.get, "/metrics").status == 200)
    let reply = try fixture.send(.get, "/metrics")
    #expect(reply.status == 429)
    #expect(reply.failure == "too-many-requests")
    #expect(Int(reply.headers["Retry-After"] ?? "") ?? 0 > 50)
  }

  @Test("a body in a coding is refused, and said to be", arguments: Fixture.Way.allCases)
  func coding(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    for (coding, status) in [("gzip", 415), ("Identity", 200)] {
      let reply = try fixture.send(
        .post, "/api/v1/search", headers: ["Content-Type": "application/json", "Content-Encoding": coding],
        body: Data(#"{"embeddings": [\#(json(FakeEngine.embedding(person: 1, face: 1)))]}"#.utf8))
      #expect(reply.status == status, "\(coding)")
      if status == 415 { #expect(reply.failure == "unsupported-media-type") }
    }
  }

  @Test("without keys only this machine's own pages are answered", arguments: Fixture.Way.allCases)
  func foreignPages(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way, needsKeys: false)
    #expect(try fixture.send(.get, "/metrics", as: nil).status == 200)
    let foreign = try fixture.send(.get, "/metrics", as: nil, headers: ["Origin": "https://example.org"])
    #expect(foreign.status == 403)
    #expect(foreign.failure == "foreign-origin")
  }

  @Test("without keys a name that was pointed here is refused")
  func rebinding() throws {
    let fixture = try Fixture(needsKeys: false)
    let reply = fixture.service.answer(HTTPRequest(.get, "/metrics", headers: ["Host": "evil.example:8080"]))
    #expect(reply.status == 403)
    #expect(reply.failure == "foreign-host")
  }

  @Test("the log has routes and figures, never keys, queries or names")
  func log() throws {
    let fixture = try Fixture()
    _ = try fixture.send(.get, "/api/v1/people?name=Ada", headers: ["X-Request-Id": "r1"])
    let line = try #require(fixture.log.all.last)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["request"] as? String == "r1")
    #expect(object["route"] as? String == "/api/v1/people")
    #expect(object["status"] as? Int == 200)
    #expect(object["gallery"] as? String == "test")
    #expect(!line.contains("Ada"))
    #expect(!line.contains(fixture.key(.admin)))
  }

  @Test("a connection serves many requests")
  func keepAlive() throws {
    let fixture = try Fixture(.socket)
    let client = try SocketClient(port: #require(fixture.server).port)
    for _ in 0..<50 {
      #expect(try client.send("GET", "/healthz").status == 200)
      #expect(try client.send("GET", "/readyz").status == 200)
    }
    #expect(fixture.server?.connectionCount == 1)
  }
}
