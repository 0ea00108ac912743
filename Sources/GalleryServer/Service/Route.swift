public import Foundation
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
    /// None.
    case none
    /// JSON of these members, up to ``Limits/jsonBytes``.
    case json(JSONShape)
    /// Photos in these fields, up to ``Limits/uploadBytes``.
    case photos([String])
    /// Several photos in this field, up to ``Limits/uploadBytes`` together.
    case photoList(String)

    /// A photo in the field `file`.
    public static let photo = Body.photos(["file"])
  }

  /// The method; `GET` answers `HEAD` too.
  public let method: HTTPMethod
  /// The path.
  public let pattern: RoutePattern
  /// Who may ask.
  public let access: Access
  /// Where the work is done.
  public let lane: Lane
  /// The names of the query's parameters that are known; a request with another one is refused.
  public let parameters: Set<String>
  /// Those of all parameters that are lists: given several times, their words count together, as some clients send them.
  static let lists: Set<String> = ["face_plugins"]
  /// What body is taken.
  public let body: Body
  /// Whether parameters and form fields that are not known, and parameters without a value, are passed over, as CompreFace does.
  private(set) var passesOverUnknown = false
  /// Whether ``ServiceSettings/metricsKey`` opens it, too.
  private(set) var takesMetricsKey = false
  /// What is done to answer; an ``HTTPFailure``, a gallery's error or an engine's becomes the reply that tells it.
  public enum Handler: Sendable {
    /// All of it.
    case reply(@Sendable (Call) throws -> HTTPResponse)
    /// What needs no writer; what it gives is done afterwards, among the changes.
    case preparation(@Sendable (Call) throws -> @Sendable () throws -> HTTPResponse)
    /// What is answered for each photo of a list, each in a turn of its own: what it gives is called with one photo after the other.
    case each(@Sendable (Call) throws -> @Sendable (Data) throws -> any Encodable & Sendable)
  }

  /// Answers.
  public let handler: Handler

  /// A route by its parts.
  public init(
    _ method: HTTPMethod, _ pattern: String, access: Access, lane: Lane = .reads, parameters: [String] = [],
    body: Body = .none, handler: @escaping @Sendable (Call) throws -> HTTPResponse
  ) {
    self.method = method
    self.pattern = RoutePattern(pattern)
    self.access = access
    self.lane = lane
    self.parameters = Set(parameters)
    self.body = body
    self.handler = .reply(handler)
  }

  /// The route, which passes over what it does not know.
  func passingOverUnknown() -> Route {
    var route = self
    route.passesOverUnknown = true
    return route
  }

  /// The route, which the key for metrics opens, too.
  func forMetricsKeyToo() -> Route {
    var route = self
    route.takesMetricsKey = true
    return route
  }

  /// A route that reads and answers several photos: `answering` gives what answers one of them. What it throws is an answer to the photo, which
  /// costs the others nothing.
  public init(
    answeringEach pattern: String, field: String, parameters: [String],
    answering: @escaping @Sendable (Call) throws -> @Sendable (Data) throws -> any Encodable & Sendable
  ) {
    method = .post
    self.pattern = RoutePattern(pattern)
    access = .role(.read)
    lane = .uploads
    self.parameters = Set(parameters)
    body = .photoList(field)
    handler = .each(answering)
  }

  /// A route for photos that are to be stored: `preparing` gives what is to be done when it is the turn of the change.
  public init(
    enrolling pattern: String, parameters: [String],
    preparing: @escaping @Sendable (Call) throws -> @Sendable () throws -> HTTPResponse
  ) {
    method = .post
    self.pattern = RoutePattern(pattern)
    access = .role(.write)
    lane = .storedUploads
    self.parameters = Set(parameters)
    body = .photo
    handler = .preparation(preparing)
  }
}
