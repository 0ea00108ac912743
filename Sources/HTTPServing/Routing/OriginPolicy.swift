/// Which pages of the web may reach a service through the browser of somebody who looks at them: its own, no others.
///
/// A page elsewhere can have a browser send requests to any address (and read replies by scripts and pictures), and can
/// let its own name point at this machine later on (DNS rebinding). The first is told by `Sec-Fetch-Site` and `Origin`,
/// the second by `Host`.
public struct OriginPolicy: Sendable, Hashable {
  /// Names in lower case under which the service is reached, beside addresses of this machine and `localhost`.
  public var hostNames: Set<String>
  /// Whether a request must name one of these in its `Host`, as it has to where nothing else keeps strangers out.
  public var requiresKnownHost: Bool

  /// A policy by its parts.
  public init(hostNames: Set<String> = [], requiresKnownHost: Bool = false) {
    self.hostNames = Set(hostNames.map { $0.lowercased() })
    self.requiresKnownHost = requiresKnownHost
  }

  /// Judges a request.
  ///
  /// - Throws: ``HTTPFailure`` 403 `foreign-host` or `foreign-origin`.
  public func check(_ head: HTTPRequest) throws(HTTPFailure) {
    let host = head.headers["Host"].flatMap { Authority($0) }
    if requiresKnownHost {
      guard let host, isKnown(host) else {
        throw HTTPFailure(
          403, "foreign-host",
          "The server does not answer to this Host: it knows addresses of this machine, localhost and the names that "
            + "it was given.")
      }
    }
    if let site = head.headers["Sec-Fetch-Site"] {
      guard site == "same-origin" || site == "none" else { throw Self.foreign }
      return
    }
    guard requiresKnownHost || !head.method.isSafe, let origin = head.headers["Origin"] else { return }
    guard let authority = Self.authority(ofOrigin: origin), authority == host || isNamed(authority) else {
      throw Self.foreign
    }
  }

  private func isKnown(_ host: Authority) -> Bool { host.isLoopback || isNamed(host) }

  private func isNamed(_ authority: Authority) -> Bool {
    guard case .name(let name) = authority.host else { return false }
    return hostNames.contains(name)
  }

  /// The host of an origin such as `https://example.org:8443`; the scheme is that of a proxy in front at times.
  private static func authority(ofOrigin origin: String) -> Authority? {
    for scheme in ["http://", "https://"] where origin.hasPrefix(scheme) {
      return Authority(String(origin.dropFirst(scheme.count)))
    }
    return nil
  }

  private static var foreign: HTTPFailure {
    HTTPFailure(403, "foreign-origin", "Pages of other sites are not answered; only the server's own are.")
  }
}
