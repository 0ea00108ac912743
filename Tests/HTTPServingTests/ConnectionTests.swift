import Foundation
import HTTPTestSupport
import Support
import Synchronization
import TestSupport
import Testing

@testable import HTTPServing

@Suite("Connections")
struct ConnectionTests {
  private func head(_ path: String, owner: String, length: Int, _ more: String = "") -> Data {
    Data(
      "POST \(path) HTTP/1.1\r\nHost: a\r\nX-Owner: \(owner)\r\nContent-Length: \(length)\r\n\(more)\r\n".utf8
    )
  }

  @Test("bodies that are declared and not sent keep nobody out, neither others nor their own sender")
  func declared() throws {
    let service = TestService()
    let server = try HTTPServer.start(service)
    defer { server.stop() }
    let count = 64
    let slow = try (0..<count).map { _ in
      let client = try SocketClient(port: server.port)
      try client.write(head("/photo", owner: "b/reader", length: 32 << 20) + Data("x".utf8))
      return client
    }
    #expect(eventually { service.occupancy.current.bytes == count })
    #expect(service.occupancy.current == (count, 0, count))
    for owner in ["a/writer", "b/reader"] {
      let body = Data(count: 4 << 20)
      let client = try SocketClient(port: server.port)
      try client.write(head("/photo", owner: owner, length: body.count) + body)
      #expect(try client.read().status == 200)
    }
    withExtendedLifetime(slow) {}
  }

  @Test("bodies of one owner take no more than is left for others; who sends more than that is told")
  func share() throws {
    var limits = Limits.patient
    limits.uploadBytes = 1 << 20
    limits.bodyBytesInFlight = 8 << 20
    let service = TestService(limits)
    let server = try HTTPServer.start(service)
    defer { server.stop() }
    // Four wait with all but a byte of a megabyte each: half of what there is.
    let held = try (0..<4).map { _ in
      let client = try SocketClient(port: server.port)
      try client.write(head("/store", owner: "b/reader", length: 1 << 20) + Data(count: 1 << 20 - 1))
      return client
    }
    #expect(eventually { service.occupancy.current.bytes == 4 * ((1 << 20) - 1) })
    let fifth = try SocketClient(port: server.port)
    try fifth.write(head("/store", owner: "b/reader", length: 1 << 20) + Data(count: 1 << 16))
    let refused = try #require(try fifth.readAll().first)
    #expect(refused.status == 503)
    #expect(refused.failure == "overloaded")
    let other = try SocketClient(port: server.port)
    try other.write(head("/store", owner: "a/writer", length: 1 << 20) + Data(count: 1 << 20))
    #expect(try other.read().status == 200)
    // The other's bytes are given back after its reply; until then the share of the held ones is smaller.
    #expect(eventually { service.occupancy.current.bytes == 4 * ((1 << 20) - 1) })
    for client in held {
      try client.write(Data(count: 1))
      #expect(try client.read().status == 200)
    }
    #expect(eventually { service.occupancy.current == (0, 0, 0) })
  }

  @Test("requests that begin and do not end leave places for others")
  func places() throws {
    var limits = Limits.patient
    limits.requestsInFlight = 16
    let service = TestService(limits)
    let server = try HTTPServer.start(service)
    defer { server.stop() }
    var slow: [SocketClient] = []
    for number in 0..<12 {
      let client = try SocketClient(port: server.port)
      try client.write(head("/store", owner: "b/reader", length: 10))
      // One at a time: several threads accept, and the first eight are to have the places.
      if number < 8 {
        #expect(eventually { service.occupancy.current.requests == number + 1 })
      } else {
        #expect(try client.readAll().map(\.status) == [503])
      }
      slow.append(client)
    }
    let other = try SocketClient(port: server.port)
    try other.write(head("/store", owner: "a/writer", length: 2) + Data("ab".utf8))
    #expect(try other.read().status == 200)
  }

