internal import CVectorKernels

/// The closest candidates of a graph search, best first: a sorted array of one word each.
///
/// A word is the distance (as an ordered UInt32), the slot, and whether the candidate has been expanded; kernels put
/// them in. A value without ownership: hot loops work on a local copy; the search context owns the memory.
struct CandidatePool {
  private(set) var content = cvk_pool()
  private var allocated = 0

  init() { allocate(256) }

  func deallocate() {
    content.words.deallocate()
    content.marks.deallocate()
  }

  private mutating func allocate(_ capacity: Int) {
    allocated = capacity
    content.words = .aligned(count: capacity + 8)
    content.marks = .aligned(count: capacity / 8 + 1)
  }

  var count: Int { content.count }
  var isFull: Bool { content.count == content.capacity }

  /// Candidates with a greater key are not taken.
  var bound: UInt32 { UInt32(truncatingIfNeeded: content.bound >> 32) }

  mutating func reset(capacity: Int) {
    content.capacity = capacity
    content.count = 0
    content.cursor = 0
    content.bound = .max
    guard capacity > allocated else { return }
    deallocate()
    allocate(capacity)
  }

  /// Offers candidates and requests the lists of those that are taken, `degree` links each from `links` on, if given.
  @inline(__always)
  mutating func offer(
    _ kernel: Kernels.Offer, keys: UnsafePointer<UInt32>, slots: UnsafePointer<UInt32>, _ count: Int,
    links: UnsafePointer<UInt32>? = nil, degree: Int = 0
  ) {
    kernel(&content, keys, slots, count, links, degree)
  }

  @inline(__always)
  func slot(at i: Int) -> UInt32 { UInt32(truncatingIfNeeded: content.words[i]) >> 1 }

  @inline(__always)
  func key(at i: Int) -> UInt32 { UInt32(truncatingIfNeeded: content.words[i] >> 32) }

  /// Marks the best unexpanded candidate expanded and returns its slot.
  @inline(__always)
  mutating func next() -> UInt32? {
    while content.cursor < content.count {
      let word = content.words[content.cursor]
      content.cursor &+= 1
      if word & 1 == 0 {
        content.words[content.cursor &- 1] = word | 1
        return UInt32(truncatingIfNeeded: word) >> 1
      }
    }
    return nil
  }
}
