internal import CVectorKernels

/// One entry of a link list: a slot and two flags in a word, so that an edge changes in one atomic store.
///
/// Entries of a list may be empty anywhere, not just at its end: an edge that stays never moves, so a search
/// that reads a list while it is rewritten sees every edge that is in the list before and after.
struct Link {
  static let empty: UInt32 = 0xFFFF_FFFF
  static let mask: UInt32 = 0x3FFF_FFFF
  /// The target is this node's child, or parent, in the spanning tree that keeps the lowest level connected.
  static let child: UInt32 = 0x8000_0000
  static let parent: UInt32 = 0x4000_0000
  static let tree: UInt32 = 0xC000_0000

  static func slot(_ word: UInt32) -> UInt32 { word & mask }
  static func isTree(_ word: UInt32) -> Bool { word != empty && word & tree != 0 }
}

/// The links of one node on one level. Contract: `words` has room for `width` words; only the writer stores.
struct LinkList {
  let words: UnsafeMutablePointer<UInt32>
  let width: Int

  subscript(i: Int) -> UInt32 {
    get {
      assert(i >= 0 && i < width)
      return cvk_load_acquire(words + i)
    }
    nonmutating set {
      assert(i >= 0 && i < width)
      cvk_store_release(words + i, newValue)
    }
  }

  /// Requests the list from memory.
  func request() {
    for i in stride(from: 0, to: width, by: 16) { cvk_prefetch(words + i) }
  }

  func index(of slot: UInt32) -> Int? {
    for i in 0..<width where self[i] != Link.empty && Link.slot(self[i]) == slot { return i }
    return nil
  }

  func emptyIndex() -> Int? {
    for i in 0..<width where self[i] == Link.empty { return i }
    return nil
  }

  func clear() {
    for i in 0..<width { self[i] = Link.empty }
  }

  var count: Int {
    var n = 0
    for i in 0..<width where self[i] != Link.empty { n += 1 }
    return n
  }

  var childCount: Int {
    var n = 0
    for i in 0..<width where self[i] != Link.empty && self[i] & Link.child != 0 { n += 1 }
    return n
  }
}

extension Storage {
  func links(_ slot: UInt32, level: Int) -> LinkList {
    assert(slot < capacity)
    if level == 0 { return LinkList(words: base + Int(slot) * baseDegree, width: baseDegree) }
    let list = Int(upperIndex[Int(slot)]) + level - 1
    assert(level <= Int(levels[Int(slot)]) && list < upperCapacity)
    return LinkList(words: upper + list * degree, width: degree)
  }
}
