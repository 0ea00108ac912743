import Foundation
import Support
import Testing

@Suite("Text as people are shown it")
struct PrintableTextTests {
  @Test(
    "control characters, separators of lines and marks of direction are escaped; letters and what joins them stay",
    arguments: [
      ("Zoë 王小明", "Zoë 王小明"), ("a\u{1B}[2J", "a\\x1B[2J"), ("a\tb\nc", "a\\x09b\\x0Ac"),
      ("\u{0}\u{7F}\u{9B}", "\\x00\\u007F\\u009B"),
      ("evil\u{202E}gpj.exe", "evil\\u202Egpj.exe"),
      ("\u{061C}\u{200E}\u{200F}\u{2028}\u{2029}", "\\u061C\\u200E\\u200F\\u2028\\u2029"),
      ("\u{2066}a\u{2069}", "\\u2066a\\u2069"), ("می\u{200C}خواهم 👩\u{200D}🔬", "می\u{200C}خواهم 👩\u{200D}🔬"),
      ("─…“”\u{A0}", "─…“”\u{A0}"),
    ])
  func escapes(text: String, shown: String) {
    #expect(PrintableText.of(text) == shown)
  }

  @Test("lines and tabs of a report stay, and JSON means the same afterwards")
  func reports() throws {
    #expect(PrintableText.of("a\tb\n\u{1B}", keepingLines: true) == "a\tb\n\\x1B")
    let name = "a\\\u{202E}\u{85}\u{7F}\n\u{1}\u{2028}"
    let json = String(decoding: try JSONText.data(["name": name]), as: UTF8.self)
    let shown = PrintableText.of(json, keepingLines: true)
    #expect(shown != json)
    #expect(try JSONDecoder().decode([String: String].self, from: Data(shown.utf8)) == ["name": name])
  }

  @Test("stripped text has nothing left to be escaped")
  func stripped() {
    #expect(PrintableText.stripped("\u{202E}a\nb\u{9B}") == "ab")
  }
}
