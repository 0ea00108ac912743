internal import FaceGallery
internal import Foundation
internal import HTTPServing

extension GalleryRoutes {
  static var keys: [Route] {
    [
      Route(.get, "/api/v1/keys", access: .role(.admin)) { call in
        let file = try keyFile(call)
        let keys = try answering(call) { () throws(KeyError) in try file.read() }
        return try .json(KeyList(keys: keys.map { ServedKey($0, own: call.grant?.key) }))
      },
      Route(
        .post, "/api/v1/keys", access: .role(.admin), lane: .changes, body: .json(.object("role", "label")),
        handler: addKey),
      Route(.delete, "/api/v1/keys/{key}", access: .role(.admin), lane: .changes, handler: revokeKey),
    ]
  }

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
    let gallery = try call.gallery
    let (record, secret) = try answering(call) { () throws(KeyError) in
      try file.add(
        role: role, label: new.label ?? "", by: call.grant?.key,
        noting: { try gallery.noteInAudit(.keyAdded, key: $0.id) })
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
    let record = try answering(call) { () throws(KeyError) in
      try file.revoke(id, by: call.grant?.key, noting: { try gallery.noteInAudit(.keyRevoked, key: $0.id) })
    }
    return try .json(ServedKey(record, own: nil))
  }

  /// Runs `body`, and makes its errors answers; why the file cannot be used stands in the log, since the paths of the server's folders
  /// are nobody else's business.
  private static func answering<Value>(
    _ call: Call, _ body: () throws(KeyError) -> Value
  ) throws(HTTPFailure) -> Value {
    do {
      return try body()
    } catch {
      switch error.code {
      case .noSuchKey: throw HTTPFailure(404, "no-such-key", error.message)
      case .revoked: throw HTTPFailure(401, "unknown-key", error.message, number: 10)
      case .full: throw HTTPFailure(409, "keys-full", error.message)
      case .unusable, .weak, .taken: throw HTTPFailure(400, "bad-parameter", error.message, number: 26)
      case .unreadable, .damaged, .exposed, .unwritable:
        call.service.log.event("keys", error.message)
        throw HTTPFailure(
          503, "keys-unavailable", "The keys cannot be read or written; the server's log says more.",
          retryAfter: 5)
      }
    }
  }
}
