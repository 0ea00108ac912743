import FaceGallery
import Foundation
import HTTPTestSupport
import TestSupport
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

  @Test("a client generated from the description enrols, recognises and deletes", .needsClientGenerator)
  func generatedClient() throws {
    let fixture = try Fixture(.socket, keepThumbnails: true)
    let description = fixture.folder.appending(path: "openapi.json")
    try fixture.send(.get, "/api/v1/openapi.json", as: nil).body.write(to: description)
    let generated = try PythonTool.clientGenerator.run([
      "-m", "openapi_python_client", "generate", "--path", description.path, "--meta", "none",
      "--config", PythonTool.file("Tests/Support/client/generator.yaml"),
      "--output-path", fixture.folder.appending(path: "client/facegallery").path,
    ])
    // A part of the description that it cannot make a client of is left out with a warning.
    #expect(
      generated.status == 0 && !generated.output.lowercased().contains("warning"), "\(generated.output)")
    let one = fixture.folder.appending(path: "one.png")
    let group = fixture.folder.appending(path: "group.png")
    try Data(FakePhoto(1).png()).write(to: one)
    try Data(FakePhoto([(1, 1), (2, 0), (3, 0)]).png()).write(to: group)
    let run = try PythonTool.clientGenerator.run(
      [
        PythonTool.file("Tests/Support/client/use.py"),
        "http://127.0.0.1:\(try #require(fixture.server).port)",
        fixture.key(.write), fixture.key(.read), one.path, group.path,
      ], with: fixture.folder.appending(path: "client").path)
    #expect(run.status == 0, "\(run.output)")
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test("our own Python client enrols, recognises, lists and deletes, and says what goes wrong by exceptions")
  func ownClient() throws {
    let fixture = try Fixture(.socket)
    let one = fixture.folder.appending(path: "one.png")
    let group = fixture.folder.appending(path: "group.png")
    try Data(FakePhoto(1).png()).write(to: one)
    try Data(FakePhoto([(1, 1), (2, 0), (3, 0)]).png()).write(to: group)
    let run = try PythonTool.run(
      [
        "env", "FACEGALLERY_ADDRESS=http://127.0.0.1:\(try #require(fixture.server).port)",
        "FACEGALLERY_KEY=\(fixture.key(.write))", "FACEGALLERY_READING_KEY=\(fixture.key(.read))",
        "FACEGALLERY_PHOTO=\(one.path)", "FACEGALLERY_GROUP=\(group.path)", "PYTHONDONTWRITEBYTECODE=1",
        "python3", "-W", "error", PythonTool.file("Clients/python/test_facegallery.py"), "-v",
      ])
    #expect(run.status == 0 && run.output.contains("\nOK"), "\(run.output)")
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

  @Test("CompreFace's webcam demo works as it is in a headless Chromium", .needsChromium, .needsWebcamDemo)
  func webcamDemo() throws {
    let fixture = try Fixture(.socket, origins: .all)
    let enrolled = try fixture.send(.post, "/api/v1/enrol?name=Ada", photo: FakePhoto(0))
    #expect(enrolled.status == 201)
    // What the camera sees: a corner that is black is a face of person 0, whatever is lost on the way.
    var plane = [UInt8](repeating: 255, count: 640 * 480)
    for row in 0..<16 { plane.replaceSubrange(row * 640..<row * 640 + 16, with: repeatElement(0, count: 16)) }
    let color = [UInt8](repeating: 128, count: 640 * 480 / 2)
    var film = Data("YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n".utf8)
    for _ in 0..<2 { film += Data("FRAME\n".utf8) + Data(plane) + Data(color) }
    let camera = fixture.folder.appending(path: "camera.y4m")
    try film.write(to: camera)
    let run = try PythonTool.playwright.run([
      PythonTool.file("Tests/Support/browser/webcam.py"), try #require(PythonTool.webcamDemo),
      "http://127.0.0.1:\(try #require(fixture.server).port)/", camera.path, "Ada", "--key",
      fixture.key(.read),
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
    let (people, strangers) = (
      fixture.folder.appending(path: "people"), fixture.folder.appending(path: "strangers")
    )
    func write(_ person: Int, _ face: Int, to file: URL) throws {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(FakePhoto(person: person, face: face).png()).write(to: file)
    }
    for (person, name) in [(4, "Cecil_Example"), (5, "Dora_Example"), (6, "Zoë Example")] {
      try write(person, 0, to: people.appending(path: "\(name)/0.png"))
      // A folder that is a date is nobody's.
      try write(person, 1, to: people.appending(path: "\(name)/2024-05/1.png"))
    }
    for person in 7...8 {
      for face in 0..<2 { try write(person, face, to: strangers.appending(path: "\(person)-\(face).png")) }
    }
    // axe-core looks for what keeps people out; without it the page is used all the same.
    let axe = PythonTool.axe.folder.map { ["--axe", $0 + "/axe_playwright_python/axe.min.js"] } ?? []
    let run = try PythonTool.playwright.run(
      [
        PythonTool.file("Tests/Support/browser/page.py"),
        "http://127.0.0.1:\(try #require(fixture.server).port)/",
        one.path, group.path, people.path, strangers.path, "--key", fixture.key(.admin),
      ] + axe)
    #expect(run.status == 0, "\(run.output)")
  }

  @Test(
    "the page of 10,000 people, one with 5,000 faces, asks for what is seen and comes to the end",
    .needsChromium)
  func largePage() throws {
    let fixture = try Fixture(.socket, keepThumbnails: true)
    let pictures = 60
    // The first people by name and the first faces of the largest have pictures.
    for look in 0..<pictures {
      for name in ["Aaron%20\(look + 100)", "Person"] {
        let photo = FakePhoto([(look, name == "Person" ? 1 : 0)])
        #expect(
          try fixture.send(.post, "/api/v1/enrol?several_faces=all&name=\(name)", photo: photo).status == 201)
      }
    }
    let embedding = try FakeEngine.embedding(person: 1, face: 1)
    _ = try fixture.gallery.add((pictures + 1..<10_000).map { ("Person \($0)", embedding) })
    _ = try fixture.gallery.add((pictures..<5_000).map { _ in ("Person", embedding) })
    let person = try #require(try fixture.gallery.person(named: "Person"))
    #expect(try fixture.gallery.info().people == 10_000 && person.faceCount == 5_000)
    let run = try PythonTool.playwright.run([
      PythonTool.file("Tests/Support/browser/large.py"),
      "http://127.0.0.1:\(try #require(fixture.server).port)/", "10000", "\(person.id)", "5000",
      "\(pictures)", "--key", fixture.key(.read),
    ])
    #expect(run.status == 0, "\(run.output)")
  }
}
