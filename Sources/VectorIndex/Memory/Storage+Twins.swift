internal import CVectorKernels
internal import Synchronization

/// Where a slot stands in the ring of those with the same vector.
///
/// One slot of a ring is a node of the graph and stands for all; the others are hidden: they have no links, and nothing
/// links to them. Numbers are those of slots plus one; a slot without a twin has zeros.
struct Twin {
  var next: UInt32 = 0
  /// The number, and ``hidden``.
  var previous: UInt32 = 0

  static let hidden: UInt32 = 0x8000_0000
}

/// Searches only follow `next`; the rest is the writer's.
extension Storage {
  /// The two numbers of a slot, each read and written by itself: searches may read the first at any time.
  private func words(_ slot: UInt32) -> UnsafeMutablePointer<UInt32> {
    assert(slot < capacity)
    return UnsafeMutableRawPointer(twins + Int(slot)).assumingMemoryBound(to: UInt32.self)
  }

  /// The next slot with the same vector, round the ring.
  func nextTwin(_ slot: UInt32) -> UInt32? {
    let number = cvk_load_acquire(words(slot))
    return number == 0 ? nil : number - 1
  }

  private func setNext(_ slot: UInt32, _ number: UInt32) { cvk_store_release(words(slot), number) }

  /// The slot that came last to the ring of a node.
  func lastTwin(_ slot: UInt32) -> UInt32? {
    let number = words(slot)[1] & ~Twin.hidden
    return number == 0 ? nil : number - 1
  }

  func isHidden(_ slot: UInt32) -> Bool { words(slot)[1] & Twin.hidden != 0 }

  /// Whether two slots hold the same vector, bit by bit.
  func haveSameVector(_ a: UInt32, _ b: UInt32) -> Bool {
    cvk_same_row(row(a), row(b), space.stride) != 0
  }

  /// A number that equal vectors share.
  func hash(_ slot: UInt32) -> UInt64 {
    let words = UnsafeRawPointer(row(slot)).assumingMemoryBound(to: UInt64.self)
    var hash: UInt64 = 0
    for i in 0..<(space.stride / 2) { hash = (hash ^ words[i]) &* 0x9FB2_1C65_1E98_DF25 &+ hash >> 29 }
    return SplitMix.mix(hash)
  }

  /// Puts a slot without links last into the ring of the node that has its vector.
  func hide(_ slot: UInt32, behind node: UInt32) {
    assert(slot != node && !isHidden(node) && words(slot)[1] == 0)
    let last = lastTwin(node) ?? node
    words(slot)[1] = (last + 1) | Twin.hidden
    setNext(slot, node + 1)
    words(node)[1] = slot + 1
    setNext(last, slot + 1)
    hiddenCount.wrappingAdd(1, ordering: .relaxed)
    hasTwins.store(true, ordering: .sequentiallyConsistent)
  }

  /// Takes a slot out of its ring. Searches that are at it still find the way on.
  ///
  /// A hidden slot may leave at any time, a node when another of the ring has taken its place.
  func leaveTwins(_ slot: UInt32) {
    guard let next = nextTwin(slot), let last = lastTwin(slot) else { return }
    if isHidden(slot) { hiddenCount.wrappingSubtract(1, ordering: .relaxed) }
    words(slot)[1] = 0
    if next == last {
      setNext(next, 0)
      words(next)[1] &= Twin.hidden
    } else {
      setNext(last, next + 1)
      words(next)[1] = (last + 1) | words(next)[1] & Twin.hidden
    }
  }

  /// Makes a hidden slot the one that is a node.
  func reveal(_ slot: UInt32) {
    assert(isHidden(slot))
    words(slot)[1] &= ~Twin.hidden
    hiddenCount.wrappingSubtract(1, ordering: .relaxed)
  }

  /// Follows a move of all slots. The writer calls it while no search is under way.
  func renameTwin(_ slot: UInt32, _ places: [UInt32]) {
    let twin = twins[Int(slot)]
    guard twin.next != 0 else { return }
    let last = places[Int(twin.previous & ~Twin.hidden) - 1] + 1
    twins[Int(slot)] = Twin(
      next: places[Int(twin.next) - 1] + 1, previous: last | twin.previous & Twin.hidden)
  }

  /// Whether the slots of all rings hold the same vector.
  func twinsAgree(slotCount n: Int) -> Bool {
    guard hiddenCount.load(ordering: .relaxed) > 0 else { return true }
    return (0..<UInt32(n)).allSatisfy { slot in nextTwin(slot).map { haveSameVector(slot, $0) } ?? true }
  }

  /// Whether the rings of the first `n` slots are rings: of live slots, each with one node that stands for all.
  func haveSoundTwins(slotCount n: Int) -> Bool {
    var hidden = 0
    for i in 0..<n {
      let twin = twins[i]
      let last = Int(twin.previous & ~Twin.hidden)
      if twin.next == 0 && twin.previous == 0 { continue }
      guard twin.next > 0, last > 0, Int(twin.next) <= n, last <= n, twin.next - 1 != UInt32(i),
        states[i] == SlotState.live, states[Int(twin.next) - 1] == SlotState.live,
        twins[Int(twin.next) - 1].previous & ~Twin.hidden == UInt32(i) + 1
      else { return false }
      guard twin.previous & Twin.hidden != 0 else { continue }
      hidden += 1
      guard levels[i] == 0 else { return false }
    }
    // Every ring is closed, since each next one's previous is the slot itself.
    var found = 0
    for slot in 0..<UInt32(n) where !isHidden(slot) {
      var next = nextTwin(slot)
      while let other = next, other != slot {
        guard isHidden(other) else { return false }
        found += 1
        next = nextTwin(other)
      }
    }
    guard found == hidden else { return false }
    hiddenCount.store(hidden, ordering: .relaxed)
    if hidden > 0 { hasTwins.store(true, ordering: .relaxed) }
    return true
  }
}
