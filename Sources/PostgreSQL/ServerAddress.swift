/// Where a gallery lies in PostgreSQL: a URL of libpq's, with one parameter of ours, `gallery`, which names the schema.
package struct ServerAddress: Hashable, Sendable {
  /// The schema of a gallery whose address names none.
  package static let standardSchema = "facegallery"
  private static let maximumSchemaBytes = 63

  /// The address as libpq takes it.
  package let connection: String
  /// The schema that holds the gallery.
  package let schema: String
  /// The address as it may be shown: without passwords.
  package let shown: String
  /// What must not be shown.
  let secrets: [String]

  /// Whether a text is meant as an address of a server.
  package static func isMeant(by text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
  }

  /// Takes an address apart.
  ///
  /// - Throws: ``PostgreSQLError`` of kind `address`.
  package init(_ text: String) throws(PostgreSQLError) {
    guard let colon = text.firstRange(of: "://"), Self.isMeant(by: text) else {
      throw PostgreSQLError(.address, "it does not begin with postgresql://")
    }
    let rest = text[colon.upperBound...].prefix { $0 != "#" }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let place = parts.first ?? ""
    var authority = String(place.prefix { $0 != "/" })
    let path = String(place.dropFirst(authority.count))
    var secrets: [String] = []
    var (user, password) = ("", "")
    if let at = authority.lastIndex(of: "@") {
      let credentials = authority[..<at]
      authority = String(authority[authority.index(after: at)...])
      user = String(credentials.prefix { $0 != ":" })
      password = String(credentials.dropFirst(user.count + 1))
      if !password.isEmpty { secrets.append(password) }
    }
    // Several hosts with ports are no host of a URL; see `url(of:)`.
    let hosts = authority.replacing("%3A", with: ":").replacing("%2C", with: ",")
    var (kept, shown, schema): ([Substring], [Substring], String) = ([], [], Self.standardSchema)
    for parameter in (parts.count > 1 ? parts[1] : "").split(separator: "&") {
      let name = parameter.prefix { $0 != "=" }
      let value = parameter.dropFirst(name.count + 1)
      switch name {
      case "gallery":
        guard let decoded = Self.decoded(value) else {
          throw PostgreSQLError(.address, "the gallery's name is not percent-encoded UTF-8")
        }
        schema = decoded
        shown.append(parameter)
        continue
      case "password", "sslpassword": if !value.isEmpty { secrets.append(String(value)) }
      default: shown.append(parameter)
      }
      kept.append(parameter)
    }
    try Self.check(schema)
    self.schema = schema
    self.secrets = (secrets + secrets.compactMap { Self.decoded($0[...]) }).filter { !$0.isEmpty }
    let credentials = user + (password.isEmpty ? "" : ":" + password)
    connection =
      "postgresql://" + (credentials.isEmpty ? "" : credentials + "@") + hosts + path
      + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
    self.shown =
      "postgresql://" + (user.isEmpty ? "" : user + "@") + hosts + path
      + (shown.isEmpty ? "" : "?" + shown.joined(separator: "&"))
  }

  /// An address as a URL: hosts with ports of their own, which no URL has, are percent-encoded.
  ///
  /// - Returns: Nil for what is no address, or cannot be a URL.
  package static func url(of text: String) -> String? {
    guard isMeant(by: text), let colon = text.firstRange(of: "://") else { return nil }
    let rest = text[colon.upperBound...]
    let authority = rest.prefix { !"/?#".contains($0) }
    let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    guard host.contains(",") else { return text }
    let encoded = host.replacing(":", with: "%3A").replacing(",", with: "%2C")
    return String(text[..<host.startIndex]) + encoded + String(text[host.endIndex...])
  }

  /// The schema as a name in a statement.
  package var quotedSchema: String { Self.quoted(schema) }

  /// A name in a statement.
  package static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

  /// A text without what must not be shown.
  func redacted(_ text: String) -> String {
    secrets.reduce(text) { $0.replacing($1, with: "…") }
  }

  private static func check(_ schema: String) throws(PostgreSQLError) {
    let isUsable =
      !schema.isEmpty && schema.utf8.count <= maximumSchemaBytes && !schema.contains("\0")
      && !schema.hasPrefix("pg_") && schema != "information_schema"
    guard isUsable else {
      throw PostgreSQLError(
        .address,
        "a gallery's name has 1 to \(maximumSchemaBytes) bytes and does not begin with pg_")
    }
  }

  /// A text whose bytes are percent-encoded; nil when they are not UTF-8.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
