/// The slots that a search has seen: one bit each, undone one by one, so that it stays in the cache.
///
/// A value without ownership, like `CandidatePool`.
struct VisitedSet {
  private(set) var bits: UnsafeMutablePointer<UInt64> = .aligned(count: 1)
  private var wordCount = 1
  /// The slots in the order in which they were seen, with room for what was prepared.
  private(set) var touched: UnsafeMutablePointer<UInt32> = .aligned(count: 1024)
  private var touchedCapacity = 1024
  private(set) var count = 0

  func deallocate() {
    bits.deallocate()
    touched.deallocate()
  }

  /// Forgets everything and makes room for slots below `limit`.
  mutating func reset(limit: Int) {
    for i in 0..<count { bits[Int(touched[i] >> 6)] = 0 }
    count = 0
    let words = (limit + 63) / 64
    guard words > wordCount else { return }
    bits.deallocate()
    wordCount = words + words / 4
    bits = .aligned(count: wordCount)
  }

  /// Makes room for `n` more insertions.
  @inline(__always)
  mutating func prepare(_ n: Int) {
    if count + n > touchedCapacity { grow(count + n) }
  }

  @inline(never)
  private mutating func grow(_ needed: Int) {
    let capacity = needed * 2
    let new: UnsafeMutablePointer<UInt32> = .aligned(count: capacity)
    new.update(from: touched, count: count)
    touched.deallocate()
    (touched, touchedCapacity) = (new, capacity)
  }

  /// Takes up the `n` slots that a kernel has set the bits of and written behind those of before.
  @inline(__always)
  mutating func record(_ n: Int) { count &+= n }

  func contains(_ slot: UInt32) -> Bool { bits[Int(slot >> 6)] & 1 << UInt64(slot & 63) != 0 }

  /// Inserts a slot; false if it was there.
  @inline(__always)
  mutating func insert(_ slot: UInt32) -> Bool {
    let bit = UInt64(1) << UInt64(slot & 63)
    let index = Int(truncatingIfNeeded: slot >> 6)
    let word = bits[index]
    if word & bit != 0 { return false }
    bits[index] = word | bit
    touched[count] = slot
    count &+= 1
    return true
  }
}
