/// What went wrong with a server or on the way to it, with the words of whoever said so.
package struct PostgreSQLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where it went wrong.
  package enum Kind: Hashable, Sendable {
    /// libpq cannot be loaded, or is too old.
    case library
    /// The address cannot be understood.
    case address
    /// There is no connection: nobody listens, or the server refuses.
    case connection
    /// The server wants a password, and none is known.
    case noPassword
    /// The server does not take the password, or refuses whom it is of.
    case refusedPassword
    /// The connection ended; what was not committed is undone.
    case lost
    /// The server refused a statement.
    case server
    /// The transaction was not committed, and nothing is said to be wrong.
    case notCommitted
    /// The commit was done with a warning: it may be lost if a server fails.
    case warned
    /// All connections were in use for long.
    case exhausted
    /// The server answered what no statement asked for.
    case unexpected
  }

  package let kind: Kind
  /// The five characters by which PostgreSQL's documentation lists errors; nil where the server said nothing.
  package let sqlstate: String?
  /// What libpq or the server says, without a password of an address.
  package let message: String

  package init(_ kind: Kind, _ message: String, sqlstate: String? = nil) {
    self.kind = kind
    self.message = message
    self.sqlstate = sqlstate
  }

  package var description: String { message }

  /// Whether the server went away, or throws its clients out: what was not committed is undone, and may be tried again elsewhere.
  package var isOfConnection: Bool {
    if [.connection, .lost].contains(kind) { return true }
    guard let sqlstate else { return false }
    return sqlstate.hasPrefix("08") || ["57P01", "57P02", "57P03"].contains(sqlstate)
  }

  /// Whether the transaction gave way to another one, and may be tried again.
  package var isConflict: Bool { sqlstate.map { ["40001", "40P01"].contains($0) } ?? false }
}
