/// What a ``Router`` finds: a value with a method and a path.
public protocol Routable: Sendable {
  /// The method; `GET` answers `HEAD` too.
  var method: HTTPMethod { get }
  /// The path.
  var pattern: RoutePattern { get }
}
