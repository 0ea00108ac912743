import Foundation
import Testing

/// What is one thing is written once.
@Suite("No code is there twice")
struct CopyTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  @Test("no more than ten lines in a row are alike in two places")
  func tree() throws {
    var detector = CopyDetector(limit: 10)
    var count = 0
    for folder in ["Sources", "Tests", "Benchmarks"] {
      let names = try FileManager.default.subpathsOfDirectory(
        atPath: Self.root.appending(path: folder).path(percentEncoded: false))
      for name in names.sorted() {
        let path = URL(filePath: name)
        guard ["swift", "c", "cpp", "h", "hpp", "inc"].contains(path.pathExtension),
          Set(path.pathComponents).isDisjoint(with: ["Fixtures", "Golden"])
        else { continue }
        let text = try String(contentsOf: Self.root.appending(path: "\(folder)/\(name)"), encoding: .utf8)
        detector.add(text, of: "\(folder)/\(name)")
        count += 1
      }
    }
    #expect(count > 500)
    let copies = detector.copies()
    #expect(copies.isEmpty, "\(copies.map(\.description).joined(separator: "\n"))")
  }

  @Test("eleven lines are found with both places, ten are not; comments, imports and blanks do not count")
  func detector() {
    func lines(_ count: Int) -> [String] { (0..<count).map { "let value\($0) = \($0)" } }
    func copies(_ first: [String], _ second: [String]) -> [CopyDetector.Copy] {
      var detector = CopyDetector(limit: 10)
      detector.add(first.joined(separator: "\n"), of: "a.swift")
      detector.add(second.joined(separator: "\n"), of: "b.swift")
      return detector.copies()
    }
    let mixed = lines(13).flatMap {
      ["", "  " + $0 + " ", "/// A number.", "internal import Glibc", "/* so", "*/"]
    }
    #expect(
      copies(lines(13) + ["x"], ["import B", "y"] + mixed) == [
        .init(lines: 13, places: ["a.swift:1", "b.swift:4"])
      ])
    #expect(copies(lines(10) + ["x"], lines(10) + ["y"]).isEmpty)
    #expect(copies([], (0..<30).map { _ in "0," }).isEmpty)
    #expect(
      copies([], lines(11) + ["x"] + lines(11)) == [.init(lines: 11, places: ["b.swift:1", "b.swift:13"])])
  }
}
