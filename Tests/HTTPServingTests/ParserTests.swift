import Foundation
import Testing

@testable import HTTPServing

@Suite("Parsers of request data")
struct ParserTests {
  private func form(_ text: String) -> Result<[String], HTTPFailure> {
    Result { () throws(HTTPFailure) in
      try Multipart(Data(text.utf8), contentType: "multipart/form-data; boundary=\"b\"").parts.map {
        "\($0.name)|\($0.filename ?? "-")|\(String(decoding: $0.content, as: UTF8.self))"
      }
    }
  }

  @Test("forms are split as their senders meant them")
  func forms() throws {
    let simple = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--\r\n"
    #expect(try form(simple).get() == ["a|-|1"])
    #expect(try form("preamble\r\n" + simple + "epilogue").get() == ["a|-|1"])
    let tricky =
      "--b  \r\ncontent-disposition: form-data; filename=\"x\\\"y;z.png\"; name=file\r\nX: y\r\n\r\n\r\n--c\r\n\r\n--b\r\n"
      + "Content-Disposition: form-data; name=\"e\"\r\n\r\n\r\n--b--"
    #expect(try form(tricky).get().last == "e|-|")
    for bad in [
      "", "--b", "--b--", "--b\r\n\r\n\r\n--b--",
      "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
      "--bContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b--", "nothing at all",
      "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b--",
      String(repeating: "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n", count: 65)
        + "--b--",
      "--b\r\nContent-Disposition: form-data; name=\"a\"; x=\"\(String(repeating: "y", count: 9_000))\"\r\n\r\n1\r\n--b--",
    ] {
      if case .success(let parts) = form(bad) { #expect(parts.isEmpty, "\(bad.prefix(60))") }
    }
    for type in [
      "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
    ] {
      #expect(throws: HTTPFailure.self) { try Multipart(Data(simple.utf8), contentType: type) }
    }
  }

  @Test("base64 is what Foundation decodes, and what its variants mean")
  func base64() throws {
    var random = SystemRandomNumberGenerator()
    for length in 1..<200 {
      let bytes = Data((0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) })
      let text = bytes.base64EncodedString()
      #expect(try Base64.decode(text) == bytes)
      #expect(try Base64.decode("data:image/jpeg;base64," + text) == bytes)
      #expect(
        try Base64.decode(text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: ""))
          == bytes)
      #expect(try Base64.decode(bytes.base64EncodedString(options: .lineLength64Characters)) == bytes)
    }
    for bad in [
      "", "A", "A===", "AA=A", "====", "ä", "AAA*", "AAAA=", "data:,AAAA", "data:image/png;base64", "\n",
    ] {
      #expect(throws: HTTPFailure.self, "\(bad)") { try Base64.decode(bad) }
    }
  }

  @Test("queries are decoded, odd ones left out")
  func queries() throws {
    let query = QueryString("a=1&b=%C3%A4+x&c&=d&e=%zz&f=%ff&a=2&limit=12&t=true&n=0.5")
    #expect(query["a"] == "2")
    #expect(query["b"] == "ä x")
    #expect(query["c"] == "")
    #expect(query["e"] == nil)
    #expect(query["f"] == nil)
    #expect(try query.integer("limit", in: 0...20) == 12)
    #expect(throws: HTTPFailure.self) { try query.integer("limit", in: 0...5) }
    #expect(try query.flag("t") == true)
    #expect(try query.number("n", in: 0...1) == 0.5)
    #expect(throws: HTTPFailure.self) { try query.number("b", in: 0...1) }
  }

  @Test("JSON that is deep, broken or of another type is refused")
  func json() {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    for text in [
      deep, "{", "\u{0}", "[1]", "{\"file\": 1}", "{\"file\": \"\(deep)\"}", "nul", "{\"a\":1e999}",
    ] {
      let request = HTTPRequest(
        .post, "/", headers: ["Content-Type": "application/json"], body: Data(text.utf8))
      #expect(throws: HTTPFailure.self, "\(text.prefix(20))") { try request.photo() }
    }
    let plain = HTTPRequest(.post, "/", headers: ["Content-Type": "text/plain"], body: Data("{}".utf8))
    #expect(throws: HTTPFailure.self) { try plain.photo() }
  }

  @Test("mutated requests never do harm", arguments: 0..<8)
  func mutations(_ seed: UInt64) {
    let seeds: [(String, String)] = [
      (
        "multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nxyz\r\n--b--\r\n"
      ),
      ("application/json", "{\"file\":\"data:image/png;base64,iVBORw0KGgo=\",\"other\":[1,{\"a\":null}]}"),
    ]
    var random = Mixer(state: seed)
    for round in 0..<2_000 {
      let (type, text) = seeds[round % seeds.count]
      var bytes = Array(text.utf8)
      for _ in 0...random.next() % 6 {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: bytes[place...].prefix(9), at: place)
        default: bytes.removeLast(Int(random.next() % 7) % bytes.count)
        }
        if bytes.isEmpty { bytes = [0] }
      }
      let request = HTTPRequest(
        .post, "/?" + String(decoding: bytes, as: UTF8.self), headers: ["Content-Type": type],
        body: Data(bytes))
      if let photo = try? request.photo() { #expect(photo.count <= bytes.count) }
      _ = HeaderParameters(String(decoding: bytes, as: UTF8.self))["name"]
    }
  }

  /// SplitMix64.
  private struct Mixer {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
