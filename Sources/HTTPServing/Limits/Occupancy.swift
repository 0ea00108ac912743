internal import Foundation

/// How much is at work, within limits of which no owner can take all: see ``Owner``.
public final class Occupancy: @unchecked Sendable {
  // Guards the variables below.
  private let condition = NSCondition()
  private var requests: SharedBudget
  private var photos: SharedBudget
  private var bytes: SharedBudget
  private var working = 0
  private var isStopping = false
  private var isCut = false

  /// Nothing at work yet.
  public init(_ limits: Limits) {
    requests = SharedBudget(capacity: limits.requestsInFlight)
    photos = SharedBudget(capacity: limits.photosInFlight)
    // The part of one owner alone has room for a whole upload.
    let (twice, isTooMuch) = limits.uploadBytes.multipliedReportingOverflow(by: 2)
    bytes = SharedBudget(capacity: max(limits.bodyBytesInFlight, isTooMuch ? .max : twice))
  }

  /// Requests inside, requests with photos at work or waiting, and the bytes of bodies that have arrived.
  public var current: (requests: Int, photos: Int, bytes: Int) {
    condition.lock()
    defer { condition.unlock() }
    return (requests.total, photos.total, bytes.total)
  }

  /// Whether requests are let in.
  public var isOpen: Bool {
    condition.lock()
    defer { condition.unlock() }
    return !isStopping
  }

  /// Takes a place for a request that begins to arrive.
  ///
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  func enter(_ owner: Owner) throws(HTTPFailure) {
    condition.lock()
    defer { condition.unlock() }
    guard !isStopping else { throw Self.stopping }
    guard requests.take(1, for: owner) else { throw Self.overloaded }
  }

  /// Takes room for bytes of a body that have arrived.
  ///
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  func hold(_ count: Int, for owner: Owner) throws(HTTPFailure) {
    condition.lock()
    defer { condition.unlock() }
    guard bytes.take(count, for: owner) else { throw Self.overloaded }
  }

  /// Says that a request that is inside has arrived and is at work from here on.
  ///
  /// - Throws: ``HTTPFailure`` 503 when it came too late, or when too many photos wait.
  func beginWork(for owner: Owner, photos count: Int) throws(HTTPFailure) {
    condition.lock()
    defer { condition.unlock() }
    guard !isCut else { throw Self.stopping }
    guard photos.take(count, for: owner) else { throw Self.overloaded }
    working += 1
  }

  /// Says that the reply is there.
  func endWork(for owner: Owner, photos count: Int) {
    condition.lock()
    defer { condition.unlock() }
    photos.give(count, from: owner)
    working -= 1
  }

  /// Gives back the place of a request with the bytes of its body.
  func leave(_ owner: Owner, bytes count: Int) {
    condition.lock()
    defer { condition.unlock() }
    requests.give(1, from: owner)
    bytes.give(count, from: owner)
    if requests.total == 0 { condition.broadcast() }
  }

  /// Lets no request begin its work any more.
  ///
  /// - Returns: Whether none is at work: what is inside is still arriving, or leaving.
  func cut() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    isCut = true
    return working == 0
  }

  /// Lets nobody in any more, and waits until nobody is inside or time is up.
  ///
  /// - Returns: Whether nobody is inside.
  func close(within seconds: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    isStopping = true
    let end = Date(timeIntervalSinceNow: Double(seconds))
    while requests.total > 0 { if !condition.wait(until: end) { break } }
    return requests.total == 0
  }

  private static var overloaded: HTTPFailure {
    HTTPFailure(
      503, "overloaded", "The server is busy with as much as it may be; try again in a second.",
      retryAfter: 1)
  }

  private static var stopping: HTTPFailure {
    HTTPFailure(503, "stopping", "The server is stopping; try again soon.", retryAfter: 5)
  }
}
