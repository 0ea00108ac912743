internal import Support

/// Which pages of the web may reach a service through the browser of somebody who looks at them: its own, and those that it was told of.
///
/// A page elsewhere can have a browser send requests to any address (and read replies by scripts and pictures), and can
/// let its own name point at this machine later on (DNS rebinding). The first is told by `Sec-Fetch-Site` and `Origin`,
/// the second by `Host`. To pages that may, ``headers(for:)`` and ``preflight(_:methods:)`` say so as the Fetch standard has it (CORS).
public struct OriginPolicy: Sendable, Hashable {
  /// Names in lower case under which the service is reached, beside addresses of this machine and `localhost`.
  public var hostNames: Set<String>
  /// Whether a request must name one of these in its `Host`, as it has to where nothing else keeps strangers out.
  public var requiresKnownHost: Bool
  /// The pages elsewhere that may send every request and read the replies.
  public var allowed: AllowedOrigins

  /// A policy by its parts.
  public init(
    hostNames: Set<String> = [], requiresKnownHost: Bool = false, allowed: AllowedOrigins = .these([])
  ) {
    self.hostNames = Set(hostNames.map { $0.asciiLowercased() })
    self.requiresKnownHost = requiresKnownHost
    self.allowed = allowed
  }

  /// Judges a request.
  ///
  /// - Throws: ``HTTPFailure`` 403 `foreign-host` or `foreign-origin`.
  public func check(_ head: HTTPRequest) throws(HTTPFailure) {
    let host = try checkedHost(head)
    if isAllowed(head) { return }
    if let site = head.headers["Sec-Fetch-Site"] {
      guard site == "same-origin" || site == "none" else { throw Self.foreign }
      return
    }
    guard requiresKnownHost || !head.method.isSafe, let text = head.headers["Origin"] else { return }
    // The scheme is that of a proxy in front at times, which may have changed the Host as well; another port is another service.
    guard let origin = WebOrigin(text), ["http", "https"].contains(origin.scheme),
      origin.authority == host
        || isNamed(origin.authority) && (origin.authority.port == nil || origin.authority.port == host?.port)
    else { throw Self.foreign }
  }

  /// The reply to a browser that asks whether a page elsewhere may send a request of one of `methods`: it may send those.
  ///
  /// - Throws: ``HTTPFailure`` 403 `foreign-host` or `foreign-origin`.
  public func preflight(_ head: HTTPRequest, methods: [HTTPMethod]) throws(HTTPFailure) -> HTTPResponse {
    _ = try checkedHost(head)
    guard isAllowed(head) else { throw Self.foreign }
    var response = HTTPResponse(status: 204)
    response.headers["Access-Control-Allow-Methods"] = methods.map(\.rawValue).joined(separator: ", ")
    response.headers["Access-Control-Allow-Headers"] = Self.requestHeaders.joined(separator: ", ")
    // No browser keeps it for longer than a day, Chromium for two hours.
    response.headers["Access-Control-Max-Age"] = "7200"
    // A page of the internet asks for a server in the private network.
    if head.headers["Access-Control-Request-Private-Network"] == "true" {
      response.headers["Access-Control-Allow-Private-Network"] = "true"
    }
    return response
  }

  /// What every reply says to the browser of a page elsewhere: nothing to pages that may not read it.
  public func headers(for head: HTTPRequest) -> HTTPHeaders {
    if allowed == .these([]) { return [:] }
    var headers: HTTPHeaders = ["Vary": "Origin"]
    guard let origin = head.headers["Origin"], isAllowed(head) else { return headers }
    headers.add("Access-Control-Allow-Origin", allowed == .all ? "*" : origin)
    headers.add("Access-Control-Expose-Headers", Self.replyHeaders.joined(separator: ", "))
    return headers
  }

  /// The request's header fields that pages elsewhere may set: those of a key and a body, and those that CompreFace allows.
  private static let requestHeaders = [
    "x-api-key", "authorization", "content-type", "x-request-id", "x-requested-with", "cache-control",
    "if-modified-since", "range", "dnt", "user-agent",
  ]
  /// The reply's header fields that their scripts may read beside those that every script may.
  private static let replyHeaders = ["x-request-id", "retry-after", "allow"]

  /// The `Host` of a request, known where it has to be.
  private func checkedHost(_ head: HTTPRequest) throws(HTTPFailure) -> Authority? {
    let host = head.headers["Host"].flatMap { Authority($0) }
    guard requiresKnownHost else { return host }
    guard let host, isKnown(host) else {
      throw HTTPFailure(
        403, "foreign-host",
        "The server does not answer to this Host: it knows addresses of this machine, localhost and the names that it was "
          + "given.")
    }
    return host
  }

  /// Whether the request comes from a page elsewhere that may send it.
  private func isAllowed(_ head: HTTPRequest) -> Bool {
    guard let text = head.headers["Origin"] else { return false }
    return switch allowed {
    case .all: true
    case .these(let origins): WebOrigin(text).map(origins.contains) ?? false
    }
  }

  private func isKnown(_ host: Authority) -> Bool { host.isLoopback || isNamed(host) }

  private func isNamed(_ authority: Authority) -> Bool {
    guard case .name(let name) = authority.host else { return false }
    return hostNames.contains(name)
  }

  private static var foreign: HTTPFailure {
    HTTPFailure(
      403, "foreign-origin",
      "Pages of other sites are not answered; only the server's own are, and those that it was told of.")
  }
}
