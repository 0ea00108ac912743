import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API and page, used by programs of others", .serialized) struct ToolTests {
  @Test("schemathesis finds no 5xx and no reply that breaks the description", .needsSchemathesis)
  func schemathesis() throws {
    let backups = FileManager.default.temporaryDirectory.appending(path: "backups-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: backups) }
    // It tries many wrong keys, and expects 401 for each.
    let fixture = try Fixture(
      .socket, people: 3, keepThumbnails: true, backups: backups, limits: { $0.wrongKeys = 0 })
    let address = "http://127.0.0.1:\(try #require(fixture.server).port)/api/v1/openapi.json"
    // What no schema can say, such as that a photo shows a face, is refused although the request fits the schema.
    let run = try PythonTool.schemathesis.run([
      "-m", "schemathesis.cli", "run", address, "--header", "x-api-key: \(fixture.key(.admin))", "--seed",
      "7",
      "--no-color",
      "--max-examples", "15", "--exclude-checks", "positive_data_acceptance", "--request-timeout", "30",
      "--generation-database", "none",
    ])
    #expect(run.status == 0, "\(run.output)")
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test(
    "a page of another origin that may works with the service in a headless Chromium, another one cannot",
    .needsChromium)
  func crossOrigin() throws {
    // A server of somebody else, whose pages have two origins: one for each of this machine's names.
    let elsewhere = try Fixture(
      .socket,
      extraRoutes: [
        Route(.get, "/elsewhere", access: .anyone, lane: .immediate) { _ in
          HTTPResponse(
            headers: ["Content-Type": "text/html"], body: Data("<!doctype html><title>Elsewhere</title>".utf8)
          )
        }
      ])
    let port = try #require(elsewhere.server).port
    let origin = try #require(WebOrigin("http://localhost:\(port)"))
    let fixture = try Fixture(.socket, origins: .these([origin]))
    let photo = fixture.folder.appending(path: "photo.png")
    try Data(FakePhoto(1).png()).write(to: photo)
    let run = try PythonTool.playwright.run([
      PythonTool.file("Tests/Support/browser/cors.py"),
      "http://127.0.0.1:\(try #require(fixture.server).port)/", "http://localhost:\(port)/elsewhere",
      "http://127.0.0.1:\(port)/elsewhere", photo.path, "--key", fixture.key(.write),
    ])
    #expect(run.status == 0, "\(run.output)")
  }

  @Test("the page does in a headless Chromium what it is for", .needsChromium)
  func page() throws {
    let fixture = try Fixture(.socket, keepThumbnails: true)
    let one = fixture.folder.appending(path: "one.png")
    let group = fixture.folder.appending(path: "group.png")
    try Data(FakePhoto(1).png()).write(to: one)
    try Data(FakePhoto(2, 3).png()).write(to: group)
    let run = try PythonTool.playwright.run([
      PythonTool.file("Tests/Support/browser/page.py"),
      "http://127.0.0.1:\(try #require(fixture.server).port)/",
      one.path, group.path, "--key", fixture.key(.admin),
    ])
    #expect(run.status == 0, "\(run.output)")
  }
}
