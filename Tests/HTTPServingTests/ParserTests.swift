import Foundation
import Support
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
    for (coding, isTaken) in [
      ("binary", true), ("8BIT", true), ("base64", false), ("quoted-printable", false),
    ] {
      let text = simple.replacing("\r\n\r\n", with: "\r\nContent-Transfer-Encoding: \(coding)\r\n\r\n")
      #expect((try? form(text).get()) == (isTaken ? ["a|-|1"] : nil), "\(coding)")
    }
    for type in [
      "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
    ] {
      #expect(throws: HTTPFailure.self) { try Multipart(Data(simple.utf8), contentType: type) }
    }
  }

  @Test(
    "what programs may understand differently in a form is refused",
    arguments: [
      "Content-Disposition: form-data; name=\"a\"\r\nContent-Encoding: gzip",
      "Content-Disposition : form-data; name=\"a\"", "Content-Disposition: form-data; name=\"a\"\r\nnonsense",
      "Content-Disposition: form-data; name=\"a", "Content-Disposition: form-data; name=\"a\"x",
      "Content-Disposition: form-data; name=\"a\0\"",
      "Content-Disposition: form-data; name=a; name*=utf-8''b",
      "Content-Disposition: form-data; name=\"a\"\nX: y", "Content-Disposition: form-data; name=\"a\"\rX: y",
      "Content-Disposition: form-data; name=\"a\"\u{B}X: y", "Content-Disposition: form-data; name",
      "Content-Disposition: form-data; na me=a; name=b",
    ])
  func doubtfulForms(header: String) {
    let text = "--b\r\n\(header)\r\n\r\n1\r\n--b--\r\n"
    #expect((try? form(text).get()) == nil)
  }

  @Test("nothing that looks like a part follows a form's closing boundary")
  func formEnds() throws {
    let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
    for end in ["--b--", "--b--\r\n", "--b-- \t\r\n", "--b--\r\nepilogue\r\n--c"] {
      #expect(try form(part + end).get() == ["a|-|1"], "\(end)")
    }
    for end in ["--b--garbage\r\n", "--b--\r\n" + part, "--b--x\r\n" + part] {
      #expect((try? form(part + end).get()) == nil, "\(end)")
    }
    // Old clients write a file's name in this form as well.
    let named = part.replacing("name=\"a\"", with: "name=\"a\"; filename=\"?\"; filename*=utf-8''%C3%A9")
    #expect(try form(named + "--b--").get().count == 1)
  }

  @Test("JSON that says it is not UTF-8 is refused")
  func charsets() throws {
    func take(_ type: String) throws -> [String: Int] {
      try HTTPRequest(.post, "/", headers: ["Content-Type": type], body: Data("{\"a\":1}".utf8)).json()
    }
    for type in [
      "application/json", "Application/JSON; charset=UTF-8", "application/json; charset=\"utf-8\"",
    ] {
      #expect(try take(type) == ["a": 1], "\(type)")
    }
    for type in [
      "application/json; charset=utf-16", "application/json; charset=",
      "application/json; charset=utf-8; charset=utf-16",
      "application/json; charset=\"utf-8", "application/\u{212A}son", "text/plain",
    ] {
      let failure = #expect(throws: HTTPFailure.self, "\(type)") { try take(type) }
      #expect(failure?.status == 415)
    }
  }

  @Test(
    "words of the head are compared by ASCII's letters, and an expectation is there once",
    arguments: [
      ("Transfer-Encoding: chun\u{212A}ed", 400),
      ("Expect: 100-continue\r\nExpect: foo\r\nContent-Length: 1", 417),
      ("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 1", 417),
      ("Transfer-Encoding: ChunKed", 0),
      ("Expect: 100-CONTINUE\r\nContent-Length: 1", 0),
    ])
  func asciiWords(field: String, status: Int) throws {
    var parser = RequestHeadParser()
    var input = Array("POST / HTTP/1.1\r\nHost: a\r\n\(field)\r\n\r\n".utf8)[...]
    let outcome = Result { () throws(HTTPFailure) in try parser.read(&input) }
    switch outcome {
    case .success(let head): #expect(status == 0 && head != nil)
    case .failure(let failure): #expect(failure.status == status)
    }
  }

  @Test("a rate next to nothing gives a wait that can be told")
  func slowRates() {
    for rate in [1e-300, 1e-30, 1e-3] {
      let limiter = RateLimiter(requestsPerSecond: rate)
      #expect(limiter.take("a") == nil)
      let wait = limiter.take("a")
      #expect(wait.map { (1...86_400).contains($0) } == true, "\(rate): \(wait ?? 0)")
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

  @Test("queries are decoded; what cannot be understood is named")
  func queries() throws {
    let query = QueryString("a=2&b=%C3%A4+x&&a=2&limit=12&t=true&n=0.5&")
    let known: Set<String> = ["a", "b", "limit", "t", "n"]
    try query.check(known: known)
    #expect(query["a"] == "2")
    #expect(query["b"] == "ä x")
    #expect(query["e"] == nil)
    #expect(try query.integer("limit", in: 0...20) == 12)
    #expect(throws: HTTPFailure.self) { try query.integer("limit", in: 0...5) }
    #expect(try query.flag("t") == true)
    #expect(try query.number("n", in: 0...1) == 0.5)
    #expect(throws: HTTPFailure.self) { try query.number("b", in: 0...1) }
    try QueryString("").check(known: [])
    for (text, hasGap) in [("", true), ("&", true), ("&a=1", true), ("a=1&", true), ("a=1&b=2", false)] {
      #expect(QueryString(text).hasGap == hasGap, "\(text)")
    }
    #expect(!HTTPRequest(.get, "/a").query.hasGap && HTTPRequest(.get, "/a?").query.hasGap)
    for (text, named) in [
      ("c=1", "c"), ("a=1&c=1", "c"), ("A=1", "A"), ("a=", "a"), ("a", "a"), ("a=1&a=2", "a"),
      ("a=1&b=%zz", "b"),
      ("b=%ff", "b"), ("b=%E9", "b"), ("b=100%", "b"), ("b=%0", "b"), ("b=x%00y", "b"), ("%ff=1", "%ff"),
      ("=1", "without a name"), ("c=", "c"), ("a;b=1", "a;b"),
      (Array(repeating: "a=1", count: 257).joined(separator: "&"), "256"),
    ] {
      let query = QueryString(text)
      let failure = #expect(throws: HTTPFailure.self, "\(text.prefix(60))") { try query.check(known: known) }
      #expect(failure?.status == 400 && failure?.message.contains(named) == true, "\(failure?.message ?? "")")
    }
    try QueryString(Array(repeating: "a=1", count: 256).joined(separator: "&")).check(known: known)
    #expect(try QueryString("n=-7").integer("n") == -7)
    #expect(throws: HTTPFailure.self) { try QueryString("n=7.5").integer("n") }
  }

  @Test("of a list the words of all its values count together; every other parameter has one value")
  func lists() throws {
    let query = QueryString("a=x,y&b=1&a=z&a=x,y&a=+w+,v")
    try query.check(known: ["a", "b"], lists: ["a"])
    #expect(query.list("a") == ["x", "y", "z", "w", "v"])
    #expect(query.list("c").isEmpty && query["b"] == "1")
    #expect(QueryString("a=x,,y,").list("a") == ["x", "", "y", ""])
    for (text, lists) in [("a=x&a=z", [] as Set<String>), ("a=x&a=z&b=1&b=2", ["a"]), ("a=x&a=", ["a"])] {
      #expect(throws: HTTPFailure.self, "\(text)") {
        try QueryString(text).check(known: ["a", "b"], lists: lists)
      }
    }
  }

  @Test("members of JSON that are unknown or there twice are named, at any depth")
  func members() throws {
    let shape = JSONShape.object(["faces": .list(.object("name", "embedding")), "where": .value])
    func check(_ text: String) throws { try shape.check(Data(text.utf8)) }
    for text in [
      "{}", " {\t} ", #"{"faces":[]}"#,
      #"{"faces": [{"name": "a", "embedding": [1, -2.5e3]}, {}], "where": {"x": null}}"#,
      #"{"where": {"a": {"name": 1}, "b": [{"a": 1}, {"a": 2}]}}"#, #"{"faces": "\"}]\\"}"#, "[]", "5",
      #""x""#,
      #"{"\u0066aces": []}"#,
    ] {
      #expect(throws: Never.self, "\(text)") { try check(text) }
    }
    for (text, named) in [
      (#"{"nme": 1}"#, "nme"), (#"{"faces": [{}, {"nme": 1}]}"#, "faces[1].nme"),
      (#"{"faces": [], "faces": []}"#, "faces"),
      (#"{"faces": [], "\u0066aces": []}"#, "faces"), (#"{"where": {"a": 1, "a": 1}}"#, "where.a"),
      (#"{"where": [[{"a": 1}, {"b": 1, "b": 2}]]}"#, "where[0][1].b"), (#"{"": 1}"#, "not known"),
      (#"{"where": {"é": 1, "e\u0301": 1}}"#, "twice"),
      ("{", "not JSON"), ("", "not JSON"), (#"{"a"}"#, "not JSON"), (#"{"where": 1"#, "not JSON"),
      (#"{where: 1}"#, "not JSON"),
      (#"{"where": "x}"#, "not JSON"), ("[1 2]", "not JSON"), ("{\"\\ud800\": 1}", "not JSON"),
      (String(repeating: "[", count: 100_000), "deep"),
    ] {
      let failure = #expect(throws: HTTPFailure.self, "\(text.prefix(60))") { try check(text) }
      #expect(failure?.status == 400 && failure?.message.contains(named) == true, "\(failure?.message ?? "")")
    }
    #expect(throws: HTTPFailure.self) { try shape.check(Data([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D])) }
    #expect(throws: HTTPFailure.self) { try shape.check(#"{"faces": []}"#.data(using: .utf16) ?? Data()) }
  }

  @Test("forms have the parts that are known, once")
  func parts() throws {
    func part(_ disposition: String, _ content: String) -> String {
      "--b\r\nContent-Disposition: \(disposition)\r\n\r\n\(content)\r\n"
    }
    func photos(_ parts: String...) throws -> [Data] {
      try HTTPRequest(
        .post, "/", headers: ["Content-Type": "multipart/form-data; boundary=b"],
        body: Data((parts.joined() + "--b--\r\n").utf8)
      ).files(["file"])
    }
    let file = part("form-data; name=file", "x")
    #expect(try photos(file) == [Data("x".utf8)])
    #expect(try photos(file, file) == [Data("x".utf8)])
    for (parts, named) in [
      ([file, part("form-data; name=file", "y")], "file"),
      ([file, part("form-data; name=subject", "y")], "subject"),
      ([part("form-data; name=subject; name=file", "x")], "name"), ([part("form-data", "x"), file], "name"),
      ([file, part("form-data; name=\"\"", "x")], "name"), ([part("form-data; name=File", "x")], "file"),
      ([part("form-data; name=other\r\nContent-Disposition: form-data; name=file", "x")], "name"),
      ([part("form-data; name=file", "")], "file"), ([file, "--b\r\n\r\nx\r\n"], "name"),
    ] as [([String], String)] {
      let body = parts.joined()
      let failure = #expect(throws: HTTPFailure.self, "\(body)") { try photos(body) }
      #expect(failure?.status == 400 && failure?.message.contains(named) == true, "\(failure?.message ?? "")")
    }
    let twice = "multipart/form-data; boundary=b; boundary=c"
    #expect(throws: HTTPFailure.self) { try Multipart(Data((file + "--b--").utf8), contentType: twice) }
  }

  @Test("JSON that is deep, broken or of another type is refused")
  func json() {
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    for text in [
      deep, "{", "\u{0}", "[1]", "{\"file\": 1}", "{\"file\": \"\(deep)\"}", "nul", "{\"a\":1e999}",
    ] {
      let request = HTTPRequest(
        .post, "/", headers: ["Content-Type": "application/json"], body: Data(text.utf8))
      #expect(throws: HTTPFailure.self, "\(text.prefix(20))") { try request.files(["file"]) }
    }
    let plain = HTTPRequest(.post, "/", headers: ["Content-Type": "text/plain"], body: Data("{}".utf8))
    #expect(throws: HTTPFailure.self) { try plain.files(["file"]) }
  }

  @Test("a number that does not fit is told of as such, and not as text that is no JSON")
  func numbers() throws {
    struct Body: Decodable {
      let k: Int
      let values: [Float]
    }
    func message(_ text: String) -> String? {
      let request = HTTPRequest(
        .post, "/", headers: ["Content-Type": "application/json"], body: Data(text.utf8))
      do throws(HTTPFailure) {
        _ = try request.json(Body.self)
        return nil
      } catch {
        return error.message
      }
    }
    #expect(message(#"{"k": 3, "values": [1]}"#) == nil)
    for text in [
      #"{"k": 1.5, "values": []}"#, #"{"k": 99999999999999999999, "values": []}"#,
      #"{"k": 1, "values": [1e39]}"#,
    ] {
      #expect(
        message(text) == "A number of the body is too large, or not whole where it has to be.", "\(text)")
    }
    #expect(message(#"{"k": 1, "values": [}"#) == "The body is not JSON.")
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
    var random = SplitMix64(seed)
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
      if let photo = try? request.files(["file"]).first { #expect(photo.count <= bytes.count) }
      _ = HeaderParameters(String(decoding: bytes, as: UTF8.self))["name"]
    }
  }
}
