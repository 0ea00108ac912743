import FaceGallery
import Foundation
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

/// Pages of other origins, by what their browsers send.
@Suite("Pages elsewhere")
struct CrossOriginTests {
  private static let page = "https://photos.example"

  private func fixture(_ way: Fixture.Way, needsKeys: Bool = true, _ origins: String...) throws -> Fixture {
    let allowed = try Set(origins.map { try #require(WebOrigin($0)) })
    return try Fixture(way, people: 2, needsKeys: needsKeys, origins: .these(allowed))
  }

  private func preflight(
    _ fixture: Fixture, _ path: String, from origin: String, _ method: HTTPMethod = .post,
    headers: HTTPHeaders = [:]
  ) throws -> HTTPResponse {
    var headers = headers
    headers.add("Origin", origin)
    headers.add("Sec-Fetch-Site", "cross-site")
    headers.add("Access-Control-Request-Method", method.rawValue)
    headers.add("Access-Control-Request-Headers", "content-type,x-api-key")
    return try fixture.send(.options, path, as: nil, headers: headers)
  }

  /// The fields of CORS in a reply.
  private func fields(_ reply: HTTPResponse) -> [String: String] {
    Dictionary(
      reply.headers.fields.filter { $0.name.lowercased().hasPrefix("access-control-") }
        .map { ($0.name.lowercased().replacing("access-control-", with: ""), $0.value) }
    ) { first, _ in first }
  }

  @Test(
    "a page that may is told so before every request, for each route and without a key",
    arguments: Fixture.Way.allCases)
  func preflights(_ way: Fixture.Way) throws {
    let fixture = try fixture(way, Self.page)
    for route in GalleryService.standardRoutes {
      let path = route.pattern.description.replacing("{", with: "").replacing("}", with: "")
      let reply = try preflight(fixture, path, from: Self.page, route.method)
      let name = "\(route.method.rawValue) \(path)"
      #expect(reply.status == 204 && reply.body.isEmpty, "\(name): \(reply.status)")
      let fields = fields(reply)
      #expect(fields["allow-origin"] == Self.page && reply.headers.all("Vary") == ["Origin"], "\(name)")
      let methods = (fields["allow-methods"] ?? "").split(separator: ", ").map(String.init)
      #expect(methods.contains(route.method.rawValue), "\(name): \(methods)")
      #expect(methods.contains("HEAD") == methods.contains("GET"), "\(name): \(methods)")
      let headers = Set((fields["allow-headers"] ?? "").split(separator: ", ").map(String.init))
      #expect(headers.isSuperset(of: ["x-api-key", "content-type", "authorization"]), "\(name)")
      #expect(fields["allow-credentials"] == nil && fields["max-age"] == "7200", "\(name)")
      #expect(reply.headers["Content-Length"] == nil)
    }
    #expect(try preflight(fixture, "/api/v1/nowhere", from: Self.page).status == 404)
    let private_ = try preflight(
      fixture, "/api/v1/query", from: Self.page, headers: ["Access-Control-Request-Private-Network": "true"])
    #expect(fields(private_)["allow-private-network"] == "true")
    // Without the browser's question it is a method like others.
    let plain = try fixture.send(.options, "/healthz", as: nil)
    #expect(plain.status == 405 && plain.headers["Allow"] == "GET, HEAD")
  }

  @Test(
    "a page that may sends every request with its key and reads the reply, also one that refuses",
    arguments: Fixture.Way.allCases)
  func requests(_ way: Fixture.Way) throws {
    let fixture = try fixture(way, Self.page, "http://localhost:3000")
    for (origin, site) in [(Self.page, "cross-site"), ("http://localhost:3000", "same-site")] {
      let from: HTTPHeaders = ["Origin": origin, "Sec-Fetch-Site": site]
      func send(_ method: HTTPMethod, _ path: String, as role: Role? = .admin) throws -> HTTPResponse {
        let reply = try fixture.send(method, path, as: role, headers: from)
        #expect(fields(reply)["allow-origin"] == origin, "\(method.rawValue) \(path)")
        #expect(fields(reply)["allow-credentials"] == nil)
        #expect(fields(reply)["expose-headers"]?.contains("x-request-id") == true)
        #expect(reply.headers.all("Vary") == ["Origin"])
        return reply
      }
      #expect(try send(.get, "/api/v1/recognition/subjects").status == 200)
      #expect(try send(.delete, "/api/v1/recognition/subjects/Nobody").status == 404)
      #expect(try send(.get, "/api/v1/people", as: nil).status == 401)
      #expect(try send(.delete, "/api/v1/people?confirm=all", as: .read).status == 403)
      #expect(try send(.post, "/api/v1/query").status == 400)
      #expect(try send(.post, "/healthz").status == 405)
    }
    let photo = try FakePhoto(1).png()
    let recognised = try fixture.send(
      .post, "/api/v1/recognition/recognize", as: .read,
      headers: [
        "Origin": Self.page, "Sec-Fetch-Site": "cross-site", "Content-Type": "application/json",
      ], body: JSONEncoder().encode(["file": Data(photo).base64EncodedString()]))
    #expect(recognised.status == 200 && fields(recognised)["allow-origin"] == Self.page)
  }

  @Test(
    "other pages are refused and told nothing",
    arguments: [
      "https://evil.example", "http://photos.example", "https://photos.example:8443",
      "https://photos.example.evil.example",
      "https://a.photos.example", "https://photos.example/", "null", "", "https://user@photos.example",
    ])
  func others(_ origin: String) throws {
    for way in Fixture.Way.allCases {
      let fixture = try fixture(way, Self.page)
      let asked = try preflight(fixture, "/api/v1/people", from: origin, .delete)
      #expect(asked.failure == "foreign-origin" && fields(asked).isEmpty)
      for site in ["cross-site", "same-site", nil] {
        var headers: HTTPHeaders = ["Origin": origin]
        if let site { headers.add("Sec-Fetch-Site", site) }
        let reply = try fixture.send(.delete, "/api/v1/people?confirm=all", headers: headers)
        #expect(reply.failure == "foreign-origin" && fields(reply).isEmpty)
        #expect(reply.headers.all("Vary") == ["Origin"])
        let health = try fixture.send(.get, "/healthz", as: nil, headers: headers)
        #expect(health.status == 200 && fields(health).isEmpty)
      }
      // A page without `Origin` is no page that may.
      #expect(
        try fixture.send(.get, "/api/v1/people", headers: ["Sec-Fetch-Site": "cross-site"]).failure
          == "foreign-origin")
      #expect(try fixture.gallery.people().count == 2)
    }
  }

  @Test("without the setting nobody elsewhere is told anything")
  func unset() throws {
    let fixture = try Fixture(people: 2)
    let asked = try preflight(fixture, "/api/v1/people", from: Self.page)
    #expect(asked.status == 403 && fields(asked).isEmpty && asked.headers["Vary"] == nil)
    let reply = try fixture.send(.get, "/api/v1/people", headers: ["Origin": Self.page])
    #expect(reply.status == 200 && fields(reply).isEmpty && reply.headers["Vary"] == nil)
  }

  @Test("all pages may where that is said, and none comes in without a key", arguments: Fixture.Way.allCases)
  func all(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 2, origins: .all)
    for origin in [Self.page, "null", "http://127.0.0.1:5000"] {
      let asked = try preflight(fixture, "/api/v1/recognition/recognize", from: origin)
      #expect(asked.status == 204 && fields(asked)["allow-origin"] == "*")
      let from: HTTPHeaders = ["Origin": origin, "Sec-Fetch-Site": "cross-site"]
      let reply = try fixture.send(.get, "/api/v1/recognition/subjects", as: .read, headers: from)
      #expect(reply.status == 200 && fields(reply)["allow-origin"] == "*")
      #expect(fields(reply)["allow-credentials"] == nil)
      let keyless = try fixture.send(.delete, "/api/v1/people?confirm=all", as: nil, headers: from)
      #expect(keyless.status == 401 && fields(keyless)["allow-origin"] == "*")
    }
  }

