internal import Glibc
internal import Synchronization

/// The searches under way: gives each a context and tells writers when a slot can no longer be seen.
///
/// Epoch-based reclamation: a search announces the epoch in which it began; what was unlinked in epoch e may be
/// reused once no search of an epoch up to e is left. Unchecked sendable since a context is touched only by the search
/// that holds its place, and by the writer while there is none.
final class Readers: @unchecked Sendable {
  private let storage: Storage
  private let announced: [Announcement]
  private let contexts: UnsafeMutablePointer<SearchContext?>
  private let epoch = Atomic<UInt64>(1)
  /// Whether the writer waits for all searches to end: none begins meanwhile.
  private let isPaused = Atomic<Bool>(false)

  private final class Announcement: Sendable {
    /// When the search at this place began; 0 without one.
    let epoch = Atomic<UInt64>(0)
    /// The thread of the search.
    let thread = Atomic<UInt>(0)
  }

  private static let places = 64
  /// Seconds that a change waits for searches to end before it is refused.
  static let patience = 10
  /// Microseconds that new searches are held up at a time by a change that waits for those under way.
  private static let pause = 2000

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

  /// Runs one search. Waits only while 64 others are under way, or the arrays move.
  func read<R, E: Error>(_ body: (SearchContext) throws(E) -> R) throws(E) -> R {
    let place = enter()
    defer { leave(place) }
    let context: SearchContext
    if let existing = contexts[place] {
      context = existing
    } else {
      context = SearchContext(storage)
      contexts[place] = context
    }
    context.version = storage.versions.current.load(ordering: .sequentiallyConsistent)
    return try body(context)
  }

  private func enter() -> Int {
    while true {
      while isPaused.load(ordering: .sequentiallyConsistent) { usleep(50) }
      for place in 0..<Self.places {
        let now = epoch.load(ordering: .sequentiallyConsistent)
        let (won, _) = announced[place].epoch.compareExchange(
          expected: 0, desired: now, ordering: .sequentiallyConsistent)
        guard won else { continue }
        if isPaused.load(ordering: .sequentiallyConsistent) {
          leave(place)
          break
        }
        announced[place].thread.store(UInt(pthread_self()), ordering: .relaxed)
        return place
      }
      sched_yield()
    }
  }

  private func leave(_ place: Int) {
    announced[place].thread.store(0, ordering: .relaxed)
    announced[place].epoch.store(0, ordering: .sequentiallyConsistent)
  }

  /// Whether the calling thread is inside a search: called by a filter, for instance.
  var isInside: Bool {
    let me = UInt(pthread_self())
    return announced.contains { $0.thread.load(ordering: .relaxed) == me }
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

  /// Waits until no search that began in `ended` or before is under way; false if that takes too long.
  func waitFor(_ ended: UInt64) -> Bool {
    let end = Self.microseconds() + Self.patience * 1_000_000
    while !haveLeft(ended) {
      guard Self.microseconds() < end else { return false }
      usleep(50)
    }
    return true
  }

  /// Runs `body` while no search is under way; false, without running it, if those under way take too long to end.
  ///
  /// New searches are held up for 2 ms at a time at most: a filter that itself searches, or waits for something that the
  /// caller holds, cannot stop the others.
  func exclusive(_ body: () -> Void) -> Bool {
    let end = Self.microseconds() + Self.patience * 1_000_000
    while true {
      isPaused.store(true, ordering: .sequentiallyConsistent)
      defer { isPaused.store(false, ordering: .sequentiallyConsistent) }
      let pauseEnd = Self.microseconds() + Self.pause
      while !haveLeft(.max - 1), Self.microseconds() < pauseEnd { sched_yield() }
      if haveLeft(.max - 1) {
        body()
        return true
      }
      isPaused.store(false, ordering: .sequentiallyConsistent)
      guard Self.microseconds() < end else { return false }
      usleep(UInt32(Self.pause))
    }
  }

  /// Gives back the memory that searches have kept. The writer calls it while none is under way.
  func forgetContexts() {
    for place in 0..<Self.places { contexts[place] = nil }
  }

  private static func microseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000 + time.tv_nsec / 1000
  }
}
