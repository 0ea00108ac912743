public import HTTPServing

/// A method and a path, who may ask, and what answers.
public struct Route: Routable {
  /// Who may ask.
  public enum Access: Sendable, Hashable {
    /// Everybody, without a key.
    case anyone
    /// Keys with this role or a greater one.
    case role(Role)
  }

  /// What body is taken.
  public enum Body: Sendable, Hashable {
    /// None, or a few bytes that are ignored.
    case none
    /// JSON up to ``Limits/jsonBytes``.
    case json
    /// Photos up to ``Limits/uploadBytes``.
    case upload
  }

  /// The method; `GET` answers `HEAD` too.
  public let method: HTTPMethod
  /// The path.
  public let pattern: RoutePattern
  /// Who may ask.
  public let access: Access
  /// Where the work is done.
  public let lane: Lane
  /// What body is taken.
  public let body: Body
  /// Answers; an ``HTTPFailure``, a gallery's error or an engine's becomes the reply that tells it.
  public let handler: @Sendable (Call) throws -> HTTPResponse

  /// A route by its parts.
  public init(
    _ method: HTTPMethod, _ pattern: String, access: Access, lane: Lane = .store, body: Body = .none,
    handler: @escaping @Sendable (Call) throws -> HTTPResponse
  ) {
    self.method = method
    self.pattern = RoutePattern(pattern)
    self.access = access
    self.lane = lane
    self.body = body
    self.handler = handler
  }
}
