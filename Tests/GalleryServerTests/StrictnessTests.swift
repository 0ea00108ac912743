import FaceGallery
import Foundation
import GalleryWeb
import HTTPTestSupport
import Testing

@testable import GalleryServer
@testable import HTTPServing

/// Whatever is not understood is refused, and nothing is done: it is never taken for something that is not there.
@Suite("Requests that are not understood")
struct StrictnessTests {
  /// A request that a route answers with success, in the gallery of ``fixture()``.
  private struct Sample {
    var method: HTTPMethod
    var path: String
    /// Parameters as they are written, encoded.
    var query: [(name: String, value: String)] = []
    var headers: HTTPHeaders = [:]
    var body = Data()

    var target: String {
      query.isEmpty ? path : path + "?" + query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
  }

  private static func fixture(_ way: Fixture.Way = .memory, backups: URL? = nil) throws -> Fixture {
    let fixture = try Fixture(way, people: 3, keepThumbnails: true, backups: backups)
    let added = try fixture.send(.post, "/api/v1/enrol?name=Zoe", photo: FakePhoto(7))
    try #require(added.status == 201)
    // Two groups, 8 and 10, of which one is ignored, and a review.
    for person in [10, 11] {
      _ = try fixture.gallery.addUnnamed((0..<2).map { try FakeEngine.embedding(person: person, face: $0) })
    }
    try #require(try fixture.gallery.cluster(options: .init(threshold: 0.6)).groups.map(\.id) == [8, 10])
    try fixture.gallery.ignore(group: 10)
    _ = fixture.service.reviews.keep(try fixture.gallery.reviewFaces(), of: "test")
    return fixture
  }

  /// Values that parameters take.
  private static let values = [
    "limit": "5", "detect_faces": "true", "status": "false", "det_prob_threshold": "0.1",
    "face_plugins": "landmarks,mask", "prediction_count": "2", "only_known": "false", "subject": "Person%200",
    "page": "0", "size": "3", "purge": "false", "name": "Zoe", "several_faces": "largest",
    "any_quality": "true", "allow_damaged": "true", "strict": "true", "box": "0,0,8,8",
    "search_side": "640", "upright": "true", "best": "2", "max_faces": "3", "min_score": "0",
    "upsampling": "1", "offset": "0", "confirm": "all",
    "k": "3",
    "group_by": "person", "threshold": "0.5", "exact": "true", "ef": "50", "where": "team",
    "embedding": "false", "same_name_twice": "true", "unnamed": "false", "group": "10", "min_faces": "1",
    "faces": "3", "suggest": "true", "kind": "suspicious", "person": "1",
  ]

  /// A value of a parameter that is not the same everywhere.
  private static func value(_ name: String, of route: Route, _ fixture: Fixture) throws -> String? {
    let path = route.pattern.description
    if name == "kind", path == "/api/v1/changes" { return "face-added" }
    guard name == "after" else { return values[name] }
    return switch path {
    case "/api/v1/people", "/api/v1/recognition/subjects": "A"
    case "/api/v1/groups": "9-1"
    case "/api/v1/review": fixture.service.reviews.last(of: "test")?.cursor(0)
    default: "1"
    }
  }

  private static func json(_ pattern: String, _ fixture: Fixture) throws -> String {
    let vector = try GalleryServerTests.json(FakeEngine.embedding(person: 1, face: 0))
    return switch pattern.replacing("/api/v1/", with: "") {
    case "recognition/faces/delete": "[]"
    case "recognition/subjects": #"{"subject": "New"}"#
    case "recognition/subjects/{subject}": #"{"subject": "Other"}"#
    case "recognition/embeddings/recognize", "recognition/embeddings/faces/{image_id}/verify":
      #"{"embeddings": [\#(vector)]}"#
    case "verification/embeddings/verify": #"{"source": \#(vector), "targets": [\#(vector)]}"#
    case "embeddings": #"{"faces": [{"name": "New", "embedding": \#(vector)}]}"#
    case "search": #"{"embeddings": [\#(vector)], "k": 2}"#
    case "people/{person}": #"{"name": "New"}"#
    case "people/{person}/tags", "faces/{face}/tags": #"{"tags": {"team": "red"}}"#
    case "check": #"{"recall_sample": 0}"#
    case "backup": #"{"name": "monday"}"#
    case "groups": #"{"threshold": 0.6}"#
    case "groups/{group}": #"{"name": "New"}"#
    case "faces": #"{"faces": [7], "name": "New"}"#
    case "people/{person}/merge": #"{"people": [1]}"#
    case "ignored": #"{"faces": [7]}"#
    case "keys": #"{"role": "read", "label": "camera"}"#
    default: "{}"
    }
  }

