internal import Support

/// Where a page comes from, as `Origin` names it: a scheme and a host, with a port unless it is the scheme's own (RFC 6454).
public struct WebOrigin: Sendable, Hashable {
  /// In lower case, such as `https`.
  public let scheme: String
  /// The host and the port.
  public let authority: Authority

  /// Reads an origin such as `https://example.org:8443`; nil for anything else, `null` and one with a path among it.
  public init?(_ text: String) {
    guard let separator = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<separator.lowerBound].asciiLowercased()
    guard let first = scheme.utf8.first, Byte.isLetter(first),
      scheme.utf8.allSatisfy({ Byte.isLetter($0) || Byte.isDigit($0) || "+-.".utf8.contains($0) })
    else { return nil }
    var rest = text[separator.upperBound...]
    if let port = Self.usualPorts[scheme], rest.hasSuffix(port) { rest = rest.dropLast(port.count) }
    guard let authority = Authority(String(rest)) else { return nil }
    self.scheme = scheme
    self.authority = authority
  }

  private static let usualPorts = ["http": ":80", "https": ":443"]
}

/// The pages elsewhere that may use a service.
public enum AllowedOrigins: Sendable, Hashable {
  /// Those of these origins.
  case these(Set<WebOrigin>)
  /// All of them.
  case all
}