  @Test("of a client that left nothing more is worked on, and its place is free")
  func disconnect() throws {
    let gate = DispatchSemaphore(value: 0)
    let begun = Mutex<[String]>([])
    let sawCancellation = Mutex(false)
    let service = TestService { request in
      begun.withLock { $0.append(request.headers["X-Name"] ?? "") }
      gate.wait()
      if Cancellation.current?.isCancelled == true { sawCancellation.withLock { $0 = true } }
    }
    let server = try HTTPServer.start(service) { $0.uploadThreads = 1 }
    defer { server.stop() }
    do {
      let first = try SocketClient(port: server.port)
      try first.write(head("/photo", owner: "b/reader", length: 1, "X-Name: first\r\n") + Data("x".utf8))
      #expect(eventually { begun.withLock { $0 } == ["first"] })
      let second = try SocketClient(port: server.port)
      try second.write(head("/photo", owner: "b/reader", length: 1, "X-Name: second\r\n") + Data("x".utf8))
      #expect(eventually { service.occupancy.current.uploads == 2 })
    }
    // The connections of both are closed by their server, too.
    #expect(eventually { server.connectionCount == 0 })
    // What waits is dropped at once; what runs finds out when it asks.
    #expect(eventually { service.abandonedCount == 1 && service.occupancy.current.uploads == 1 })
    let third = try SocketClient(port: server.port)
    try third.write(head("/photo", owner: "b/reader", length: 1, "X-Name: third\r\n") + Data("x".utf8))
    gate.signal()
    gate.signal()
    #expect(try third.read().status == 200)
    #expect(begun.withLock { $0 } == ["first", "third"])
    #expect(sawCancellation.withLock { $0 })
    #expect(service.abandonedCount == 1)
    #expect(eventually { service.occupancy.current == (0, 0, 0) })
  }

  @Test(
    "one key's long work leaves threads to other keys and galleries", arguments: ["store", "photo"])
  func longWork(lane: String) throws {
    let gate = DispatchSemaphore(value: 0)
    let begun = Mutex<[String]>([])
    let service = TestService { request in
      let owner = request.headers["X-Owner"] ?? ""
      begun.withLock { $0.append(owner) }
      if owner == "g/a" { gate.wait() }
    }
    let server = try HTTPServer.start(service)
    defer { server.stop() }
    defer { for _ in 0..<40 { gate.signal() } }
    var waiting: [SocketClient] = []
    for _ in 0..<20 {
      let client = try SocketClient(port: server.port)
      try client.write(Data("GET /\(lane) HTTP/1.1\r\nHost: a\r\nX-Owner: g/a\r\n\r\n".utf8))
      waiting.append(client)
    }
    #expect(eventually { service.occupancy.current.requests == 20 && begun.withLock { $0.count } >= 4 })
    for owner in ["g/b", "h/a"] {
      let client = try SocketClient(port: server.port)
      try client.write(Data("GET /\(lane) HTTP/1.1\r\nHost: a\r\nX-Owner: \(owner)\r\n\r\n".utf8))
      #expect(eventually { begun.withLock { $0.contains(owner) } }, "\(owner)")
      waiting.append(client)
    }
  }

