import Foundation
import HTTPTestSupport
import Support
import TestSupport
import Testing

@testable import HTTPServing

@Suite("Bytes on the wire")
struct WireTests {
  private func outcome(_ replies: [HTTPResponse]) -> [String] {
    replies.map { $0.status == 200 ? String(decoding: $0.body, as: UTF8.self) : "\($0.status)" }
  }

  @Test(
    "what could be understood in two ways is refused once, and nothing behind it is read",
    arguments: WireCase.refused)
  func refused(_ wire: WireCase) throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    let client = try SocketClient(port: server.port)
    try client.write(Data(wire.bytes))
    #expect(outcome(try client.readAll()) == wire.replies)
  }

  @Test(
    "what is understood is answered in its order, sent at once or byte by byte",
    arguments: WireCase.accepted, [true, false])
  func accepted(_ wire: WireCase, _ inOne: Bool) throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    let client = try SocketClient(port: server.port)
    if inOne {
      try client.write(Data(wire.bytes))
    } else {
      // The server closes behind what it refuses, while we are sending.
      for byte in wire.bytes { do { try client.write(Data([byte])) } catch { break } }
    }
    #expect(outcome(try client.readAll()) == wire.replies)
  }

  @Test("a head is read the same wherever it is cut", arguments: WireCase.accepted + WireCase.refused)
  func cuts(_ wire: WireCase) {
    func read(_ pieces: [ArraySlice<UInt8>]) -> Result<RequestHead?, HTTPFailure> {
      Result { () throws(HTTPFailure) in
        var parser = RequestHeadParser()
        for piece in pieces {
          var piece = piece
          if let head = try parser.read(&piece) { return head }
        }
        return nil
      }
    }
    let whole = read([wire.bytes[...]])
    for place in wire.bytes.indices.prefix(300) {
      #expect(read([wire.bytes[..<place], wire.bytes[place...]]) == whole)
    }
  }

  @Test("a client that waits for 100 Continue gets it, and no other does")
  func continues() throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    let client = try SocketClient(port: server.port)
    let head =
      "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n"
    try client.write(Data(head.utf8))
    #expect(try client.read().status == 100)
    try client.write(Data("ab".utf8))
    #expect(outcome(try client.readAll()) == ["POST /x ab"])
    let eager = try SocketClient(port: server.port)
    try eager.write(Data((head + "ab").utf8))
    #expect(outcome(try eager.readAll()) == ["POST /x ab"])
  }

  @Test("a connection ends when the last word of a list, with blanks around it, says so")
  func closing() throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    for value in ["close ,x", "x,\tclose", "keep-alive ,  CLOSE "] {
      let client = try SocketClient(port: server.port)
      let request = Data("GET /x HTTP/1.1\r\nHost: a\r\nConnection: \(value)\r\n\r\n".utf8)
      try client.write(request + request)
      let replies = outcome(try client.readAll())
      #expect(replies == ["GET /x "], "\(value)")
    }
  }

  @Test(
    "a HEAD that is refused has a reply without a body",
    arguments: [
      "HTTP/1.1\r\nHost: a b", "HTTP/3.0\r\nHost: a", "HTTP/1.1\r\nHost: a\r\nExpect: x", "HTTP/1.1\nHost: a",
    ])
  func refusedHEAD(rest: String) throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    for (method, hasBody) in [("HEAD", false), ("GET", true)] {
      let client = try SocketClient(port: server.port)
      try client.write(Data("\(method) /x \(rest)\r\n\r\n".utf8))
      let reply = try client.read(hasBody: hasBody)
      let rest = try client.readAll()
      #expect(reply.status >= 400 && reply.body.isEmpty != hasBody && rest.isEmpty, "\(method) \(reply)")
    }
  }

  @Test("a reply cannot be split by what stands in its header")
  func splitting() throws {
    let response = HTTPResponse(headers: ["X": "a\r\nY: b\0\u{7f}"], body: Data("ab".utf8))
    let text = String(
      decoding: ReplyWriter.bytes(response, isHead: false, closes: true, isSecure: false), as: UTF8.self)
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nX: a  Y: b  \r\nDate: "))
    #expect(text.hasSuffix("\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"))
    #expect(!text.contains("Strict-Transport-Security"))
    let head = String(
      decoding: ReplyWriter.bytes(response, isHead: true, closes: false, isSecure: true), as: UTF8.self)
    #expect(head.contains("Strict-Transport-Security: max-age=31536000\r\n"))
    #expect(
      head.hasSuffix(
        "Content-Length: 2\r\nStrict-Transport-Security: max-age=31536000\r\nConnection: keep-alive\r\n\r\n"))
  }

  @Test("mutated requests are answered or refused, and the server goes on", arguments: 0..<4)
  func mutations(_ seed: UInt64) throws {
    let server = try HTTPServer.start(TestService())
    defer { server.stop() }
    var random = SplitMix64(seed)
    let seeds = WireCase.accepted + WireCase.refused.filter { $0.bytes.count < 1_000 }
    for _ in 0..<100 {
      var bytes = seeds[Int(random.next() % UInt64(seeds.count))].bytes
      for _ in 0...random.next() % 4 {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let client = try SocketClient(port: server.port)
      do { try client.write(Data(bytes)) } catch { continue }
      client.endSending()
      // Whatever comes, they are whole replies and then the end.
      _ = try client.readAll()
    }
    #expect(try SocketClient(port: server.port).send("GET", "/x").status == 200)
  }
}
