internal import PostgreSQL

extension GalleryError {
  /// The gallery's error for one of a server.
  ///
  /// - Parameter place: The address as it may be shown.
  init(_ error: PostgreSQLError, at place: String) {
    let (code, sentence) = Self.explanation(of: error, at: place)
    self.init(code, sentence)
  }

  private static func explanation(of error: PostgreSQLError, at place: String) -> (Code, String) {
    let reason = error.message.hasSuffix(".") ? String(error.message.dropLast()) : error.message
    switch error.kind {
    case .library:
      return (.storage, "A gallery in PostgreSQL needs libpq, which \(reason): install libpq5.")
    case .address:
      return (
        .invalidArgument,
        "The address of the gallery cannot be used: \(reason). It is like postgresql://user@host/database?gallery=name, with special "
          + "characters percent-encoded."
      )
    case .noPassword:
      return (
        .permissionDenied,
        "The server of \(place) wants a password: put it into ~/.pgpass, or a file that PGPASSFILE names (\(reason))."
      )
    case .refusedPassword:
      return (.permissionDenied, "The server of \(place) refuses user or password (\(reason)).")
    case .warned:
      return (
        .outcomeUnknown,
        "The change was made at \(place), but the server warns that its standbys may not have it, and it may be lost: \(reason)."
      )
    case .notCommitted: return (.storage, "Nothing was changed at \(place): \(reason).")
    case .exhausted: return (.unavailable, "The gallery at \(place) could not be used: \(reason).")
    case .unexpected: return (.damaged, "\(place) answered something else than was asked: \(reason).")
    case .lost:
      return (.unavailable, "The connection to \(place) ended, and nothing was changed: \(reason).")
    case .connection, .server: return explanation(ofState: error.sqlstate ?? "", reason, place, error.kind)
    }
  }

  private static func explanation(
    ofState state: String, _ reason: String, _ place: String, _ kind: PostgreSQLError.Kind
  ) -> (Code, String) {
    switch state {
    case "25006":
      return (
        .readOnly,
        "The server of \(place) takes no changes, as a standby does: name the primary, or all servers with target_session_attrs=read-write."
      )
    case "53100":
      return (.diskFull, "The disk of the server of \(place) is full, and nothing was changed: \(reason).")
    case "53200": return (.outOfMemory, "The server of \(place) has no memory left: \(reason).")
    case "53300":
      return (
        .unavailable,
        "The server of \(place) has too many clients; try again, or raise max_connections (\(reason))."
      )
    case "57014":
      return (
        .unavailable,
        "The server of \(place) stopped a statement that took too long (statement_timeout) or was cancelled; nothing was changed (\(reason))."
      )
    case "55P03":
      return (.inUse, "Others use the gallery at \(place) for longer than may be waited (\(reason)).")
    case "3D000":
      return (
        .notFound,
        "There is no such database at \(place): make it by `createdb`, then the gallery by `galleryctl create` (\(reason))."
      )
    case "42P01", "3F000":
      return (.notFound, "The gallery at \(place) has lost a table, or is gone (\(reason)).")
    case "42501":
      return (.permissionDenied, "The user may not do that at \(place): \(reason).")
    case "28000", "28P01":
      return (.permissionDenied, "The server of \(place) refuses user or password (\(reason)).")
    case "57P01", "57P02", "57P03":
      return (
        .unavailable, "The server of \(place) is stopping or starting, and nothing was changed (\(reason))."
      )
    case "XX001", "XX002": return (.damaged, "The database of \(place) is damaged: \(reason).")
    default:
      if kind == .connection {
        return (.unavailable, "There is no connection to \(place): \(reason).")
      }
      return (.storage, "The server of \(place) refused it: \(reason)\(state.isEmpty ? "" : " (\(state))").")
    }
  }
}
