internal import Glibc
internal import Synchronization

/// The searches under way: gives each a context and tells writers when a slot can no longer be seen.
///
/// Epoch-based reclamation: a search announces the epoch in which it began; what was unlinked in epoch e may be
/// reused once no search of an epoch up to e is left.
final class Readers: @unchecked Sendable {
  private let storage: Storage
  private let announced: [Announcement]
  private let contexts: UnsafeMutablePointer<SearchContext?>
  private let epoch = Atomic<UInt64>(1)

  private final class Announcement: Sendable {
    let epoch = Atomic<UInt64>(0)
  }

  private static let places = 64

  init(_ storage: Storage) {
    self.storage = storage
    announced = (0..<Self.places).map { _ in Announcement() }
    contexts = .allocate(capacity: Self.places)
    contexts.initialize(repeating: nil, count: Self.places)
  }

  deinit {
    contexts.deinitialize(count: Self.places)
    contexts.deallocate()
  }

  /// Runs one search. Waits only while 64 others are under way.
  func read<R, E: Error>(_ body: (SearchContext) throws(E) -> R) throws(E) -> R {
    let place = enter()
    defer { announced[place].epoch.store(0, ordering: .sequentiallyConsistent) }
    let context: SearchContext
    if let existing = contexts[place] {
      context = existing
    } else {
      context = SearchContext(storage)
      contexts[place] = context
    }
    return try body(context)
  }

  private func enter() -> Int {
    while true {
      for place in 0..<Self.places {
        let now = epoch.load(ordering: .sequentiallyConsistent)
        let (won, _) = announced[place].epoch.compareExchange(
          expected: 0, desired: now, ordering: .sequentiallyConsistent)
        if won { return place }
      }
      sched_yield()
    }
  }

  /// Starts a new epoch and returns the one that ended.
  func advance() -> UInt64 {
    epoch.wrappingAdd(1, ordering: .sequentiallyConsistent).oldValue
  }

  /// Whether no search that began in `ended` or before is under way.
  func haveLeft(_ ended: UInt64) -> Bool {
    announced.allSatisfy {
      let since = $0.epoch.load(ordering: .sequentiallyConsistent)
      return since == 0 || since > ended
    }
  }

  /// Waits until no search that began in `ended` or before is under way.
  func waitFor(_ ended: UInt64) {
    while !haveLeft(ended) { usleep(50) }
  }
}
