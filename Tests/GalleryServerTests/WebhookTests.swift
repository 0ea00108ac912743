import FaceGallery
import Foundation
import HTTPTestSupport
import Synchronization
import TestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Webhooks") struct WebhookTests {
  /// Notes what it is to post, and answers as it is told; nil does not answer.
  private final class Recorder: WebhookSender {
    private let answers: Mutex<[Int?]>
    private let posted = Mutex<[(event: String, time: ContinuousClock.Instant)]>([])
    private let gate: DispatchSemaphore?

    /// The last answer is given to all that come later.
    init(_ answers: Int?..., gate: DispatchSemaphore? = nil) {
      self.answers = Mutex(answers)
      self.gate = gate
    }

    var events: [String] { posted.withLock { $0.map(\.event) } }
    var times: [ContinuousClock.Instant] { posted.withLock { $0.map(\.time) } }

    func post(_ body: Data, to url: String, headers: [String]) throws(WebhookFailure) -> Int {
      let object = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
      posted.withLock { $0.append((object?["request_id"] as? String ?? "", .now)) }
      gate?.wait()
      let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0.first ?? nil }
      guard let answer else { throw WebhookFailure(description: "nobody is there") }
      return answer
    }
  }

  private struct Content: Encodable {
    let name = "Ada"
    var more = ""
  }

  private static func settings(_ url: String = "http://127.0.0.1:9/") throws -> Webhooks.Settings {
    var settings = try #require(Webhooks.Settings(url: url, secret: "0123456789abcdef"))
    settings.firstDelay = .milliseconds(20)
    return settings
  }

  private static func event(_ name: String, bytes: Int = 0) throws -> Webhooks.Event {
    try Webhooks.Event(
      kind: .enrolment, gallery: "test", requestID: name,
      content: Content(more: String(repeating: "x", count: bytes)))
  }

  @Test("events are delivered in their order")
  func order() throws {
    let recorder = Recorder(200)
    let webhooks = try Webhooks(Self.settings(), sender: recorder, log: .silent)
    let names = (0..<50).map { "\($0)" }
    for name in names { webhooks.post(try Self.event(name)) }
    #expect(eventually { webhooks.counts.delivered == 50 })
    #expect(recorder.events == names)
    #expect(webhooks.counts == Webhooks.Counts(delivered: 50))
  }

  @Test("what fails is tried again, later each time, and given up at last; the next event comes behind it")
  func retries() throws {
    let recorder = Recorder(nil, 500, 429, 503, 200)
    var settings = try Self.settings()
    settings.attempts = 4
    let webhooks = try Webhooks(settings, sender: recorder, log: .silent)
    webhooks.post(try Self.event("a"))
    webhooks.post(try Self.event("b"))
    #expect(eventually { webhooks.counts.delivered == 1 })
    #expect(recorder.events == ["a", "a", "a", "a", "b"])
    #expect(webhooks.counts == Webhooks.Counts(delivered: 1, retries: 3, undelivered: 1))
    let waits = zip(recorder.times, recorder.times.dropFirst()).map { $1 - $0 }
    #expect(waits[0] >= .milliseconds(20) && waits[1] >= .milliseconds(40) && waits[2] >= .milliseconds(80))
  }

  @Test("what the receiver refuses is not tried again", arguments: [301, 400, 401, 404, 410])
  func refusal(status: Int) throws {
    let recorder = Recorder(status, 200)
    let webhooks = try Webhooks(Self.settings(), sender: recorder, log: .silent)
    webhooks.post(try Self.event("a"))
    webhooks.post(try Self.event("b"))
    #expect(eventually { webhooks.counts.delivered == 1 })
    #expect(recorder.events == ["a", "b"] && webhooks.counts.undelivered == 1)
  }

  @Test("a full queue drops what is new, and a receiver that hangs holds up no answer")
  func overflow() throws {
    let gate = DispatchSemaphore(value: 0)
    let recorder = Recorder(200, gate: gate)
    var settings = try Self.settings()
    settings.capacity = 3
    let log = LogLines()
    let webhooks = try Webhooks(settings, sender: recorder, log: EventLog(.events) { log.add($0) })
    let fixture = try Fixture(people: 2, webhooks: webhooks)
    for _ in 0..<9 { #expect(try fixture.send(.post, "/api/v1/query", photo: FakePhoto(1)).status == 200) }
    #expect(webhooks.counts == Webhooks.Counts(waiting: 3, overflowed: 6))
    #expect(log.all.filter { $0.contains("queue is full") }.count == 1)
    let metrics = String(decoding: try fixture.send(.get, "/metrics").body, as: UTF8.self)
    #expect(metrics.contains(#"facegallery_webhook_events_total{result="overflow"} 6"#))
    #expect(metrics.contains("facegallery_webhook_queue_depth 3"))
    for _ in 0..<3 { gate.signal() }
    #expect(eventually { webhooks.counts == Webhooks.Counts(delivered: 3, overflowed: 6) })
  }

  @Test("events that wait have so many bytes together, and there is room again for what was delivered")
  func bytes() throws {
    let gate = DispatchSemaphore(value: 0)
    var settings = try Self.settings()
    settings.capacityBytes = 10_000
    let webhooks = try Webhooks(settings, sender: Recorder(200, gate: gate), log: .silent)
    webhooks.post(try Self.event("too large", bytes: 20_000))
    for name in ["a", "b", "c"] { webhooks.post(try Self.event(name, bytes: 4_000)) }
    #expect(webhooks.counts == Webhooks.Counts(waiting: 2, overflowed: 2))
    webhooks.post(try Self.event("small"))
    #expect(webhooks.counts.waiting == 3)
    for _ in 0..<3 { gate.signal() }
    #expect(eventually { webhooks.counts.delivered == 3 })
    for name in ["d", "e"] { webhooks.post(try Self.event(name, bytes: 4_000)) }
    for _ in 0..<2 { gate.signal() }
    #expect(eventually { webhooks.counts == Webhooks.Counts(delivered: 5, overflowed: 2) })
  }

  @Test("stopping tries once what waits, and waits no longer than it may")
  func stop() throws {
    let webhooks = try Webhooks(Self.settings(), sender: Recorder(200), log: .silent)
    for name in ["a", "b", "c"] { webhooks.post(try Self.event(name)) }
    webhooks.stop(within: 60)
    #expect(webhooks.counts == Webhooks.Counts(delivered: 3))
    webhooks.post(try Self.event("late"))
    #expect(webhooks.counts.overflowed == 1)

    var settings = try Self.settings()
    settings.firstDelay = .seconds(600)
    let down = Recorder(nil)
    let failing = try Webhooks(settings, sender: down, log: .silent)
    for name in ["a", "b"] { failing.post(try Self.event(name)) }
    #expect(eventually { down.events == ["a"] })
    failing.stop(within: 60)
    #expect(failing.counts == Webhooks.Counts(undelivered: 2) && down.events == ["a", "b"])

    let gate = DispatchSemaphore(value: 0)
    let hanging = try Webhooks(Self.settings(), sender: Recorder(200, gate: gate), log: .silent)
    for name in ["a", "b"] { hanging.post(try Self.event(name)) }
    hanging.stop(within: 1)
    #expect(hanging.counts.undelivered == 2)
    gate.signal()
  }

  @Test("addresses and secrets that are none are refused")
  func settings() {
    for url in [
      "", "example.org", "ftp://example.org/", "http://", "http:///x", "https://example.org/#a",
      "file:///etc/passwd",
    ] {
      #expect(Webhooks.Settings(url: url, secret: "0123456789abcdef") == nil, "\(url)")
    }
    #expect(Webhooks.Settings(url: "https://example.org/a?b=c", secret: "0123456789abcde") == nil)
    #expect(Webhooks.Settings(url: "https://example.org/a?b=c", secret: "0123456789abcdef") != nil)
  }

  @Test("another program receives what was enrolled and recognised in both APIs, and finds it signed")
  func receiver() throws {
    let secret = "a secret of some length"
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", PythonTool.file("Tests/Support/client/webhook.py"), secret, "10"]
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    var line = ""
    while !line.hasSuffix("\n") {
      let byte = output.fileHandleForReading.readData(ofLength: 1)
      try #require(!byte.isEmpty)
      line += String(decoding: byte, as: UTF8.self)
    }
    let port = try #require(Int(line.dropLast()))
    var settings = try #require(Webhooks.Settings(url: "http://127.0.0.1:\(port)/hook", secret: secret))
    settings.firstDelay = .milliseconds(50)
    let webhooks = try Webhooks(settings, log: .silent)
    let fixture = try Fixture(webhooks: webhooks)
    #expect(try fixture.send(.post, "/api/v1/enrol?name=Zo%C3%AB", photo: FakePhoto(1)).status == 201)
    // Neither what the person has already nor what is refused is an enrolment, and no face is no recognition.
    #expect(try fixture.send(.post, "/api/v1/enrol?name=Zo%C3%AB", photo: FakePhoto(1)).status == 200)
    #expect(try fixture.send(.post, "/api/v1/enrol?name=Bob", photo: FakePhoto(1)).status == 409)
    #expect(try fixture.send(.post, "/api/v1/query", photo: FakePhoto()).status == 200)
    #expect(
      try fixture.send(.post, "/api/v1/recognition/faces?subject=Bob", photo: FakePhoto(2)).status == 201)
    let query = try fixture.send(.post, "/api/v1/query", photo: FakePhoto(1, 9))
    #expect(try fixture.send(.post, "/api/v1/recognition/recognize", photo: FakePhoto(2)).status == 200)
    var batch = Data()
    for photo in [FakePhoto(1), FakePhoto(), FakePhoto(2)] {
      batch += Data("--frontier\r\nContent-Disposition: form-data; name=\"files\"\r\n\r\n".utf8)
      batch += Data(try photo.png()) + Data("\r\n".utf8)
    }
    batch += Data("--frontier--\r\n".utf8)
    let headers: HTTPHeaders = ["Content-Type": "multipart/form-data; boundary=frontier"]
    #expect(try fixture.send(.post, "/api/v1/query/batch", headers: headers, body: batch).status == 200)
    // Embeddings of two people, and faces that get a name, one by one and as a group; those that lose it are none.
    let vectors = try (7...10).map { try json(FakeEngine.embedding(person: $0, face: 0)) }
    let named = zip(["Eve", "Max", "Eve", "Eve"], vectors).map { #"{"name": "\#($0)", "embedding": \#($1)}"# }
    let type: HTTPHeaders = ["Content-Type": "application/json"]
    func send(_ method: HTTPMethod, _ path: String, _ text: String) throws {
      let reply = try fixture.send(method, path, headers: type, body: Data(text.utf8))
      #expect((200..<300).contains(reply.status), "\(path): \(String(decoding: reply.body, as: UTF8.self))")
    }
    try send(.post, "/api/v1/embeddings", #"{"faces": [\#(named.joined(separator: ","))]}"#)
    try send(.patch, "/api/v1/faces", #"{"faces": [4], "unnamed": true}"#)
    try send(.patch, "/api/v1/faces", #"{"faces": [4], "name": "Mia"}"#)
    // It is hers already.
    try send(.patch, "/api/v1/faces", #"{"faces": [4], "name": "Mia"}"#)
    let many = try fixture.send(.post, "/api/v1/query?k=1000&group_by=face", photo: FakePhoto(1))
    #expect(many.status == 200)
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let events = try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(
      events.map { $0["event"] as? String }
        == ["enrolment", "enrolment", "recognition", "recognition", "recognition", "recognition"]
        + ["enrolment", "enrolment", "enrolment", "recognition"])
    #expect(events.allSatisfy { $0["gallery"] as? String == "test" })
    #expect(events[0]["name"] as? String == "Zoë" && events[1]["name"] as? String == "Bob")
    #expect((events[0]["faces"] as? [Int]) == [1])
    let faces = try #require(events[2]["faces"] as? [[String: Any]])
    #expect(faces.map { ($0["answer"] as? [String: Any])?["name"] as? String } == ["Zoë", nil])
    #expect(events[2]["request_id"] as? String == query.headers["X-Request-Id"])
    #expect(events[6...8].map { $0["name"] as? String } == ["Eve", "Max", "Mia"])
    #expect(events[6...8].map { $0["faces"] as? [Int] } == [[3, 5, 6], [4], [4]])
    let last = try #require(events[9]["faces"] as? [[String: Any]])
    let candidates = (last[0]["answer"] as? [String: Any])?["candidates"] as? [Any]
    #expect(candidates?.count == 5)
    #expect(eventually { webhooks.counts == Webhooks.Counts(delivered: 10, retries: 1) })
  }
}
