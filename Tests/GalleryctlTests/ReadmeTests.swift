import Foundation
import Testing

@Suite("The README is true")
struct ReadmeTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: path), encoding: .utf8)
  }

  @Test(
    "the programs that the documents show are the ones that tests compile and run",
    arguments: [
      ("README.md", "Tests/FaceGalleryTests/Examples/SeedAPI.swift"),
      ("docs/index.md", "Tests/VectorIndexTests/Examples/EmbeddedIndex.swift"),
    ])
  func examples(document: String, path: String) throws {
    let code = try text(path).split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0.hasPrefix("//") && !$0.hasPrefix("///") }.joined(separator: "\n")
      .trimmingCharacters(in: .whitespacesAndNewlines)
    #expect(try text(document).contains(code))
  }

  @Test("every file that it links to is there")
  func links() throws {
    for match in try text("README.md").matches(of: /\]\(([A-Za-z0-9_\/.-]+)\)/) {
      #expect(
        FileManager.default.fileExists(atPath: Self.root.appending(path: String(match.1)).path), "\(match.1)")
    }
  }

  @Test("the galleryctl commands that it shows exist and take the options shown")
  func commands() throws {
    let lines = try text("README.md").split(separator: "\n").filter { $0.starts(with: /galleryctl [a-z]/) }
    #expect(lines.count >= 5)
    for line in lines {
      let words = line.prefix { $0 != "#" }.split(separator: " ").dropFirst().map(String.init)
      let help = try Galleryctl()(words[0], "--help")
      #expect(help.status == 0, "\(line)")
      for option in words where option.hasPrefix("--") { #expect(help.output.contains(option), "\(line)") }
    }
  }
}