  @Test("a client that is gone is not read for any longer, whether it is at work or waits")
  func abandonedRead() throws {
    let hasEnded = Atomic(0)
    let begun = Atomic(0)
    var limits = Limits.patient
    limits.halfClosedSeconds = 0
    let service = TestService(limits) { _ in
      begun.add(1, ordering: .relaxed)
      if eventually({ Cancellation.current?.isCancelled == true }) { hasEnded.add(1, ordering: .relaxed) }
    }
    let server = try HTTPServer.start(service) { $0.readThreads = 2 }
    defer { server.stop() }
    let clients = try (1...2).map { count in
      let client = try SocketClient(port: server.port)
      try client.write(Data("GET /store HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      // Its owner has one of the two threads: the second one waits.
      #expect(
        eventually { begun.load(ordering: .relaxed) == 1 && service.occupancy.current.requests == count })
      return client
    }
    // The one that waits first: else it may begin before it is known to be gone.
    clients[1].endSending()
    #expect(eventually { service.occupancy.current.requests == 1 })
    clients[0].endSending()
    #expect(eventually { service.abandonedCount >= 1 && hasEnded.load(ordering: .relaxed) == 1 })
    #expect(begun.load(ordering: .relaxed) == 1)
    #expect(eventually { service.occupancy.current.requests == 0 })
  }

  @Test("a client that has said all it has to say, and no more, is answered")
  func halfClosed() throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    let client = try SocketClient(port: server.port)
    try client.write(Data("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /store HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    client.endSending()
    #expect(
      try client.readAll().map { String(decoding: $0.body, as: UTF8.self) } == ["GET /a ", "GET /store "])
  }

  @Test(
    "photos that take much memory wait for each other, and small ones of another owner do not wait for them")
  func memory() throws {
    let gates = ["large": DispatchSemaphore(value: 0), "small": DispatchSemaphore(value: 0)]
    let running = Mutex<[String]>([])
    let service = TestService { request in
      let name = request.headers["X-Name"] ?? ""
      running.withLock { $0.append(name) }
      gates[name]?.wait()
    }
    let server = try HTTPServer.start(service) {
      $0.uploadThreads = 8
      $0.uploadMemory = 1_000
    }
    defer { server.stop() }
    let large = try (0..<4).map { _ in
      let client = try SocketClient(port: server.port)
      try client.write(
        head("/photo", owner: "b/reader", length: 1, "X-Name: large\r\nX-Memory: 400\r\n") + Data("x".utf8))
      return client
    }
    #expect(eventually { running.withLock { $0 } == ["large"] })
    #expect(eventually { service.occupancy.current.uploads == 4 })
    let small = try SocketClient(port: server.port)
    try small.write(
      head("/photo", owner: "a/writer", length: 1, "X-Name: small\r\nX-Memory: 10\r\n") + Data("x".utf8))
    #expect(eventually { running.withLock { $0 } == ["large", "small"] })
    gates["small"]?.signal()
    #expect(try small.read().status == 200)
    #expect(running.withLock { $0 } == ["large", "small"])
    for _ in 0..<4 { gates["large"]?.signal() }
    for client in large { #expect(try client.read().status == 200) }
  }

  @Test("a request is done in parts, and others are answered beside it")
  func parts() throws {
    let gate = DispatchSemaphore(value: 0)
    let running = Mutex<[String]>([])
    let service = TestService { request in
      running.withLock { $0.append(request.headers["X-Name"] ?? "") }
      gate.wait()
    }
    let server = try HTTPServer.start(service) { $0.uploadThreads = 1 }
    defer { server.stop() }
    let batch = try SocketClient(port: server.port)
    try batch.write(
      head("/photo", owner: "a/writer", length: 1, "X-Name: batch\r\nX-Parts: 5\r\n") + Data("x".utf8))
    #expect(eventually { running.withLock { $0 } == ["batch"] })
    let single = try (0..<2).map { _ in
      let client = try SocketClient(port: server.port)
      try client.write(
        head("/photo", owner: "b/reader", length: 1, "X-Name: single\r\n") + Data("x".utf8))
      return client
    }
    #expect(eventually { service.occupancy.current.uploads == 3 })
    for _ in 0..<7 { gate.signal() }
    for client in single + [batch] { #expect(try client.read().status == 200) }
    #expect(running.withLock { $0.count { $0 == "batch" } } == 5 && running.withLock { $0.count } == 7)
    #expect(eventually { service.occupancy.current == (0, 0, 0) })
  }

  @Test("of a request whose client left the parts that are left are not done")
  func partsOfNobody() throws {
    let gate = DispatchSemaphore(value: 0)
    let begun = Mutex(0)
    let service = TestService { _ in
      begun.withLock { $0 += 1 }
      gate.wait()
    }
    let server = try HTTPServer.start(service) { $0.uploadThreads = 1 }
    defer { server.stop() }
    do {
      let client = try SocketClient(port: server.port)
      try client.write(head("/photo", owner: "b/reader", length: 1, "X-Parts: 5\r\n") + Data("x".utf8))
      #expect(eventually { begun.withLock { $0 } == 1 })
    }
    #expect(eventually { server.connectionCount == 0 })
    gate.signal()
    #expect(eventually { service.occupancy.current == (0, 0, 0) })
    #expect(begun.withLock { $0 } == 1 && service.abandonedCount == 1)
  }

  @Test("an enrolment gives its memory back before it waits to be stored")
  func enrolmentMemory() throws {
    let gate = DispatchSemaphore(value: 0)
    let storing = Mutex(0)
    let service = TestService(changeHook: { _ in
      storing.withLock { $0 += 1 }
      gate.wait()
    })
    let server = try HTTPServer.start(service) {
      $0.changeThreads = 2
      $0.uploadMemory = 1_000
    }
    defer { server.stop() }
    // Two wait for a writer that does not get on; each took all the memory that there is.
    let enrolments = try (0..<2).map { _ in
      let client = try SocketClient(port: server.port)
      try client.write(
        head("/enrol", owner: "b/writer", length: 1, "X-Memory: 1000\r\n") + Data("x".utf8))
      return client
    }
    #expect(eventually { storing.withLock { $0 } == 2 })
    let query = try SocketClient(port: server.port)
    try query.write(head("/photo", owner: "b/writer", length: 1, "X-Memory: 1000\r\n") + Data("x".utf8))
    #expect(try query.read().status == 200)
    // Its place is given back after its reply.
    #expect(eventually { service.occupancy.current.uploads == 2 })
    for _ in 0..<2 { gate.signal() }
    for client in enrolments { #expect(try client.read().status == 200) }
    #expect(eventually { service.occupancy.current == (0, 0, 0) })
  }

  @Test(
    "queries and enrolments share the memory for photos",
    arguments: [["/enrol", "/photo"], ["/photo", "/enrol"]])
  func oneMemory(paths: [String]) throws {
    let gate = DispatchSemaphore(value: 0)
    let running = Mutex<[String]>([])
    let service = TestService { request in
      running.withLock { $0.append(request.path) }
      if request.path != "/small/photo" { gate.wait() }
    }
    let server = try HTTPServer.start(service) { $0.uploadMemory = 1_000 }
    defer { server.stop() }
    func send(_ path: String, owner: String, memory: Int) throws -> SocketClient {
      let client = try SocketClient(port: server.port)
      try client.write(
        head(path, owner: owner, length: 1, "X-Memory: \(memory)\r\n") + Data("x".utf8))
      return client
    }
    // Half of the memory is one owner's: the second has to wait for the first, and somebody else does not.
    let first = try send(paths[0], owner: "b/reader", memory: 400)
    #expect(eventually { running.withLock { $0 } == [paths[0]] })
    let second = try send(paths[1], owner: "b/reader", memory: 400)
    #expect(eventually { service.occupancy.current.uploads == 2 })
    let small = try send("/small/photo", owner: "a/reader", memory: 10)
    #expect(try small.read().status == 200)
    #expect(running.withLock { $0 } == [paths[0], "/small/photo"])
    for client in [first, second] {
      gate.signal()
      #expect(try client.read().status == 200)
    }
    #expect(running.withLock { $0 } == [paths[0], "/small/photo", paths[1]])
  }

  @Test("of a client that left while its photo was searched nothing is stored")
  func leftBeforeStoring() throws {
    let gate = DispatchSemaphore(value: 0)
    let stored = Mutex(0)
    let service = TestService(
      hook: { _ in gate.wait() }, changeHook: { _ in stored.withLock { $0 += 1 } })
    let server = try HTTPServer.start(service)
    defer { server.stop() }
    do {
      let client = try SocketClient(port: server.port)
      try client.write(head("/enrol", owner: "b/writer", length: 1) + Data("x".utf8))
      #expect(eventually { service.occupancy.current.uploads == 1 })
    }
    #expect(eventually { server.connectionCount == 0 })
    gate.signal()
    #expect(eventually { service.occupancy.current == (0, 0, 0) })
    #expect(stored.withLock { $0 } == 0)
    #expect(service.abandonedCount == 1)
  }

  @Test("an address has at most half of the connections, and the others find room; the log tells")
  func connectionsOfAnAddress() throws {
    var limits = Limits.patient
    limits.connections = 8
    let service = TestService(limits)
    let server = try HTTPServer.start(service) { $0.httpThreads = 1 }
    defer { server.stop() }
    var own: [SocketClient] = []
    for number in 1...4 {
      own.append(try SocketClient(port: server.port))
      #expect(eventually { server.connectionCount == number })
    }
    for _ in 0..<3 { #expect(try SocketClient(port: server.port).isClosed()) }
    #expect(eventually { service.events.withLock { $0 }.contains("connections-refused") })
    do {
      let other = try SocketClient(port: server.port, from: "127.0.0.2")
      #expect(try other.send("GET", "/a").status == 200)
    }
    for client in own { #expect(try client.send("GET", "/a").status == 200) }
    own.removeLast()
    #expect(eventually { server.connectionCount == 3 })
    #expect(try SocketClient(port: server.port).send("GET", "/a").status == 200)
    withExtendedLifetime(own) {}
  }
}
