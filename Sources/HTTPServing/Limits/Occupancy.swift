internal import Foundation

/// How much is at work, within limits.
public final class Occupancy: @unchecked Sendable {
  // Guards the variables below.
  private let condition = NSCondition()
  private let limits: Limits
  private var requests = 0
  private var photos = 0
  private var bytes = 0
  private var working = 0
  private var isStopping = false
  private var isCut = false

  /// Nothing at work yet.
  public init(_ limits: Limits) { self.limits = limits }

  /// Requests and requests with photos at work, and the bytes of their bodies.
  public var current: (requests: Int, photos: Int, bytes: Int) {
    condition.lock()
    defer { condition.unlock() }
    return (requests, photos, bytes)
  }

  /// Whether requests are let in.
  public var isOpen: Bool {
    condition.lock()
    defer { condition.unlock() }
    return !isStopping
  }

  /// Takes a place.
  ///
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  public func enter(photos count: Int, bytes size: Int) throws(HTTPFailure) {
    condition.lock()
    defer { condition.unlock() }
    guard !isStopping else { throw Self.stopping }
    guard requests < limits.requestsInFlight, count == 0 || photos < limits.photosInFlight,
      bytes + size <= max(limits.bodyBytesInFlight, limits.uploadBytes)
    else {
      throw HTTPFailure(
        503, "overloaded", "The server is busy with as much as it may be; try again in a second.",
        retryAfter: 1)
    }
    requests += 1
    photos += count
    bytes += size
  }

  /// Gives the place back.
  public func leave(photos count: Int, bytes size: Int) {
    condition.lock()
    defer { condition.unlock() }
    requests -= 1
    photos -= count
    bytes -= size
    if requests == 0 { condition.broadcast() }
  }

  /// Says that a request that is inside has arrived and is at work from here on.
  ///
  /// - Throws: ``HTTPFailure`` 503 when it came too late.
  public func beginWork() throws(HTTPFailure) {
    condition.lock()
    defer { condition.unlock() }
    guard !isCut else { throw Self.stopping }
    working += 1
  }

  /// Says that the reply is there.
  public func endWork() {
    condition.lock()
    defer { condition.unlock() }
    working -= 1
  }

  /// Lets no request begin its work any more.
  ///
  /// - Returns: Whether none is at work: what is inside is still arriving, or leaving.
  public func cut() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    isCut = true
    return working == 0
  }

  private static var stopping: HTTPFailure {
    HTTPFailure(503, "stopping", "The server is stopping; try again soon.", retryAfter: 5)
  }

  /// Lets nobody in any more, and waits until nobody is inside or time is up.
  ///
  /// - Returns: Whether nobody is inside.
  public func close(within seconds: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    isStopping = true
    let end = Date(timeIntervalSinceNow: Double(seconds))
    while requests > 0 { if !condition.wait(until: end) { break } }
    return requests == 0
  }
}
