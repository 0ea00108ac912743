internal import Synchronization

/// So many places, each taken by one at a time.
public final class PlaceLimit: Sendable {
  /// A place, given back with its last reference.
  public final class Place: Sendable {
    private let limit: PlaceLimit
    fileprivate init(_ limit: PlaceLimit) { self.limit = limit }
    deinit { limit.taken.withLock { $0 -= 1 } }
  }

  private let count: Int
  private let taken = Mutex(0)

  /// So many places.
  public init(_ count: Int) { self.count = count }

  /// How many are taken.
  public var takenCount: Int { taken.withLock { $0 } }

  /// A place; nil when all are taken.
  public func take() -> Place? {
    let isFree = taken.withLock { taken in
      guard taken < count else { return false }
      taken += 1
      return true
    }
    return isFree ? Place(self) : nil
  }
}
