internal import Support

/// How much is at work, within limits of which no owner can take all: see ``Owner``.
public final class Occupancy: Sendable {
  private struct State {
    var requests: SharedBudget
    var uploads: SharedBudget
    var bytes: SharedBudget
    var changes: SharedBudget
    var working = 0
    var isStopping = false
    var isCut = false
  }

  private let state: Monitor<State>

  /// Nothing at work yet.
  public init(_ limits: Limits) {
    // The part of one owner alone has room for a whole upload.
    let (twice, isTooMuch) = limits.uploadBytes.multipliedReportingOverflow(by: 2)
    state = Monitor(
      State(
        requests: SharedBudget(capacity: limits.requestsInFlight),
        uploads: SharedBudget(capacity: limits.uploadsInFlight),
        bytes: SharedBudget(capacity: max(limits.bodyBytesInFlight, isTooMuch ? .max : twice)),
        changes: SharedBudget(capacity: limits.changesInFlight)))
  }

  /// Requests inside, uploads at work or waiting, and the bytes of bodies that have arrived.
  public var current: (requests: Int, uploads: Int, bytes: Int) {
    state.withLock(waking: .nobody) { ($0.requests.total, $0.uploads.total, $0.bytes.total) }
  }

  /// Requests that may wait to write and have arrived.
  public var changeCount: Int { state.withLock(waking: .nobody) { $0.changes.total } }

  /// Whether requests are let in.
  public var isOpen: Bool { state.withLock(waking: .nobody) { !$0.isStopping } }

  /// Takes a place for a request that begins to arrive.
  ///
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  func enter(_ owner: Owner) throws(HTTPFailure) {
    try state.withLock(waking: .nobody) { state throws(HTTPFailure) in
      guard !state.isStopping else { throw Self.stopping }
      guard state.requests.take(1, for: owner) else { throw Self.overloaded }
    }
  }

  /// Takes room for bytes of a body that have arrived, or of a reply.
  ///
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  func hold(_ count: Int, for owner: Owner) throws(HTTPFailure) {
    try state.withLock(waking: .nobody) { state throws(HTTPFailure) in
      guard state.bytes.take(count, for: owner) else { throw Self.overloaded }
    }
  }

  /// Says that a request that is inside has arrived and is at work from here on.
  ///
  /// - Throws: ``HTTPFailure`` 503 when it came too late, or when too many uploads or changes wait.
  func beginWork(for owner: Owner, in lane: Lane) throws(HTTPFailure) {
    let (uploads, changes) = Self.counts(lane)
    try state.withLock(waking: .nobody) { state throws(HTTPFailure) in
      guard !state.isCut else { throw Self.stopping }
      guard state.uploads.take(uploads, for: owner) else { throw Self.overloaded }
      guard state.changes.take(changes, for: owner) else {
        state.uploads.give(uploads, from: owner)
        throw Self.changesWaiting
      }
      state.working += 1
    }
  }

  /// Says that the reply is there.
  func endWork(for owner: Owner, in lane: Lane) {
    let (uploads, changes) = Self.counts(lane)
    state.withLock(waking: .nobody) { state in
      state.uploads.give(uploads, from: owner)
      state.changes.give(changes, from: owner)
      state.working -= 1
    }
  }

  private static func counts(_ lane: Lane) -> (uploads: Int, changes: Int) {
    (lane.takesUploads ? 1 : 0, lane.mayWaitToWrite ? 1 : 0)
  }

  /// Gives back the place of a request with the bytes of its body.
  func leave(_ owner: Owner, bytes count: Int) {
    state.withLock { state in
      state.requests.give(1, from: owner)
      state.bytes.give(count, from: owner)
    }
  }

  /// Lets no request begin its work any more.
  ///
  /// - Returns: Whether none is at work: what is inside is still arriving, or leaving.
  func cut() -> Bool {
    state.withLock(waking: .nobody) { state in
      state.isCut = true
      return state.working == 0
    }
  }

  /// Lets nobody in any more, and waits until nobody is inside or time is up.
  ///
  /// - Returns: Whether nobody is inside.
  func close(within seconds: Int) -> Bool {
    state.withLock(waking: .nobody) { $0.isStopping = true }
    return state.withLock(
      when: { $0.requests.total == 0 }, until: .now + .seconds(seconds), waking: .nobody, { _ in }) != nil
  }

  private static var overloaded: HTTPFailure {
    HTTPFailure(
      503, "overloaded", "The server is busy with as much as it may be; try again in a second.",
      retryAfter: 1)
  }

  private static var changesWaiting: HTTPFailure {
    HTTPFailure(
      503, "changes-waiting", "As many changes wait to be written as may be; try again in some seconds.",
      retryAfter: 5)
  }

  private static var stopping: HTTPFailure {
    HTTPFailure(503, "stopping", "The server is stopping; try again soon.", retryAfter: 5)
  }
}
