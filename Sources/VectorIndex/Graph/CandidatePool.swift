/// The closest candidates of a graph search, best first: a sorted array of one word each.
///
/// A word is the distance (as an ordered UInt32), the slot, and whether the candidate has been expanded. A value
/// without ownership: hot loops work on a local copy; the search context owns the memory.
struct CandidatePool {
  private var words: UnsafeMutablePointer<UInt64>
  private var allocated: Int
  private var capacity = 0
  private(set) var count = 0
  /// Every candidate before this one has been expanded.
  private var cursor = 0
  /// Words at or above this are not taken.
  private(set) var bound = UInt64.max

  /// How many candidates ahead links are worth requesting.
  private static let soon = 1000

  init() {
    allocated = 256
    words = .aligned(count: allocated)
  }

  func deallocate() { words.deallocate() }

  mutating func reset(capacity: Int) {
    self.capacity = capacity
    count = 0
    cursor = 0
    bound = .max
    guard capacity > allocated else { return }
    words.deallocate()
    allocated = capacity
    words = .aligned(count: capacity)
  }

  @inline(__always)
  static func word(key: UInt32, slot: UInt32) -> UInt64 { UInt64(key) << 32 | UInt64(slot) << 1 }

  @inline(__always)
  func slot(at i: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[i]) >> 1 }

  @inline(__always)
  func key(at i: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[i] >> 32) }

  /// Inserts a word below `bound`; true if it may be expanded soon.
  @inline(__always)
  mutating func insert(_ word: UInt64) -> Bool {
    var i = count
    if count == capacity { i -= 1 } else { count += 1 }
    // New candidates tend to belong near the end, where the few that come before are moved one by one.
    var low = 0
    while i - low > 8 {
      let middle = (low + i) >> 1
      if words[middle] < word {
        low = middle + 1
      } else {
        let moved = i - middle
        (words + middle + 1).update(from: words + middle, count: moved)
        i = middle
      }
    }
    while i > low && words[i - 1] > word {
      words[i] = words[i - 1]
      i -= 1
    }
    words[i] = word
    if i < cursor { cursor = i }
    if count == capacity { bound = words[count - 1] }
    return i &- cursor < Self.soon
  }

  /// Marks the best unexpanded candidate expanded and returns its slot.
  @inline(__always)
  mutating func next() -> UInt32? {
    while cursor < count {
      let word = words[cursor]
      cursor += 1
      if word & 1 == 0 {
        words[cursor - 1] = word | 1
        return UInt32(truncatingIfNeeded: word) >> 1
      }
    }
    return nil
  }
}
