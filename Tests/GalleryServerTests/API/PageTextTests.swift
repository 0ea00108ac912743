import Foundation
import GalleryWeb
import Testing

/// What the page says when the service refuses something.
@Suite("The page's texts of failures") struct PageTextTests {
  /// Failures that nobody meets on the page, and why.
  private static let elsewhere = [
    "subject-missing": "of a CompreFace route that the page does not use",
    "changes-forgotten": "of GET /api/v1/changes, which the page does not use",
    "unknown-expectation": "no browser sends Expect",
    "unknown-version": "no browser speaks such an HTTP",
  ]

  /// Failures that the page finds by itself.
  private static let own: Set = ["status", "unreachable", "file-unreadable"]

  @Test("every failure of the service has a text in each language", arguments: ["en", "de"])
  func failures(language: String) throws {
    let words = try Self.wordsOfService()
    // They come from all of the places below.
    #expect(words.count > 60)
    #expect(words.isSuperset(of: ["too-many-keys", "bad-json", "gallery-trouble", "blurred", "unlike-own"]))
    #expect(words.isSuperset(of: Self.elsewhere.keys), "an exception is out of date")
    let texts = try Self.texts(language)
    let untold = words.subtracting(texts).subtracting(Self.elsewhere.keys)
    #expect(untold.isEmpty, "\(language).js has no error. text for \(untold.sorted())")
    let unused = texts.subtracting(words).subtracting(Self.own)
    #expect(unused.isEmpty, "\(language).js tells of failures that there are not: \(unused.sorted())")
  }

  @Test("German speaks to everybody by Sie")
  func german() throws {
    let text = try Self.file("de")
    let familiar = text.matches(
      of: /\b(?:[Dd](?:u|ich|ir|eine?[nmrs]?)|[Vv]ersuche|[Ss]ieh|[Kk]licke|[Ww]ähle)\b/)
    #expect(familiar.map { String(text[$0.range]) } == [])
    #expect(text.contains("Sie"))
  }

  private static func file(_ language: String) throws -> String {
    let file = try #require(ServedFile.page.first { $0.path == "/page/\(language).js" })
    return String(decoding: file.bytes, as: UTF8.self)
  }

  /// The kinds of failures that a language has a text for.
  private static func texts(_ language: String) throws -> Set<String> {
    Set(try file(language).matches(of: /\n  "error\.([a-z-]+)":/).map { String($0.1) })
  }

  /// The words by which the service tells failures apart, as they stand in its sources: no type lists them.
  private static func wordsOfService() throws -> Set<String> {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources")
      .standardizedFileURL
    var words: Set<String> = []
    for folder in ["GalleryServer", "HTTPServing"] {
      let files = FileManager.default.enumerator(
        at: sources.appending(path: folder), includingPropertiesForKeys: nil)
      for case let file as URL in try #require(files) where file.pathExtension == "swift" {
        let text = try String(contentsOf: file, encoding: .utf8)
        words.formUnion(
          text.matches(of: /HTTPFailure\(\s*[0-9]+,\s*"([a-z-]+)"/).map { String($0.1) })
      }
    }
    // What a gallery, an engine and an enrolment refuse.
    let classes = try String(
      contentsOf: sources.appending(path: "GalleryRecords/ErrorClass.swift"), encoding: .utf8)
    words.formUnion(classes.matches(of: /Self\(\.[a-zA-Z]+, "([a-z-]+)"\)/).map { String($0.1) })
    for name in ["Refusal", "EnrolmentDoubt"] {
      let text = try String(
        contentsOf: sources.appending(path: "FaceGallery/Enrolment/\(name).swift"), encoding: .utf8)
      words.formUnion(text.matches(of: /case \.[a-zA-Z]+: "([a-z-]+)"/).map { String($0.1) })
    }
    return words
  }
}
