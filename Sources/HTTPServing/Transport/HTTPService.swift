/// What answers the requests of an ``HTTPServer``: it judges each by its head, and knows nothing of sockets.
public protocol HTTPService: AnyObject, Sendable {
  /// What is taken at most.
  var limits: Limits { get }
  /// How much is at work.
  var occupancy: Occupancy { get }

  /// Judges a request by its head: its route, key, rate and size.
  func admit(_ head: HTTPRequest) -> Admission

  /// The reply to a request by a method that is not known; `request` has another one in its place.
  func refuseMethod(of request: HTTPRequest) -> HTTPResponse

  /// Notes something that happened to the server, such as `started`.
  func note(_ event: String, _ message: String?)
}

/// What a service says to the head of a request.
public enum Admission: Sendable {
  /// Here is the reply; the body is not wanted.
  case refused(HTTPResponse)
  /// The body is wanted.
  case accepted(any AcceptedRequest)
}

/// A request whose head was accepted: it holds a place until it is released.
public protocol AcceptedRequest: AnyObject, Sendable {
  /// Where the work is done.
  var lane: Lane { get }
  /// The greatest body that is taken, in bytes.
  var maximumBody: Int { get }

  /// The reply to the request with its body; called on a thread of the lane.
  func respond(to request: HTTPRequest) -> HTTPResponse

  /// The reply when nothing comes of it after all, as with a body that is larger than is taken.
  func refuse(_ failure: HTTPFailure) -> HTTPResponse

  /// Notes that the client went away before its request was complete.
  func abandon()
}
