import FaceGallery
import Foundation
import Testing

@testable import GalleryServer

@Suite("Our API and page, used by programs of others", .serialized) struct ToolTests {
  @Test("schemathesis finds no 5xx and no reply that breaks the description", .needsSchemathesis)
  func schemathesis() throws {
    let fixture = try ServiceFixture(.socket, people: 3) {
      $0.needsKeys = true
      $0.backupFolder = FileManager.default.temporaryDirectory.appending(path: "backups-\(UUID().uuidString)")
    }
    defer {
      if let folder = fixture.service.settings.backupFolder {
        try? FileManager.default.removeItem(at: folder)
      }
    }
    let secret = try KeyFile(gallery: fixture.gallery.url).add(role: .admin).secret
    let reports = FileManager.default.temporaryDirectory.appending(path: "schemathesis-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: reports) }
    let address = "http://127.0.0.1:\(try #require(fixture.port))/api/v1/openapi.json"
    // What no schema can say, such as that a photo shows a face, is refused although the request fits the schema.
    let run = try PythonTool.schemathesis.run([
      "-m", "schemathesis.cli", "run", address, "--header", "x-api-key: \(secret)", "--seed", "7",
      "--no-color",
      "--max-examples", "15", "--exclude-checks", "positive_data_acceptance", "--request-timeout", "30",
      "--generation-database", "none",
    ])
    #expect(run.status == 0, "\(run.output)")
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test("the page does in a headless Chromium what it is for", .needsChromium)
  func page() throws {
    let fixture = try ServiceFixture(.socket) { $0.needsKeys = true }
    let secret = try KeyFile(gallery: fixture.gallery.url).add(role: .admin).secret
    let one = fixture.folder.appending(path: "one.png")
    let group = fixture.folder.appending(path: "group.png")
    try PictureEngine.photo(1).write(to: one)
    try PictureEngine.photo(2, 3).write(to: group)
    let run = try PythonTool.playwright.run([
      PythonTool.file("Tests/Support/browser/page.py"), "http://127.0.0.1:\(try #require(fixture.port))/",
      one.path, group.path, "--key", secret,
    ])
    #expect(run.status == 0, "\(run.output)")
  }
}
