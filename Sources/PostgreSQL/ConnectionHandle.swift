internal import CPQ
internal import Glibc

/// A conversation with a server as libpq keeps it, ended with the value.
struct ConnectionHandle: ~Copyable {
  let raw: OpaquePointer

  /// Connects.
  ///
  /// - Throws: ``PostgreSQLError``.
  static func open(_ address: ServerAddress, application: String) throws(PostgreSQLError) -> ConnectionHandle
  {
    // What stands before the address is the default, what stands behind it is so.
    var parameters = [("fallback_application_name", application)]
    // A network that is cut says nothing: without these a reply is waited for until the system gives up, after hours.
    parameters += [
      ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "15000"),
    ]
    if getenv("PGCONNECT_TIMEOUT") == nil { parameters.append(("connect_timeout", "5")) }
    parameters += [("dbname", address.connection), ("client_encoding", "UTF8")]
    var message = [CChar](repeating: 0, count: Int(FG_PQ_MESSAGE))
    var reason: CInt = 0
    let opened = parameters.map(\.0).withCStrings { keywords in
      parameters.map(\.1).withCStrings { values in
        fg_pq_connect(keywords, values, &reason, &message)
      }
    }
    if let opened { return ConnectionHandle(raw: opened) }
    let text = address.redacted(
      String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    throw error(Int(reason), text)
  }

  deinit { fg_pq_finish(raw) }

  private static func error(_ reason: Int, _ text: String) -> PostgreSQLError {
    // What the library asks behind its reason is no reason.
    let lines = text.split(separator: "\n").map { line in String(line.drop { $0 == " " || $0 == "\t" }) }
      .filter { !$0.hasPrefix("Is the server running") }
    let message = lines.isEmpty ? "no reason is given" : lines.joined(separator: "; ")
    switch reason {
    case Int(FG_PQ_NOT_LOADED):
      return PostgreSQLError(.library, "libpq 14 or newer cannot be loaded")
    case Int(FG_PQ_BAD_ADDRESS):
      return PostgreSQLError(.address, "libpq does not understand it")
    case Int(FG_PQ_NO_PASSWORD): return PostgreSQLError(.noPassword, message)
    case Int(FG_PQ_WRONG_PASSWORD) where sqlstate(message) == nil:
      return PostgreSQLError(.refusedPassword, message)
    default: return PostgreSQLError(.connection, message, sqlstate: sqlstate(message))
    }
  }

  /// The error's number where the server's words, which come without it at this point, tell it.
  private static func sqlstate(_ message: String) -> String? {
    let known = [
      ("too many clients", "53300"), ("remaining connection slots", "53300"),
      ("too many connections", "53300"),
      ("the database system is starting up", "57P03"), ("the database system is shutting down", "57P03"),
      ("the database system is in recovery mode", "57P03"), ("not yet accepting connections", "57P03"),
    ]
    if let found = known.first(where: { message.contains($0.0) }) { return found.1 }
    return message.contains(/database ".*" does not exist/) ? "3D000" : nil
  }
}

extension [String] {
  /// Runs `body` with the texts as C has them, the last followed by NULL.
  fileprivate func withCStrings<Result>(
    _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    func go(_ rest: ArraySlice<String>, _ pointers: [UnsafePointer<CChar>?]) -> Result {
      guard let text = rest.first else {
        return (pointers + [nil]).withUnsafeBufferPointer { buffer in
          guard let base = buffer.baseAddress else { preconditionFailure("the array has at least NULL") }
          return body(base)
        }
      }
      return text.withCString { go(rest.dropFirst(), pointers + [$0]) }
    }
    return go(self[...], [])
  }
}
