/// The closest candidates of a graph search, best first: a sorted array of one word each.
///
/// A word is the distance (as an ordered UInt32), the slot, and whether the candidate has been expanded.
final class CandidatePool {
  private(set) var words: UnsafeMutablePointer<UInt64>
  private var allocated = 256
  private(set) var capacity = 0
  private(set) var count = 0
  /// Every candidate before this one has been expanded.
  private var cursor = 0

  init() { words = .aligned(count: 256) }

  deinit { words.deallocate() }

  func reset(capacity: Int) {
    self.capacity = capacity
    count = 0
    cursor = 0
    guard capacity > allocated else { return }
    words.deallocate()
    allocated = capacity
    words = .aligned(count: capacity)
  }

  static func word(key: UInt32, slot: UInt32) -> UInt64 { UInt64(key) << 32 | UInt64(slot) << 1 }

  @inline(__always)
  func slot(at i: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[i]) >> 1 }

  @inline(__always)
  func key(at i: Int) -> UInt32 { UInt32(truncatingIfNeeded: words[i] >> 32) }

  @inline(__always)
  func insert(_ word: UInt64) {
    var end = count
    if count == capacity {
      if word >= words[count - 1] { return }
      end -= 1
    } else {
      count += 1
    }
    var low = 0
    var high = end
    while low < high {
      let middle = (low + high) >> 1
      if words[middle] < word { low = middle + 1 } else { high = middle }
    }
    (words + low + 1).update(from: words + low, count: end - low)
    words[low] = word
    if low < cursor { cursor = low }
  }

  /// Marks the best unexpanded candidate expanded and returns its slot.
  @inline(__always)
  func next() -> UInt32? {
    while cursor < count {
      let word = words[cursor]
      if word & 1 == 0 {
        words[cursor] = word | 1
        cursor += 1
        return UInt32(truncatingIfNeeded: word) >> 1
      }
      cursor += 1
    }
    return nil
  }
}
