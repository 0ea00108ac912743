import FaceGallery
import Foundation
import HTTPTestSupport
import Synchronization
import Testing

@testable import GalleryServer
@testable import HTTPServing

/// A service over a new gallery of made-up people, with a key of each role, reached in memory or over a socket.
final class Fixture: Sendable {
  /// How requests travel.
  enum Way: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case memory
    case socket
    var testDescription: String { rawValue }
  }

  let folder: URL
  let gallery: Gallery
  let service: GalleryService
  let server: HTTPServer?
  let log = LogLines()
  private let keys: [Role: String]

  init(
    _ way: Way = .memory, at place: URL? = nil, people: Int = 0, each: Int = 2, needsKeys: Bool = true,
    keepThumbnails: Bool = false, origins: AllowedOrigins = .these([]),
    backups: URL? = nil, hook: @escaping @Sendable () -> Void = {},
    scheme: LandmarkScheme = .eyesNoseMouth, webhooks: Webhooks? = nil, extraRoutes: [Route] = [],
    photoMemory: Int? = nil,
    limits change: (inout Limits) -> Void = { _ in }
  ) throws {
    folder = place ?? FileManager.default.temporaryDirectory.appending(path: "server-\(UUID().uuidString)")
    var engine = FakeEngine()
    engine.hook = hook
    engine.scheme = scheme
    gallery = try Gallery.open(at: folder, engine: BatchingEngine(engine, batch: 4))
    for person in 0..<people {
      let faces = try (0..<each).map {
        ("Person \(person)", try FakeEngine.embedding(person: person, face: $0))
      }
      _ = try gallery.add(faces)
    }
    var keys: [Role: String] = [:]
    for role in Role.allCases { keys[role] = try KeyFile(gallery: folder).add(role: role).secret }
    self.keys = keys
    var settings = ServiceSettings()
    settings.needsKeys = needsKeys
    settings.keepThumbnails = keepThumbnails
    settings.origins = origins
    settings.backupFolder = backups
    if let photoMemory { settings.photoMemory = photoMemory }
    change(&settings.limits)
    service = GalleryService(
      galleries: [try ServedGallery(gallery, name: "test")], settings: settings,
      log: EventLog(.requests) { [log] in log.add($0) }, webhooks: webhooks, extraRoutes: extraRoutes)
    if way == .socket {
      var place = ServerSettings()
      place.port = 0
      server = try HTTPServer(service, place)
    } else {
      server = nil
    }
  }

  deinit {
    server?.stop()
    try? gallery.close()
    try? FileManager.default.removeItem(at: folder)
  }

  func key(_ role: Role) -> String { keys[role] ?? "" }

  /// Sends a request with the key of a role; nil sends none.
  func send(
    _ method: HTTPMethod, _ target: String, as role: Role? = .admin, headers: HTTPHeaders = [:],
    body: Data = Data()
  ) throws -> HTTPResponse {
    var headers = headers
    if let role { headers.add("x-api-key", key(role)) }
    if let server {
      let client = try SocketClient(port: server.port)
      return try client.send(method.rawValue, target, headers: headers, body: body)
    }
    if headers["Host"] == nil { headers.add("Host", "localhost") }
    if !body.isEmpty { headers.add("Content-Length", String(body.count)) }
    return service.answer(HTTPRequest(method, target, headers: headers, body: body))
  }

  /// Sends JSON.
  func send(
    _ method: HTTPMethod, _ target: String, as role: Role? = .admin, json: [String: Any]
  ) throws -> HTTPResponse {
    try send(
      method, target, as: role, headers: ["Content-Type": "application/json"],
      body: JSONSerialization.data(withJSONObject: json))
  }

  /// Sends JSON as it is written.
  func send(_ method: HTTPMethod, _ target: String, as role: Role? = .admin, text: String) throws
    -> HTTPResponse
  {
    try send(
      method, target, as: role, headers: ["Content-Type": "application/json"], body: Data(text.utf8))
  }

  /// Sends a photo as a form.
  func send(
    _ method: HTTPMethod, _ target: String, as role: Role? = .admin, photo: FakePhoto
  ) throws -> HTTPResponse {
    try send(method, target, as: role, files: ["file": photo.png()])
  }

  /// Sends photos as a form.
  func send(
    _ method: HTTPMethod, _ target: String, as role: Role? = .admin, files: [String: [UInt8]]
  ) throws -> HTTPResponse {
    var body = Data()
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
      body += Data(
        "--frontier\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"a.png\"\r\n".utf8)
      body += Data("Content-Type: image/png\r\n\r\n".utf8) + Data(bytes) + Data("\r\n".utf8)
    }
    body += Data("--frontier--\r\n".utf8)
    return try send(
      method, target, as: role, headers: ["Content-Type": "multipart/form-data; boundary=frontier"],
      body: body)
  }
}

/// A vector as JSON.
func json(_ embedding: Embedding) throws -> String {
  String(decoding: try JSONEncoder().encode(embedding.values), as: UTF8.self)
}

/// Lines that a log wrote.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}
