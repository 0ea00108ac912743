/// What answers the requests of an ``HTTPServer``: it judges each by its head, and knows nothing of sockets.
public protocol HTTPService: AnyObject, Sendable {
  /// What is taken at most.
  var limits: Limits { get }
  /// How much is at work.
  var occupancy: Occupancy { get }

  /// Judges a request by its head: its route, key, rate and size.
  func admit(_ head: HTTPRequest) -> Admission

  /// The reply to what is refused before it can be judged, such as a head that is no HTTP: `request` has what is known.
  func refuse(_ failure: HTTPFailure, _ request: HTTPRequest) -> HTTPResponse

  /// Notes something that happened to the server, such as `started`.
  func note(_ event: String, _ message: String?)
}

/// What a service says to the head of a request.
public enum Admission: Sendable {
  /// Here is the reply; the body is not wanted.
  case answered(HTTPResponse)
  /// The body is wanted.
  case accepted(any AcceptedRequest)
}

/// What has come of a request.
public enum Work: Sendable {
  /// The reply is there.
  case done(HTTPResponse)
  /// A part is done and another one is to come, for which so many bytes of memory are needed: it takes a turn of its own, behind what waits
  /// meanwhile, on a thread of the same lane.
  case part(memory: Int, @Sendable () -> Work)
  /// Something is to be stored, which may have to wait for another writer: called on a thread of ``Lane/changes``, without
  /// the memory that uploads took.
  case change(@Sendable () -> HTTPResponse)
}

/// A request whose head was accepted.
public protocol AcceptedRequest: AnyObject, Sendable {
  /// The place that it takes.
  var place: RequestPlace { get }
  /// Where the work is done.
  var lane: Lane { get }
  /// The greatest body that is taken, in bytes.
  var maximumBody: Int { get }

  /// The bytes of memory that the work will take, told before it waits for its turn; called on a thread of the store.
  func memory(for request: HTTPRequest) -> Int

  /// Works on the request with its body; called on a thread of the lane.
  func respond(to request: HTTPRequest) -> Work

  /// The reply when nothing comes of it after all, as with a body that is larger than is taken.
  func refuse(_ failure: HTTPFailure) -> HTTPResponse

  /// Notes that the client went away before its request was complete or answered.
  func abandon()
}