  @Test("without keys an allowed page still has to name this machine")
  func rebinding() throws {
    let fixture = try fixture(.memory, needsKeys: false, Self.page)
    for (host, status) in [("localhost:8080", 204), ("127.attacker.example", 403)] {
      let asked = try preflight(fixture, "/api/v1/people", from: Self.page, .get, headers: ["Host": host])
      #expect(asked.status == status, "\(host)")
      let reply = try fixture.send(
        .get, "/api/v1/people", as: nil,
        headers: ["Host": host, "Origin": Self.page, "Sec-Fetch-Site": "cross-site"])
      #expect(reply.status == (status == 204 ? 200 : 403), "\(host)")
    }
  }

  @Test("an origin is a scheme, a host and a port, however it is written")
  func origins() {
    for (a, b) in [
      ("https://Photos.Example", "https://photos.example:443"), ("HTTP://localhost:80", "http://localhost"),
      ("http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080"),
      ("capacitor://localhost", "capacitor://LOCALHOST"),
    ] {
      #expect(WebOrigin(a) != nil && WebOrigin(a) == WebOrigin(b), "\(a)")
    }
    for (a, b) in [
      ("https://photos.example", "http://photos.example"), ("http://localhost:443", "http://localhost"),
      ("https://photos.example:80", "https://photos.example"), ("http://127.0.0.1", "http://localhost"),
    ] {
      #expect(WebOrigin(a) != WebOrigin(b), "\(a)")
    }
    for text in [
      "", "*", "null", "photos.example", "//photos.example", "https:/photos.example", "https://",
      "://photos.example",
      "https://photos.example/", "https://photos.example/a", "https://photos.example?a",
      "https://u@photos.example",
      "https://*.example", "https://photos.example:", "https://127.1", "1https://photos.example",
      "https://a https://b",
    ] {
      #expect(WebOrigin(text) == nil, "\(text)")
    }
  }

  @Test(
    "HEAD is answered wherever GET is, with the same status and header and no body",
    arguments: Fixture.Way.allCases)
  func heads(_ way: Fixture.Way) throws {
    let fixture = try Fixture(way, people: 2)
    for route in GalleryService.standardRoutes where route.method == .get {
      let path = route.pattern.description.replacing("{", with: "").replacing("}", with: "")
      let get = try fixture.send(.get, path)
      let head = try fixture.send(.head, path)
      #expect(head.status == get.status && head.status != 405, "\(path)")
      #expect(head.headers["Content-Type"] == get.headers["Content-Type"], "\(path)")
      #expect(head.body.isEmpty)
    }
  }
}
