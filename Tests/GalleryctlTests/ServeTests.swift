import Foundation
import HTTPTestSupport
import TestSupport
import Testing

/// `galleryctl serve` as its clients see it.
@Suite("galleryctl serve", .serialized)
struct ServeTests {
  /// A running server.
  final class Server {
    let process: Process
    let port: Int
    private let output: Pipe
    private let errors: Pipe

    init(_ galleryctl: Galleryctl, _ arguments: [String], environment: [String: String] = [:]) throws {
      (process, output, errors) = try galleryctl.start(
        ["serve", "--port", "0"] + arguments, environment: environment)
      var line = ""
      while !line.hasSuffix("\n") {
        let data = output.fileHandleForReading.readData(ofLength: 1)
        if data.isEmpty { break }
        line += String(decoding: data, as: UTF8.self)
      }
      guard let port = Int(line.dropLast().split(separator: ":").last ?? "") else {
        throw Failure(
          description:
            "no port in \"\(line)\": \(String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self))"
        )
      }
      self.port = port
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    private var log = Data()

    /// Whether a text is in its standard error, or in what comes next there; waits for something to come.
    func hasLogged(_ text: String) throws -> Bool {
      log += errors.fileHandleForReading.availableData
      return String(decoding: log, as: UTF8.self).contains(text)
    }

    /// Asks it to stop, and gives exit status and standard error.
    func stop() -> (status: Int32, log: String) {
      process.terminate()
      log += errors.fileHandleForReading.readWhole()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: log, as: UTF8.self))
    }
  }

  struct Failure: Error, CustomStringConvertible { let description: String }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A Python with packages, or nil where they cannot be had.
  private static func python(_ name: String, _ packages: String...) -> String? {
    let process = Process()
    let output = Pipe()
    process.executableURL = root.appending(path: "Scripts/service/venv.sh")
    process.arguments = [name] + packages
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readWhole()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let compreface = python("compreface-client", "compreface-sdk==0.6.0", "urllib3<2")

  private func curl(_ arguments: String...) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["curl", "--silent", "--show-error", "--max-time", "60"] + arguments
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readWhole()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  @Test(
    "CompreFace's own client works", .needsPhotos,
    .enabled(if: compreface != nil, "compreface-sdk 0.6.0 cannot be had from PyPI"))
  func compreFace() throws {
    let galleryctl = try Galleryctl()
    let key = try galleryctl("keys", "add", "--role", "write").output.trimmingCharacters(in: .newlines)
    let server = try Server(galleryctl, [])
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try #require(Self.compreface))
    process.arguments = [
      Self.root.appending(path: "Scripts/service/compreface_client.py").path, "http://127.0.0.1",
      "\(server.port)", key,
      Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg"), Fixtures.photo("biden.jpg"),
    ]
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.split(separator: "\n").count { $0.hasPrefix("ok ") } == 21, "\(text)")
    let (status, log) = server.stop()
    #expect(status == 0)
    #expect(!log.contains(key))
    #expect(!log.contains("Obama"))
    #expect(log.contains(#""event":"stopped""#))
  }

  @Test("SIGTERM ends it with status 0, and what was enrolled is there", .needsPhotos)
  func stops() throws {
    let galleryctl = try Galleryctl()
    let server = try Server(galleryctl, ["--no-keys", "--log", "events"])
    let reply = try curl(
      "-F", "file=@\(Fixtures.photo("obama.jpg"))",
      "http://127.0.0.1:\(server.port)/api/v1/recognition/faces?subject=Obama")
    #expect(reply.contains("image_id"), "\(reply)")
    #expect(server.stop().status == 0)
    #expect(try galleryctl("info", "--json").json(Replies.Info.self).faces == 1)
  }

  /// How a disk comes to be full; only the superuser can mount a small one.
  enum FullDisk: String, CaseIterable {
    case smallDisk = "no block is left"
    case fileSize = "files may not grow"
  }

  @Test(
    "SIGTERM on a full disk ends it with status 0, and what was acknowledged is there", .needsPhotos,
    arguments: SmallDisk.isPossible ? FullDisk.allCases : [.fileSize])
  func stopsOnFullDisk(_ kind: FullDisk) throws {
    let galleryctl = try Galleryctl()
    let disk = kind == .smallDisk ? SmallDisk(megabytes: 4) : nil
    try #require(kind == .fileSize || disk != nil)
    let folder = (disk?.url ?? galleryctl.folder).appending(path: "gallery").path(percentEncoded: false)
    let server = try Server(galleryctl, ["--no-keys", "--log", "events", "--gallery", folder])
    let address = "http://127.0.0.1:\(server.port)/api/v1"
    let photo = try curl(
      "-F", "file=@\(Fixtures.photo("obama.jpg"))", "\(address)/recognition/faces?subject=Obama")
    #expect(photo.contains("image_id"), "\(photo)")
    if let disk {
      try disk.fill()
    } else {
      let size = try #require(
        try FileManager.default.attributesOfItem(atPath: folder + "/data.mdb")[.size] as? Int)
      let limit = try galleryctl.shell(
        "prlimit --pid \(server.process.processIdentifier) --fsize=\(size)")
      #expect(limit.status == 0, "\(limit.text)")
    }
    var (acknowledged, refused) = (1, 0)
    for batch in 0..<200 where refused < 3 {
      let faces = (0..<50).map { face in
        ["name": "Person", "embedding": (0..<128).map { sin(Double(batch * 6400 + face * 128 + $0)) }]
          as [String: Any]
      }
      let body = try galleryctl.file(
        "faces.json", JSONSerialization.data(withJSONObject: ["faces": faces]))
      let status = try curl(
        "-H", "Content-Type: application/json", "--data-binary", "@\(body)", "-o", "/dev/null", "-w",
        "%{http_code}", "\(address)/embeddings")
      switch status {
      case "201": acknowledged += faces.count
      case "507": refused += 1
      default: Issue.record("\(status)")
      }
    }
    #expect(refused == 3)
    let (status, log) = server.stop()
    #expect(status == 0, "\(log)")
    #expect(log.contains(#""event":"stopped""#))
    try disk?.empty()
    #expect(
      try galleryctl("--gallery", folder, "info", "--json").json(Replies.Info.self).faces == acknowledged)
    #expect(try galleryctl("--gallery", folder, "check").status == 0)
  }

  @Test("a server that is killed in the middle of an upload has lost nothing", .needsPhotos)
  func killed() throws {
    let galleryctl = try Galleryctl()
    let server = try Server(galleryctl, ["--no-keys", "--log", "off"])
    let address = "http://127.0.0.1:\(server.port)/api/v1/recognition/faces?subject=Obama"
    #expect(try curl("-F", "file=@\(Fixtures.photo("obama.jpg"))", address).contains("image_id"))
    let photo = try Data(contentsOf: URL(filePath: Fixtures.photo("obama2.jpg")))
    let upload = try SocketClient(port: server.port)
    try upload.write(
      SocketClient.head("POST", "/api/v1/recognition/faces?subject=Obama", length: photo.count)
        + photo.prefix(photo.count / 2))
    // The request that asks is one, the upload the other.
    #expect(
      try eventually {
        try curl("http://127.0.0.1:\(server.port)/metrics").contains("\nfacegallery_requests_in_flight 2\n")
      })
    kill(server.process.processIdentifier, SIGKILL)
    server.process.waitUntilExit()
    #expect(try galleryctl("check").status == 0)
    #expect(try galleryctl("info", "--json").json(Replies.Info.self).faces == 1)
    let again = try Server(galleryctl, ["--no-keys", "--log", "off"])
    #expect(again.stop().status == 0)
  }

  @Test("each gallery is served with the engine that it was filled with", .needsPhotos)
  func engines() throws {
    let galleryctl = try Galleryctl()
    struct Key: Decodable { let key: String }
    func make(_ name: String, engine: String) throws -> String {
      let added = try galleryctl(
        "-g", name, "add", Fixtures.photo("obama.jpg"), "--name", "Obama", "--engine", engine)
      #expect(added.status == 0, "\(added.errors)")
      return try galleryctl("-g", name, "keys", "add", "--role", "admin", "--json").json(Key.self).key
    }
    let keys = [try make("new", engine: "sface"), try make("old", engine: "resnet")]
    let server = try Server(
      galleryctl, ["a=\(galleryctl.folder.path)/new", "b=\(galleryctl.folder.path)/old", "--log", "off"])
    for key in keys {
      let reply = try curl(
        "-H", "x-api-key: \(key)", "-F", "file=@\(Fixtures.photo("obama2.jpg"))",
        "http://127.0.0.1:\(server.port)/api/v1/query")
      #expect(reply.contains("\"Obama\""), "\(reply)")
    }
    let metrics = try curl("-H", "x-api-key: \(keys[0])", "http://127.0.0.1:\(server.port)/metrics")
    #expect(
      metrics.contains("facegallery_faces{gallery=\"a\"} 1\n") && !metrics.contains("\"b\""), "\(metrics)")
    #expect(server.stop().status == 0)
  }

  /// Double Take, Stash's plugin and CompreFace's own front end take these similarities and more for the person.
  @Test(
    "clients that compare similarity with a threshold of their own name nobody wrongly, and know whom they know",
    .needsPhotos, arguments: ["sface", "resnet"])
  func clientThresholds(_ engine: String) throws {
    struct Reply: Decodable {
      struct Subject: Decodable { let subject: String; let similarity: Double; let cosine: Double }
      struct Face: Decodable { let subjects: [Subject] }
      let result: [Face]
    }
    let galleryctl = try Galleryctl()
    for (photo, name) in [("obama.jpg", "Obama"), ("biden.jpg", "Biden")] {
      #expect(try galleryctl("add", Fixtures.photo(photo), "--name", name, "--engine", engine).status == 0)
    }
    let server = try Server(galleryctl, ["--no-keys", "--log", "off"])
    func faces(_ photo: String) throws -> [Reply.Subject] {
      let text = try curl(
        "-F", "file=@\(Fixtures.photo(photo))",
        "http://127.0.0.1:\(server.port)/api/v1/recognition/recognize?det_prob_threshold=0.8&prediction_count=2"
      )
      return try JSONDecoder().decode(Reply.self, from: Data(text.utf8)).result.compactMap(\.subjects.first)
    }
    for threshold in [0.6, 0.81, 0.88] {
      for photo in ["obama2.jpg", "obama3.jpg"] {
        #expect(
          try faces(photo).filter { $0.similarity >= threshold }.map(\.subject) == ["Obama"], "\(photo)")
      }
    }
    let strangers = try faces("group.jpg") + faces("hanks.png")
    #expect(strangers.count >= 5)
    for stranger in strangers { #expect(stranger.similarity < 0.5, "\(stranger)") }
    #expect(server.stop().status == 0)
  }

  @Test("a setting comes from the environment too, and a bad one is named", .needsPhotos)
  func environment() throws {
    let galleryctl = try Galleryctl()
    let server = try Server(
      galleryctl, [], environment: ["GALLERYCTL_NO_KEYS": "1", "GALLERYCTL_MAX_UPLOAD": "1"])
    let large = try galleryctl.file("large", [UInt8](repeating: 0, count: 2 << 20))
    let reply = try curl(
      "-F", "file=@\(large)", "http://127.0.0.1:\(server.port)/api/v1/recognition/recognize")
    #expect(reply.contains("too-large"), "\(reply)")
    #expect(server.stop().status == 0)
    let bad = try galleryctl("serve", environment: ["GALLERYCTL_PORT": "many"])
    #expect(bad.status == 2)
    #expect(bad.errors.contains("GALLERYCTL_PORT"))
  }

  @Test("without keys it serves this machine only")
  func loopback() throws {
    let run = try Galleryctl()("serve", "--no-keys", "--host", "0.0.0.0")
    #expect(run.status == 2)
    #expect(run.errors.contains("loopback"))
  }

  @Test("without keys it serves one gallery, since nothing says which is meant")
  func oneWithoutKeys() throws {
    let run = try Galleryctl()("serve", "--no-keys", "one", "two")
    #expect(run.status == 2)
    #expect(run.errors.contains("one gallery only"))
  }

  @Test("keys are made, listed and revoked")
  func keys() throws {
    let galleryctl = try Galleryctl()
    let made = try galleryctl("keys", "add", "--role", "write", "--label", "camera")
    #expect(made.status == 0)
    #expect(made.output.hasPrefix("fg_"))
    struct Key: Decodable { let id, role, label: String }
    let keys = try galleryctl("keys", "list", "--json").json([Key].self)
    #expect(keys.map(\.label) == ["camera"])
    #expect(keys.map(\.role) == ["write"])
    #expect(try galleryctl("keys", "revoke", keys[0].id).status == 0)
    let again = try galleryctl("keys", "revoke", keys[0].id)
    #expect(again.status == 3)
    #expect(
      again.errors
        == "error: There is no key \(keys[0].id); `galleryctl keys list` names them.\n")
    #expect(try galleryctl("keys", "ad").errors.contains("did you mean \"add\""))
  }

  @Test(
    "a key that clients have comes from a file, standard input or the environment; on the command line it warns"
  )
  func ownKeys() throws {
    let galleryctl = try Galleryctl()
    struct Key: Decodable { let key: String }
    func secret(_ number: Int) -> String { "8f2c1d6e-93ab-4b0f-a7d5-5e60c49b123\(number)" }
    let file = try galleryctl.file("key.txt", Array((secret(1) + "\n").utf8))
    let fromFile = try galleryctl("keys", "add", "--json", "--key-file", file)
    #expect(try fromFile.json(Key.self).key == secret(1))
    #expect(fromFile.errors.isEmpty)
    let fromVariable = try galleryctl("keys", "add", "--json", environment: ["GALLERYCTL_KEY": secret(2)])
    #expect(try fromVariable.json(Key.self).key == secret(2))
    #expect(fromVariable.errors.isEmpty)
    let shown = try galleryctl("keys", "add", "--json", "--key", secret(3))
    #expect(try shown.json(Key.self).key == secret(3))
    #expect(shown.errors.contains("list of processes"))
    let weak = try galleryctl("keys", "add", "--key", "00000000-0000-0000-0000-000000000002")
    #expect(weak.status == 3)
    #expect(weak.errors.contains("easy to guess"))
    #expect(try galleryctl("keys", "add", "--key", secret(4), "--key-file", file).status == 2)
    #expect(try galleryctl("keys", "add", "--key-file", file + ".none").status == 3)
    #expect(try galleryctl("keys", "list", "--json").json([KeyName].self).count == 3)
  }

  private struct KeyName: Decodable { let id: String }

  @Test("without keys it answers to names of this machine and to those it was given", .needsPhotos)
  func hostNames() throws {
    let galleryctl = try Galleryctl()
    let server = try Server(galleryctl, ["--no-keys", "--log", "off", "--host-name", "faces.example"])
    func status(_ host: String) throws -> String {
      try curl(
        "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: \(host)",
        "http://127.0.0.1:\(server.port)/api/v1/people")
    }
    for host in ["localhost:80", "127.0.0.1", "[::1]", "faces.example", "FACES.example:8443"] {
      #expect(try status(host) == "200", "\(host)")
    }
    for host in ["127.attacker.example", "127.0.0.1.evil.example", "evil.example", "localhost."] {
      #expect(try status(host) == "403", "\(host)")
    }
    #expect(server.stop().status == 0)
    let bad = try galleryctl("serve", "--no-keys", "--port", "0", "--host-name", "faces.example:80")
    #expect(bad.status == 2)
    #expect(try galleryctl("serve", "--no-keys", "--host", "127.evil").status == 2)
  }

  @Test("pages of origins that are given may use it, others may not", .needsPhotos)
  func crossOrigins() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl("keys", "add", "--role", "read")
    let given = ["--log", "off", "--cors-origin", "https://photos.example"]
    let server = try Server(galleryctl, given + ["--cors-origin", "http://localhost:3000"])
    func headers(_ port: Int, _ origin: String) throws -> String {
      try curl(
        "-i", "-X", "OPTIONS", "-H", "Origin: \(origin)", "-H", "Access-Control-Request-Method: POST",
        "http://127.0.0.1:\(port)/api/v1/recognition/recognize")
    }
    for origin in ["https://photos.example", "http://localhost:3000"] {
      let reply = try headers(server.port, origin)
      #expect(reply.hasPrefix("HTTP/1.1 204 No Content\r\n"))
      #expect(reply.contains("Access-Control-Allow-Origin: \(origin)\r\n"))
    }
    #expect(try headers(server.port, "https://evil.example").hasPrefix("HTTP/1.1 403 "))
    #expect(server.stop().status == 0)
    let all = try Server(
      galleryctl, ["--log", "off"], environment: ["GALLERYCTL_CORS_ORIGIN": "https://photos.example,*"])
    #expect(try headers(all.port, "https://any.example").contains("Access-Control-Allow-Origin: *\r\n"))
    #expect(all.stop().status == 0)
    let open = try galleryctl("serve", "--no-keys", "--port", "0", "--cors-origin", "*")
    #expect(open.status == 2 && open.errors.contains("needs keys"))
    for bad in ["photos.example", "https://photos.example/", "null", "https://*.example"] {
      let refused = try galleryctl("serve", "--port", "0", "--cors-origin", bad)
      #expect(refused.status == 2 && refused.errors.contains(bad), "\(bad)")
    }
  }

  @Test(
    "the threshold that clients of CompreFace send keeps the faces of photos", .needsPhotos,
    arguments: ["yunet", "hog"])
  func detectionThreshold(_ detector: String) throws {
    let galleryctl = try Galleryctl()
    let server = try Server(galleryctl, ["--no-keys", "--log", "off", "--detector", detector])
    struct Reply: Decodable {
      struct Face: Decodable {
        struct Box: Decodable { let probability: Double }
        let box: Box
      }
      let result: [Face]
    }
    func faces(_ photo: String, _ query: String) throws -> Reply {
      let text = try curl(
        "-F", "file=@\(Fixtures.photo(photo))",
        "http://127.0.0.1:\(server.port)/api/v1/detection/detect\(query)")
      return try JSONDecoder().decode(Reply.self, from: Data(text.utf8))
    }
    for photo in ["obama.jpg", "obama2.jpg", "biden.jpg", "group.jpg"] {
      let all = try faces(photo, "")
      #expect(try faces(photo, "?det_prob_threshold=0.8").result.count == all.result.count, "\(photo)")
      #expect(all.result.allSatisfy { (0.8...1).contains($0.box.probability) }, "\(photo)")
    }
    #expect(server.stop().status == 0)
  }

  @Test("a key that is made or revoked beside a running server counts from the next request on", .needsPhotos)
  func revoked() throws {
    let galleryctl = try Galleryctl()
    struct Key: Decodable { let id, key: String }
    let first = try galleryctl("keys", "add", "--json").json(Key.self)
    let server = try Server(galleryctl, ["--log", "off"])
    let address = "http://127.0.0.1:\(server.port)/api/v1/people"
    func status(_ key: String) throws -> String {
      try curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "x-api-key: \(key)", address)
    }
    #expect(try status(first.key) == "200")
    for _ in 0..<5 {
      let key = try galleryctl("keys", "add", "--json").json(Key.self)
      #expect(try status(key.key) == "200")
      #expect(try galleryctl("keys", "revoke", key.id).status == 0)
      #expect(try status(key.key) == "401")
      #expect(try status(first.key) == "200")
    }
    #expect(server.stop().status == 0)
  }

  @Test("HTTPS by certificate files", .needsPhotos)
  func tls() throws {
    let galleryctl = try Galleryctl()
    let (certificate, key) = (
      galleryctl.folder.appending(path: "c.pem").path, galleryctl.folder.appending(path: "k.pem").path
    )
    let openssl = Process()
    openssl.executableURL = URL(filePath: "/usr/bin/env")
    openssl.arguments = [
      "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    ]
    openssl.standardError = FileHandle.nullDevice
    try openssl.run()
    openssl.waitUntilExit()
    let server = try Server(galleryctl, ["--tls-cert", certificate, "--tls-key", key])
    let reply = try curl("--cacert", certificate, "--include", "https://localhost:\(server.port)/readyz")
    #expect(reply.hasSuffix(#"{"status":"ready"}"#))
    #expect(reply.contains("Strict-Transport-Security: max-age=31536000"))
    // SIGHUP does not end it; the certificate is read again.
    kill(server.process.processIdentifier, SIGHUP)
    #expect(try eventually { try server.hasLogged(#""event":"certificate""#) })
    #expect(
      try curl("--cacert", certificate, "https://localhost:\(server.port)/readyz") == #"{"status":"ready"}"#)
    #expect(server.stop().status == 0)
    let bad = try galleryctl("serve", "--port", "0", "--tls-cert", key, "--tls-key", certificate)
    #expect(bad.status == 3)
    #expect(bad.errors.contains("certificate"))
    #expect(try galleryctl("serve", "--tls-cert", certificate).status == 2)
  }
}
