import Foundation
import Support
import Testing

@testable import GalleryTransfer

@Suite("JSON read value by value")
struct JSONScannerTests {
  private func scan<Result>(_ text: String, _ body: (inout JSONScanner) throws -> Result) rethrows -> Result {
    try Array(text.utf8).withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return try body(&scanner)
    }
  }

  @Test("a number is the double that the system reads, in every way of writing it")
  func numbers() throws {
    var random = SplitMix64(5)
    for _ in 0..<20_000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      let places = Int.random(in: 0...20, using: &random)
      for text in [
        "\(value)", "\(Float(value))", String(format: "%.\(places)e", value), String(format: "%.0f", value),
      ] where text != "inf" && text != "-inf" {
        let read = try scan(text) { try $0.number() }
        #expect(read == Double(text), "\(text)")
      }
    }
    #expect(try scan("NaN") { try $0.number() }.isNaN)
    #expect(try scan("-Infinity") { try $0.number() } == -.infinity)
  }

  @Test("a text is what Foundation wrote")
  func strings() throws {
    var random = SplitMix64(6)
    for _ in 0..<2_000 {
      var text = ""
      for _ in 0..<Int.random(in: 0..<12, using: &random) {
        // Control characters, quotes, the plane of emoji.
        let range: ClosedRange<UInt32> =
          [0...0x7F, 0xA0...0xD7FF, 0x1F300...0x1F6FF].randomElement(
            using: &random) ?? 0...0x7F
        if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) {
          text.unicodeScalars.append(scalar)
        }
      }
      let json = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
      #expect(try scan(json) { try $0.string() } == text)
      let escaped = text.utf16.map { String(format: "\\u%04x", $0) }.joined()
      #expect(try scan("\"\(escaped)\"") { try $0.string() } == text)
    }
  }

  @Test("a value that is passed over ends where it ends")
  func skip() throws {
    for text in ["null", "true", "-1.5e3", "\"a\\\"b\"", "[]", "[1, [2, {}]]", "{\"a\": {\"b\": [null]}}"] {
      #expect(try scan(text + " ,") { try $0.skip() } == 0..<text.utf8.count, "\(text)")
    }
  }

  @Test(
    "what is no JSON is refused",
    arguments: [
      "", "[", "[1", "[1,", "[1 2]", "{\"a\"}", "{\"a\":}", "{1: 2}", "\"a", "\"\\x\"", "\"\\ud800\"", "tru",
      "-",
      "1e", "--1", "\"\u{1}\"",
    ])
  func malformed(text: String) {
    #expect(throws: JSONScanner.Malformed.self) { try scan(text) { try $0.skip() } }
  }

  @Test("a million brackets are refused, and do not end the program", arguments: ["[", "{\"a\":"])
  func depth(opening: String) {
    let error = #expect(throws: JSONScanner.Malformed.self) {
      try scan(String(repeating: opening, count: 1_000_000)) { try $0.skip() }
    }
    #expect(error?.what == "values are nested too deeply")
    let (open, close) = (String(repeating: "[", count: 500), String(repeating: "]", count: 500))
    #expect(throws: Never.self) { try scan(open + close) { try $0.skip() } }
  }
}
