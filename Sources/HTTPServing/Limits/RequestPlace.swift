internal import Synchronization

/// The place of a request among those that are inside, with the room for its body; given back when it is released.
public final class RequestPlace: Sendable {
  /// Whose place it is.
  public let owner: Owner
  private let occupancy: Occupancy
  private let lane: Lane
  private let bytes = Atomic(0)

  /// Takes a place.
  ///
  /// - Parameters:
  ///   - occupancy: Where.
  ///   - owner: For whom.
  ///   - lane: Where the work will be done.
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  public init(in occupancy: Occupancy, for owner: Owner, lane: Lane) throws(HTTPFailure) {
    try occupancy.enter(owner)
    self.occupancy = occupancy
    self.owner = owner
    self.lane = lane
  }

  deinit { occupancy.leave(owner, bytes: bytes.load(ordering: .relaxed)) }

  /// Takes room for bytes of the body that have arrived, or of the reply.
  ///
  /// - Throws: ``HTTPFailure`` 503 when there is none.
  public func hold(_ count: Int) throws(HTTPFailure) {
    try occupancy.hold(count, for: owner)
    bytes.add(count, ordering: .relaxed)
  }

  /// Says that the request has arrived and is at work from here on.
  ///
  /// - Throws: ``HTTPFailure`` 503 when it came too late, or when too many uploads or changes wait.
  func beginWork() throws(HTTPFailure) { try occupancy.beginWork(for: owner, in: lane) }

  /// Says that the reply is there.
  func endWork() { occupancy.endWork(for: owner, in: lane) }
}
