import FaceGallery
import Foundation
import GalleryWeb
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

@Suite("Our API: upkeep, page, description") struct UpkeepRouteTests {
  @Test("figures of the gallery, without the server's paths", arguments: Fixture.Way.allCases)
  func statistics(way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 3)
    let probe = try json(FakeEngine.embedding(person: 1, face: 0))
    _ = try fixture.send(.post, "/api/v1/search", text: #"{"embeddings": [\#(probe)]}"#)
    let reply = try fixture.send(.get, "/api/v1/gallery")
    #expect(reply.number("faces") == 6)
    #expect(reply.number("people") == 3)
    #expect(reply["role"] as? String == "admin")
    #expect((reply["index", "queries"] as? [String: Int])?.values.reduce(0, +) == 1)
    #expect(!String(decoding: reply.body, as: UTF8.self).contains(fixture.folder.path))
  }

  @Test("a check says that all is well")
  func check() throws {
    let fixture = try Fixture(people: 3)
    let reply = try fixture.send(.post, "/api/v1/check", text: #"{"repair": true}"#)
    #expect(reply["healthy"] as? Bool == true)
    #expect(reply.number("faces") == 6)
    #expect(try fixture.send(.post, "/api/v1/check").status == 200)
    #expect(try fixture.send(.post, "/api/v1/check", text: #"{"recall_sample": -1}"#).status == 400)
  }

  @Test("a backup goes into the owner's folder, under a name that leads nowhere else")
  func backup() throws {
    let fixture = try Fixture(people: 2)
    #expect(try fixture.send(.post, "/api/v1/backup", text: #"{"name": "a"}"#).failure == "no-backup-folder")
    let folder = FileManager.default.temporaryDirectory.appending(path: "backups-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let other = try Fixture(people: 2, backups: folder)
    let made = try other.send(.post, "/api/v1/backup", text: #"{"name": "monday"}"#)
    #expect(made.status == 201 && made["name"] as? String == "monday" && made["folder"] == nil)
    #expect(made.number("people") == 2 && made.number("faces") == 4)
    let copy = try Gallery.open(at: folder.appending(path: "monday"))
    #expect(try copy.info().faces == 4)
    #expect(try other.send(.post, "/api/v1/backup", text: #"{"name": "monday"}"#).failure == "backup-exists")
    for name in ["", "../x", "a/b", ".hidden", "..", "/etc/x", String(repeating: "a", count: 65)] {
      #expect(
        try other.send(.post, "/api/v1/backup", text: #"{"name": "\#(name)"}"#).failure == "bad-parameter")
    }
  }

  @Test("a gallery is compacted while it is served")
  func compaction() throws {
    let fixture = try Fixture(people: 3)
    let person = try #require(fixture.gallery.people().first)
    #expect(try fixture.send(.delete, "/api/v1/people/\(person.id.rawValue)").status == 200)
    let reply = try fixture.send(.post, "/api/v1/compact")
    #expect(reply.status == 200)
    #expect(try #require(reply.number("bytes_after")) <= #require(reply.number("bytes_before")))
    #expect(try fixture.send(.post, "/api/v1/undo").failure == "nothing-to-undo")
    #expect(try fixture.gallery.info().people == 2)
    #expect(try fixture.gallery.check().isHealthy)
  }

  @Test("galleries are compacted at their time, and once a day")
  func daily() throws {
    let fixture = try Fixture(people: 3)
    let served = try ServedGallery(fixture.gallery, name: "g")
    let person = try #require(fixture.gallery.people().first)
    try fixture.gallery.remove(person)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    func date(_ hour: Int, _ minute: Int) throws -> Date {
      try #require(
        calendar.date(from: DateComponents(year: 2026, month: 12, day: 1, hour: hour, minute: minute)))
    }
    let daily = DailyCompaction(
      at: try #require(TimeOfDay("04:30")), [served], .silent, now: try date(4, 0))
    daily.run(now: try date(4, 29), calendar: calendar)
    #expect(try fixture.gallery.removals().count == 1, "it is not time")
    daily.run(now: try date(4, 30), calendar: calendar)
    #expect(try fixture.gallery.removals().isEmpty)
    try fixture.gallery.remove(#require(fixture.gallery.people().first))
    daily.run(now: try date(4, 31), calendar: calendar)
    #expect(try fixture.gallery.removals().count == 1, "it was done today")
  }

  @Test("a time of every day comes once a day")
  func timeOfDay() throws {
    for text in ["", "4", "24:00", "04:60", "4:0:0", "-1:00", "a:b", "04:", "+4:00"] {
      #expect(TimeOfDay(text) == nil, "\(text)")
    }
    let time = try #require(TimeOfDay("04:30"))
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "Europe/Berlin"))
    func date(_ day: Int, _ hour: Int, _ minute: Int, month: Int = 12) throws -> Date {
      try #require(
        calendar.date(from: DateComponents(year: 2026, month: month, day: day, hour: hour, minute: minute)))
    }
    #expect(try time.came(after: date(1, 4, 29), until: date(1, 4, 30), calendar: calendar))
    #expect(try !time.came(after: date(1, 4, 30), until: date(1, 4, 31), calendar: calendar))
    #expect(try !time.came(after: date(1, 4, 31), until: date(2, 4, 29), calendar: calendar))
    #expect(try time.came(after: date(1, 22, 0), until: date(2, 5, 0), calendar: calendar))
    // The hour that is left out in spring.
    let missing = try #require(TimeOfDay("02:30"))
    #expect(
      try missing.came(after: date(29, 1, 0, month: 3), until: date(29, 3, 30, month: 3), calendar: calendar))
  }

  @Test("every route that the description has is there, and every route is described")
  func description() throws {
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(ServedFile.openAPI.bytes)) as? [String: Any])
    #expect(document["openapi"] as? String == "3.1.0")
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    var described: Set<String> = []
    for (path, methods) in paths {
      for (method, operation) in methods where method != "parameters" {
        described.insert("\(method.uppercased()) \(path)")
        let access = GalleryRoutes.all.first {
          $0.pattern.description == path && $0.method.rawValue == method.uppercased()
        }
        if case .role(let role) = access?.access {
          let text = (operation as? [String: Any])?["description"] as? String
          #expect(text?.hasSuffix("Needs a key that may \(role.rawValue).") == true, "\(method) \(path)")
        }
      }
    }
    let routes =
      GalleryRoutes.all.map { "\($0.method.rawValue) \($0.pattern)" } + ["GET /api/v1/openapi.json"]
    #expect(described == Set(routes))
  }

  @Test("the page loads nothing but its own files, and those are there", arguments: Fixture.Way.allCases)
  func page(way: Fixture.Way) throws {
    let fixture = try Fixture(way)
    let page = try fixture.send(.get, "/", as: nil)
    #expect(page.status == 200)
    #expect(page.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
    for file in ServedFile.page {
      let text = String(decoding: file.bytes, as: UTF8.self)
      for match in text.matches(of: /(?:href|src|from)\s*=?\s*"([^"#]+)"/) {
        let link = String(match.1)
        let path = link.hasPrefix("./") ? "/page/" + link.dropFirst(2) : link
        let reply = try fixture.send(.get, path, as: nil)
        #expect(reply.status == 200, "\(file.path) loads \(link)")
      }
      #expect(!text.contains("innerHTML") && !text.contains("eval("))
    }
    #expect(
      try fixture.send(.get, "/api/v1/openapi.json", as: nil).headers["Content-Type"] == "application/json")
    #expect(try fixture.send(.get, "/page/nothing.js").status == 404)
  }

  @Test("both languages have every text that the page uses, with the same parts")
  func words() throws {
    func words(_ language: String) throws -> [String: Set<String>] {
      let file = try #require(ServedFile.page.first { $0.path == "/page/\(language).js" })
      var words: [String: Set<String>] = [:]
      for line in String(decoding: file.bytes, as: UTF8.self).split(separator: "\n") {
        guard let match = line.firstMatch(of: /^  "([^"]+)": (.+),$/) else { continue }
        #expect(words[String(match.1)] == nil, "\(match.1) is there twice")
        words[String(match.1)] = Set(match.2.matches(of: /\{([a-z]+)\}/).map { String($0.1) })
      }
      return words
    }
    let (english, german) = (try words("en"), try words("de"))
    #expect(english.count > 200 && english == german)
    for file in ServedFile.page where file.path.hasSuffix(".js") || file.path == "/" {
      let text = String(decoding: file.bytes, as: UTF8.self)
      for match in text.matches(of: /(?:\bt\(|data-word=|data-label=)"([^"]+)"/) {
        #expect(english[String(match.1)] != nil, "\(file.path) uses \(match.1)")
      }
    }
  }

  @Test("everything but page and description needs a key")
  func keys() throws {
    let fixture = try Fixture(people: 1)
    for route in GalleryRoutes.all {
      let path = route.pattern.description.replacing(/\{.*?\}/, with: "1")
      #expect(try fixture.send(route.method, path, as: nil).status == 401, "\(route.method) \(path)")
    }
  }
}
