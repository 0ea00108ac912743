internal import Synchronization

/// Whether anybody still waits for the answer to a request.
public final class Cancellation: Sendable {
  /// That of the request that this thread works on; nil elsewhere.
  @TaskLocal public static var current: Cancellation?

  private let flag = Atomic(false)

  /// Somebody waits.
  public init() {}

  /// Whether nobody waits any more.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }

  /// Says that nobody waits any more.
  public func cancel() { flag.store(true, ordering: .relaxed) }
}