  private static func form(_ parts: [(name: String, bytes: [UInt8])]) -> Data {
    var body = Data()
    for (name, bytes) in parts {
      body += Data("--frontier\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n".utf8)
      body += Data(bytes) + Data("\r\n".utf8)
    }
    return body + Data("--frontier--\r\n".utf8)
  }

  private static func sample(_ route: Route, _ fixture: Fixture) throws -> Sample {
    let face = try #require(fixture.gallery.faces(offset: 6, limit: 1).faces.first)
    let person = try #require(try fixture.gallery.person(named: "Zoe"))
    let key = try KeyFile(gallery: fixture.folder).read().first { $0.role == .read }
    let path = route.pattern.description
      .replacing("{person}", with: "\(person.id)").replacing("{face}", with: "\(face.id)")
      .replacing("{group}", with: "8").replacing("{key}", with: try #require(key).id)
      .replacing("{image_id}", with: ImageID.text(of: face.id, in: try fixture.gallery.uuid))
      .replacing("{subject}", with: "Person%200").replacing("{api_key}", with: fixture.key(.admin))
    var sample = Sample(method: route.method, path: path)
    for name in route.parameters.sorted() {
      // Only one of two that exclude each other.
      if name == "after", route.parameters.contains("page") { continue }
      if name == "named", route.parameters.contains("name") { continue }
      let value = try value(name, of: route, fixture)
      sample.query.append((name, try #require(value, "no value of \(name) is known here")))
    }
    switch route.body {
    case .none: break
    case .json:
      sample.headers = ["Content-Type": "application/json"]
      sample.body = Data(try json(route.pattern.description, fixture).utf8)
    case .photos(let names):
      sample.headers = ["Content-Type": "multipart/form-data; boundary=frontier"]
      // Zoe's photo may not be enrolled under another name.
      let photo = route.parameters.contains("subject") ? FakePhoto(9) : FakePhoto(7)
      sample.body = form(try names.map { ($0, try photo.png()) })
    case .photoList(let name):
      sample.headers = ["Content-Type": "multipart/form-data; boundary=frontier"]
      sample.body = form([(name, try FakePhoto(7).png()), (name, try FakePhoto(1).png())])
    }
    return sample
  }

  private static var routes: [Route] { GalleryService.standardRoutes }

  @Test("the requests that are changed below are answered as they are")
  func samples() throws {
    for route in Self.routes {
      if route.pattern.description == "/api/v1/undo" { continue }
      let backups = FileManager.default.temporaryDirectory.appending(path: "backups-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: backups) }
      let fixture = try Self.fixture(backups: backups)
      let sample = try Self.sample(route, fixture)
      let reply = try fixture.send(sample.method, sample.target, headers: sample.headers, body: sample.body)
      #expect(
        (200..<300).contains(reply.status),
        "\(sample.method.rawValue) \(sample.target): \(String(decoding: reply.body, as: UTF8.self))")
    }
  }

  /// Sends requests that are to be refused with status 400, each with the words that the refusal has to name.
  private func expectRefusals(
    _ way: Fixture.Way, _ variations: (Route, Sample) throws -> [(Sample, named: String?)]
  ) throws {
    let fixture = try Self.fixture(way)
    let before = try (
      fixture.gallery.info().sequence, fixture.gallery.people(), fixture.gallery.removals()
    )
    for route in Self.routes {
      for (sample, named) in try variations(route, Self.sample(route, fixture)) {
        let reply = try fixture.send(sample.method, sample.target, headers: sample.headers, body: sample.body)
        let text = String(decoding: reply.body, as: UTF8.self)
        let request = "\(sample.method.rawValue) \(sample.target.prefix(200))"
        #expect(reply.status == 400, "\(request): \(text.prefix(200))")
        if let named {
          #expect(text.contains(named), "\(request) is not told of \(named): \(text.prefix(200))")
        }
      }
    }
    let after = try (
      fixture.gallery.info().sequence, fixture.gallery.people(), fixture.gallery.removals()
    )
    #expect(before == after)
  }

  @Test("a parameter that is unknown, undecodable, empty or has two values", arguments: Fixture.Way.allCases)
  func parameters(way: Fixture.Way) throws {
    try expectRefusals(way) { route, sample in
      var cases: [(Sample, named: String?)] = []
      func add(_ query: [(name: String, value: String)], _ named: String) {
        var changed = sample
        changed.query = query
        cases.append((changed, named))
      }
      // CompreFace passes over what it does not know where photos are sent, and so do we.
      let isStrict = !route.passesOverUnknown
      if isStrict {
        add(sample.query + [("nonsense", "1")], "nonsense")
        add([("nonsense", "1")], "nonsense")
      }
      add([("%ff", "1")], "%ff")
      add(sample.query + [("x%zz", "1")], "x%zz")
      for (place, parameter) in sample.query.enumerated() {
        let name = parameter.name
        let others = sample.query.enumerated().filter { $0.offset != place }.map(\.element)
        for value in ["100%", "%E9", "%ff", "%zz", "a%00b", "%"] { add(others + [(name, value)], name) }
        add(sample.query + [(name, parameter.value + "1")], name)
        guard isStrict else { continue }
        add(others + [(name, "")], name)
        add(others + [(name.uppercased(), parameter.value)], name.uppercased())
        add(
          others + [(name.prefix(1).uppercased() + name.dropFirst(), parameter.value)],
          name.prefix(1).uppercased())
      }
      // One too many to be counted, all of them the same.
      let first = sample.query.first ?? ("x", "1")
      var many = sample
      many.query = Array(repeating: first, count: 257)
      cases.append((many, "256"))
      return cases
    }
  }

  @Test("a path with an empty segment, or one that cannot be decoded", arguments: Fixture.Way.allCases)
  func paths(way: Fixture.Way) throws {
    try expectRefusals(way) { route, sample in
      var cases: [(Sample, named: String?)] = []
      func add(_ path: String) {
        var changed = sample
        changed.path = path
        cases.append((changed, nil))
      }
      if sample.path == "/" {
        add("//")
        return cases
      }
      for ending in ["/", "//", "/%zz", "/%", "/%ff", "/%00", "/.", "/.."] { add(sample.path + ending) }
      // What has a fragment comes no farther than the transport.
      if way == .socket { add(sample.path + "/#1%20fan") }
      add("/" + sample.path)
      add(sample.path.replacing("/", with: "//"))
      if let slash = sample.path.lastIndex(of: "/") {
        let (above, last) = (sample.path[..<slash], sample.path[slash...].dropFirst())
        add("\(above)//\(last)")
        add("\(above)/./\(last)")
      }
      return cases
    }
  }

  @Test("a body that is not taken, or has more in it than is known", arguments: Fixture.Way.allCases)
  func bodies(way: Fixture.Way) throws {
    let png = try FakePhoto(7).png()
    try expectRefusals(way) { route, sample in
      var cases: [(Sample, named: String?)] = []
      func add(_ body: Data, _ named: String?, type: String? = nil) {
        var changed = sample
        changed.body = body
        if let type { changed.headers = ["Content-Type": type] }
        cases.append((changed, named))
      }
      switch route.body {
      case .none:
        add(Data("x".utf8), nil)
        add(Data(#"{"subject": "Person 0"}"#.utf8), nil, type: "application/json")
      case .json(.list):
        add(Data(#"[{"id": 1, "id": 2}]"#.utf8), "id")
      case .json:
        let text = String(decoding: sample.body, as: UTF8.self)
        let members = text.dropFirst().dropLast()
        let comma = members.isEmpty ? "" : ", "
        add(Data("{\(members)\(comma)\"nonsense\": null}".utf8), "nonsense")
        add(Data("{\(members)\(comma)\"a\": 1, \"a\": 1}".utf8), nil)
        if !members.isEmpty {
          add(Data("{\(members), \(members)}".utf8), "twice")
          // The same name with an escape in it.
          let name = try #require(members.split(separator: "\"").first { $0 != "{" && $0 != " " })
          let code = String(try #require(name.utf8.first), radix: 16)
          add(Data("{\(members), \"\\u00\(code)\(name.dropFirst())\": null}".utf8), "twice")
        }
      case .photoList(let name):
        let parts = [(name, png), (name, png + [0])]
        add(Self.form(parts + [("nonsense", [1])]), "nonsense")
        add(Self.form(parts + [("", [1])]), "name")
        add(Self.form([]), name)
        add(Self.form([("file", png)]), name)
        add(Self.form(Array(repeating: (name, png), count: 65)), "64")
        let photo = "\"\(Data(png).base64EncodedString())\""
        add(Data("{\"\(name)\": [\(photo)], \"nonsense\": 1}".utf8), "nonsense", type: "application/json")
        add(
          Data("{\"\(name)\": [\(photo)], \"\(name)\": [\(photo)]}".utf8), "twice", type: "application/json")
        for value in ["5", photo, "[5]", "[]", "null"] {
          add(Data("{\"\(name)\": \(value)}".utf8), name, type: "application/json")
        }
        let many = Array(repeating: photo, count: 65).joined(separator: ",")
        add(Data("{\"\(name)\": [\(many)]}".utf8), "64", type: "application/json")
      case .photos(let names):
        let parts = names.map { ($0, png) }
        if !route.passesOverUnknown {
          add(Self.form(parts + [("nonsense", [1])]), "nonsense")
          add(Self.form(parts + [("n\u{FFFD}", [1])]), nil)
          add(Self.form(parts + [("", [1])]), nil)
        }
        add(Self.form(parts + [(names[0], png + [0])]), names[0])
        add(Self.form([]), names[0])
        add(
          Data("--frontier\r\nContent-Disposition: form-data\r\n\r\n1\r\n".utf8) + Self.form(parts), "name")
        add(
          Data("--frontier\r\nContent-Disposition: form-data; name=a; name=\"\(names[0])\"\r\n\r\n1\r\n".utf8)
            + Self.form(parts), "name")
        let members = names.map { "\"\($0)\": \"\(Data(png).base64EncodedString())\"" }.joined(
          separator: ", ")
        add(Data("{\(members), \"nonsense\": 1}".utf8), "nonsense", type: "application/json")
        add(Data("{\(members), \(members)}".utf8), "twice", type: "application/json")
        add(Data("{\"\(names[0])\": 5}".utf8), names[0], type: "application/json")
      }
      return cases
    }
  }

  @Test("CompreFace's calls with photos pass over what is not known or has no value, and say so")
  func passedOver() throws {
    let fixture = try Self.fixture()
    let png = try FakePhoto(7).png()
    let headers: HTTPHeaders = ["Content-Type": "multipart/form-data; boundary=frontier"]
    let lenient = Self.routes.filter(\.passesOverUnknown)
    #expect(lenient.count == 6 && lenient.allSatisfy { $0.method == .post })
    for route in lenient {
      var sample = try Self.sample(route, fixture)
      sample.query = sample.query.filter { $0.name == "subject" }
      guard case .photos(let names) = route.body else {
        Issue.record("\(route.pattern) takes no photo")
        continue
      }
      let photo = route.parameters.contains("subject") ? try FakePhoto(9).png() : png
      let body = Self.form(names.map { ($0, photo) } + [("studentID", [7]), ("", [1])])
      for extra in ["_=123", "Limit=3", "limit=", "face_plugins=&det_prob_threshold=&status=true"] {
        let target = sample.target + (sample.query.isEmpty ? "?" : "&") + extra
        let reply = try fixture.send(.post, target, headers: headers, body: body)
        let text = String(decoding: reply.body, as: UTF8.self)
        #expect((200..<300).contains(reply.status), "\(target): \(text)")
        if !route.parameters.contains("subject") {
          #expect(text.contains("passed over: ") && text.contains("studentID"), "\(target): \(text)")
          if extra.contains("_=") { #expect(text.contains("passed over: _, studentID"), "\(text)") }
        }
      }
    }
    // What is not known cannot be meant for another field, and a photo may not be there twice.
    let twice = Self.form([("file", png), ("file", png + [0])])
    #expect(
      try fixture.send(.post, "/api/v1/recognition/recognize", headers: headers, body: twice).status == 400)
  }

  @Test("a number has one form, in queries and in paths")
  func numbers() throws {
    let fixture = try Self.fixture()
    for text in ["%2B1", "01", "-0", "1.0", "1e1", "%201", "0x1", "١"] {
      #expect(try fixture.send(.get, "/api/v1/people?limit=\(text)").failure == "bad-parameter", "\(text)")
      #expect(
        try fixture.send(.get, "/api/v1/recognition/faces?size=\(text)").failure == "bad-parameter", "\(text)"
      )
    }
    for text in ["+1", "01", "-1", "0", "1.0", "99999999999999999999"] {
      #expect(try fixture.send(.get, "/api/v1/people/\(text)").failure == "bad-parameter", "\(text)")
    }
    for text in ["0x1", "%2B", "nan", "inf", "1,5", "1 "] {
      #expect(
        try fixture.send(.post, "/api/v1/query?threshold=\(text)", photo: FakePhoto(7)).failure
          == "bad-parameter",
        "\(text)")
    }
    // CompreFace's pages take every number.
    for text in ["-99999999999999999999", "-1", "0", "1", "99999999999999999999"] {
      #expect(
        try fixture.send(.get, "/api/v1/recognition/faces?size=\(text)&page=\(text)").status == 200, "\(text)"
      )
    }
  }

  @Test("a header of ours with two values")
  func headers() throws {
    try expectRefusals(.memory) { route, sample in
      var fields: [(String, String)] = [("X-Request-Id", "a"), ("x-request-id", "b")]
      var named = "X-Request-Id"
      if case .role = route.access { (fields, named) = ([("X-API-Key", "another")], "x-api-key") }
      var changed = sample
      for (name, value) in fields { changed.headers.add(name, value) }
      return [(changed, named)]
    }
    let fixture = try Self.fixture()
    var bearer: HTTPHeaders = ["Authorization": "Bearer another"]
    #expect(try fixture.send(.get, "/api/v1/people", headers: bearer).status == 400)
    bearer = ["Authorization": "Bearer \(fixture.key(.admin))"]
    #expect(try fixture.send(.get, "/api/v1/people", headers: bearer).status == 200)
    var sites: HTTPHeaders = ["Sec-Fetch-Site": "same-origin"]
    sites.add("Sec-Fetch-Site", "cross-site")
    #expect(try fixture.send(.delete, "/api/v1/people?confirm=all", headers: sites).status == 400)
    var methods: HTTPHeaders = ["Origin": "https://photos.example", "Access-Control-Request-Method": "GET"]
    methods.add("Access-Control-Request-Method", "DELETE")
    #expect(try fixture.send(.options, "/api/v1/people", headers: methods).status == 400)
    // A proxy may want a password of its own.
    #expect(
      try fixture.send(.get, "/api/v1/people", headers: ["Authorization": "Basic YTpi"]).status == 200)
    let face = try #require(fixture.gallery.faces(offset: 6, limit: 1).faces.first)
    let image = ImageID.text(of: face.id, in: try fixture.gallery.uuid)
    #expect(try fixture.send(.get, "/api/v1/static/another/images/\(image)").status == 400)
  }

  @Test("equal repeats, blank pairs and plus signs are understood", arguments: Fixture.Way.allCases)
  func understood(way: Fixture.Way) throws {
    let fixture = try Self.fixture(way)
    for query in ["name=Zoe&name=Zoe", "&name=Zoe", "name=Zoe&&limit=5&", "name=%5Aoe", "limit=5"] {
      #expect(try fixture.send(.get, "/api/v1/people?\(query)").status == 200, "\(query)")
    }
    #expect(try fixture.send(.get, "/api/v1/people?").status == 200)
    #expect(try fixture.send(.get, "/api/v1/people?name=Person+1").number("total") == 1)
    // A part of a name is nobody's name.
    for (query, total) in [("PERSON+1", 1), ("Person", 0), ("erson+1", 0)] {
      #expect(try fixture.send(.get, "/api/v1/people?named=\(query)").number("total") == total, "\(query)")
    }
    #expect(try fixture.send(.get, "/api/v1/people?named=Person+1&limit=1").failure == "bad-parameter")
  }

  @Test(
    "a filter that is not understood filters nothing out of account",
    arguments: [
      "team=100%", "team=%E9", "", ",", "team=red,", ",team=red", "=red", "team=red,team=blue",
      "team=red,team",
    ])
  func filters(text: String) throws {
    let fixture = try Self.fixture()
    let reply = try fixture.send(.post, "/api/v1/query?where=\(text)", photo: FakePhoto(7))
    #expect(reply.status == 400 && reply["message"] as? String != nil)
    #expect((reply["message"] as? String)?.contains("where") == true)
    #expect(try fixture.send(.post, "/api/v1/query?where=team=red", photo: FakePhoto(7)).status == 200)
  }

  @Test("a photo that is too small to be a face is a bad request", arguments: ["multipart", "json"])
  func tooSmall(form: String) throws {
    let fixture = try Self.fixture()
    for route in Self.routes {
      guard case .photos(let names) = route.body else { continue }
      var sample = try Self.sample(route, fixture)
      sample.query.removeAll { $0.name == "detect_faces" }
      sample.query.append(("detect_faces", "false"))
      let dot = try FakePhoto([], isUnusable: true).png()
      sample.body = Self.form(names.map { ($0, dot) })
      if form == "json" {
        sample.headers = ["Content-Type": "application/json"]
        let members = names.map { "\"\($0)\": \"\(Data(dot).base64EncodedString())\"" }
        sample.body = Data("{\(members.joined(separator: ","))}".utf8)
      }
      let reply = try fixture.send(.post, sample.target, headers: sample.headers, body: sample.body)
      #expect(reply.status == 400, "\(sample.target): \(reply.status)")
      // What is added is refused as a photo of a folder is, by a word of `Refusal`.
      let isEnrolment = ["/api/v1/enrol", "/api/v1/recognition/faces"].contains(sample.path)
      #expect(reply.failure == (isEnrolment ? "unreadable" : "unreadable-photo"), "\(sample.target)")
    }
  }

  @Test("the description of our API has the parameters and members that its routes know")
  func description() throws {
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(ServedFile.openAPI.bytes)) as? [String: Any])
    let paths = try #require(document["paths"] as? [String: [String: Any]])
    let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
    func shape(_ schema: [String: Any]) throws -> JSONShape {
      if let name = (schema["$ref"] as? String)?.split(separator: "/").last {
        return try shape(try #require(schemas[String(name)] as? [String: Any]))
      }
      if let items = schema["items"] as? [String: Any] {
        let inner = try shape(items)
        return inner == .value ? .value : .list(inner)
      }
      guard let members = schema["properties"] as? [String: [String: Any]] else { return .value }
      #expect(schema["additionalProperties"] as? Bool == false, "\(members.keys)")
      return .object(try members.mapValues(shape))
    }
    for route in GalleryRoutes.all {
      let name = "\(route.method.rawValue) \(route.pattern)"
      let operation = try #require(
        paths[route.pattern.description]?[route.method.rawValue.lowercased()] as? [String: Any], "\(name)")
      let parameters = (operation["parameters"] as? [[String: Any]] ?? []).filter {
        $0["in"] as? String == "query"
      }
      #expect(Set(parameters.compactMap { $0["name"] as? String }) == route.parameters, "\(name)")
      let content =
        (operation["requestBody"] as? [String: Any])?["content"] as? [String: [String: Any]] ?? [:]
      let shapes = try content.mapValues { try shape(try #require($0["schema"] as? [String: Any])) }
      switch route.body {
      case .none: #expect(content.isEmpty, "\(name)")
      case .json(let known): #expect(shapes == ["application/json": known], "\(name)")
      case .photos(let names):
        let known = JSONShape.object(Dictionary(uniqueKeysWithValues: names.map { ($0, .value) }))
        #expect(shapes == ["application/json": known, "multipart/form-data": known], "\(name)")
      case .photoList(let field):
        let known = JSONShape.object([field: .value])
        #expect(shapes == ["application/json": known, "multipart/form-data": known], "\(name)")
      }
    }
  }
}

/// Everybody is removed when just that is asked for, and comes back when that was a mistake.
@Suite("Deleting everybody")
struct DeletingEverybodyTests {
  private static let forms = [
    "/api/v1/recognition/subjects", "/api/v1/recognition/faces", "/api/v1/people?confirm=all",
  ]

  @Test("each explicit form does it, and undo brings them back", arguments: Fixture.Way.allCases)
  func undo(way: Fixture.Way) throws {
    for target in Self.forms {
      let fixture = try Fixture(way, people: 3)
      let people = try fixture.gallery.people()
      #expect(try fixture.send(.delete, target, as: .read).status == 403)
      #expect(try fixture.send(.delete, target, as: .write).status == 200)
      #expect(try fixture.gallery.people().isEmpty)
      let state = try fixture.send(.get, "/api/v1/gallery")
      #expect(state.number("removals", 0, "people") == 3 && state.number("removals", 0, "faces") == 6)
      #expect(try fixture.send(.post, "/api/v1/undo", as: .read, text: "{}").status == 403)
      let reply = try fixture.send(.post, "/api/v1/undo", as: .write, text: "{}")
      #expect(reply.status == 200 && reply.number("people") == 3 && reply.number("faces") == 6)
      #expect(reply.number("skipped") == 0)
      #expect(try fixture.gallery.people() == people)
      #expect(try fixture.send(.post, "/api/v1/undo", as: .write).status == 404)
      #expect(try fixture.send(.get, "/api/v1/gallery").number("removals", 0, "people") == nil)
    }
  }

  @Test("a purge keeps nothing and deletes what was kept")
  func purge() throws {
    for target in Self.forms {
      let fixture = try Fixture(people: 3)
      #expect(try fixture.send(.delete, target).status == 200)
      #expect(try fixture.gallery.removals().count == 1)
      let added = try fixture.gallery.add(FakeEngine.embedding(person: 1, face: 0), as: "New")
      #expect(try fixture.gallery.face(added) != nil)
      #expect(
        try fixture.send(.delete, target + (target.contains("?") ? "&" : "?") + "purge=true").status == 200)
      #expect(try fixture.gallery.people().isEmpty && fixture.gallery.removals().isEmpty)
    }
  }

  @Test(
    "no other form removes anybody",
    arguments: [
      "recognition/faces?subject=100%", "recognition/faces?subject=%E9", "recognition/faces?subject=%ff",
      "recognition/faces?subject=", "recognition/faces?subject", "recognition/faces?Subject=Ada",
      "recognition/faces?name=Ada", "recognition/faces?purge=perhaps&subject=Person+0",
      "recognition/subjects/", "recognition/subjects//", "recognition/subjects?subject=Ada",
      "recognition/faces/",
      "recognition//faces", "people", "people?confirm=ALL", "people?confirm=", "people?confirm=yes",
      "people/",
      "people?purge=true", "people?confirm=all&confirm=none", "recognition/subjects/?",
      "recognition/faces?", "recognition/faces?&", "recognition/subjects?", "recognition/faces?&purge=true",
    ])
  func otherForms(target: String) throws {
    for way in Fixture.Way.allCases {
      let fixture = try Fixture(way, people: 3)
      let reply = try fixture.send(.delete, "/api/v1/" + target, as: .write)
      #expect(reply.status == 400, "\(target)")
      #expect(try fixture.gallery.people().count == 3)
    }
  }
}
