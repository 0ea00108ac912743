internal import FaceGallery
internal import Foundation
internal import HTTPServing

extension GalleryRoutes {
  static var keys: [Route] {
    [
      Route(.get, "/api/v1/keys", access: .role(.admin)) { call in
        let file = try keyFile(call)
        let keys = try told { () throws(KeyError) in try file.read() }
        return try .json(KeyList(keys: keys.map { ServedKey($0, own: call.grant?.key) }))
      },
      Route(
        .post, "/api/v1/keys", access: .role(.admin), lane: .changes, body: .json(.object("role", "label")),
        handler: addKey),
      Route(.delete, "/api/v1/keys/{key}", access: .role(.admin), lane: .changes, handler: revokeKey),
    ]
  }

  /// So many keys a gallery may have before none is made over HTTP: every request is compared with all of them.
  static let mostKeys = 1_000
  private static let longestLabel = 100

  /// A key as the API shows it.
  private struct ServedKey: Encodable {
    let id: String
    let role: Role
    let label: String
    let created: Date
    /// Whether the request was sent with it.
    let own: Bool
    /// The key itself, once.
    var key: String?

    init(_ record: KeyRecord, own: String?, secret: String? = nil) {
      (id, role, label, created) = (record.id, record.role, record.label, record.created)
      self.own = record.id == own
      key = secret
    }
  }

  private struct KeyList: Encodable { let keys: [ServedKey] }

  private struct NewKey: Decodable {
    let role: String
    let label: String?
  }

  private static func keyFile(_ call: Call) throws(HTTPFailure) -> KeyFile {
    guard call.grant?.key != nil else {
      throw HTTPFailure(409, "no-keys", "The server asks for no keys; start it without --no-keys first.")
    }
    return KeyFile(gallery: try call.gallery.url)
  }

  private static func addKey(_ call: Call) throws -> HTTPResponse {
    let file = try keyFile(call)
    let new = try call.request.json(NewKey.self)
    guard let role = Role(rawValue: new.role) else {
      throw HTTPFailure(400, "bad-parameter", "The role of a key is read, write or admin.", number: 26)
    }
    let label = new.label ?? ""
    guard label.unicodeScalars.count <= longestLabel,
      !label.unicodeScalars.contains(where: CharacterSet.controlCharacters.contains)
    else {
      throw HTTPFailure(
        400, "bad-parameter",
        "The label of a key has at most \(longestLabel) characters, and none that controls a terminal.",
        number: 26)
    }
    let gallery = try call.gallery
    guard try told({ () throws(KeyError) in try file.read() }).count < mostKeys else {
      throw HTTPFailure(
        409, "keys-full", "The gallery has \(mostKeys) keys; revoke those that nobody uses first.")
    }
    let (record, secret) = try told { () throws(KeyError) in
      try file.add(role: role, label: label, noting: { try gallery.noteInAudit(.keyAdded, key: $0.id) })
    }
    return try .json(ServedKey(record, own: nil, secret: secret), status: 201)
  }

  private static func revokeKey(_ call: Call) throws -> HTTPResponse {
    let file = try keyFile(call)
    let id = call.parameter("key")
    guard id != call.grant?.key else {
      throw HTTPFailure(409, "own-key", "A key cannot revoke itself; use another one that may administer.")
    }
    let gallery = try call.gallery
    let record = try told { () throws(KeyError) in
      try file.revoke(id, noting: { try gallery.noteInAudit(.keyRevoked, key: $0.id) })
    }
    return try .json(ServedKey(record, own: nil))
  }

  /// Does what may fail as files of keys do, and tells it as the API does.
  private static func told<Value>(_ body: () throws(KeyError) -> Value) throws(HTTPFailure) -> Value {
    do {
      return try body()
    } catch {
      throw HTTPFailure(error)
    }
  }
}

extension HTTPFailure {
  /// The failure that an error of the file of keys is.
  init(_ error: KeyError) {
    switch error.code {
    case .noSuchKey: self.init(404, "no-such-key", error.message)
    // What the server's folders are called is nobody's business but the log's.
    case .unreadable, .damaged, .exposed, .unwritable:
      self.init(
        503, "keys-unavailable", "The keys cannot be read or written; the server's log says more.",
        retryAfter: 5)
    case .unusable, .weak, .taken: self.init(400, "bad-parameter", error.message, number: 26)
    }
  }
}
