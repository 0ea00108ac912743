/// Finds the route of a request.
public struct Router<Route: Routable>: Sendable {
  private var routes: [Route] = []

  /// What a path leads to.
  public struct Hit: Sendable {
    /// The route.
    public let route: Route
    /// The path's parameters by name, decoded.
    public let parameters: [String: String]
  }

  /// A router with these routes.
  public init(_ routes: [Route] = []) { self.routes = routes }

  /// Adds routes.
  public mutating func add(_ routes: [Route]) { self.routes += routes }

  /// Every route, for documents and tests.
  public var all: [Route] { routes }

  /// The route of a method and a path, `HEAD` being answered by `GET`'s.
  ///
  /// - Throws: ``HTTPFailure``: 400 for a path that cannot be decoded or has an empty segment, 404, 405 with the methods there are.
  public func route(_ method: HTTPMethod, _ path: String) throws(HTTPFailure) -> Hit {
    let hits = try hits(path)
    let wanted: HTTPMethod = method == .head ? .get : method
    let best = hits.filter { $0.route.method == wanted }
      .max { $0.route.pattern.fixedCount < $1.route.pattern.fixedCount }
    if let best { return best }
    throw HTTPFailure(
      405, "method-not-allowed", "\(method.rawValue) is not possible at this path.", number: 0,
      retryAfter: nil, allowed: Self.methods(of: hits))
  }

  /// The methods that are possible at a path.
  ///
  /// - Throws: ``HTTPFailure`` 400 and 404 as for ``route(_:_:)``.
  public func methods(at path: String) throws(HTTPFailure) -> [HTTPMethod] {
    Self.methods(of: try hits(path))
  }

  /// What a path leads to with any method, at least one.
  private func hits(_ path: String) throws(HTTPFailure) -> [Hit] {
    let segments = try Self.segments(path)
    let hits = routes.compactMap { route in
      route.pattern.match(segments).map { Hit(route: route, parameters: $0) }
    }
    guard !hits.isEmpty else {
      throw HTTPFailure(404, "not-found", "There is nothing at this path; see the service's documentation.")
    }
    return hits
  }

  private static func methods(of hits: [Hit]) -> [HTTPMethod] {
    let methods = Set(hits.map(\.route.method))
    return HTTPMethod.allCases.filter { methods.contains($0) || $0 == .head && methods.contains(.get) }
  }

  /// The decoded segments of a path: a slash that was encoded belongs to its segment, and dots lead nowhere.
  private static func segments(_ path: String) throws(HTTPFailure) -> [String] {
    var segments: [String] = []
    guard path.hasPrefix("/") else {
      throw HTTPFailure(400, "bad-path", "The path does not begin with a slash.")
    }
    if path == "/" { return [] }
    for raw in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      guard !raw.isEmpty else {
        throw HTTPFailure(
          400, "bad-path", "The path has an empty segment: a slash at its end, or two in a row; leave it out."
        )
      }
      guard let segment = PercentEncoding.decode(raw.utf8, plusIsSpace: false), !segment.contains("\0"),
        segment != ".", segment != ".."
      else {
        throw HTTPFailure(400, "bad-path", "The path cannot be read; percent-encode it as UTF-8.")
      }
      segments.append(segment)
    }
    return segments
  }
}
