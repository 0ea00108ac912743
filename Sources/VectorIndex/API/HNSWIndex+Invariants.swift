internal import Synchronization

extension HNSWIndex {
  /// What ``checkInvariants()`` saw.
  public struct InvariantReport: Sendable, Hashable {
    /// Vectors checked.
    public let count: Int
    /// Links checked on all levels.
    public let links: Int
    /// Vectors that a walk over the lowest level reaches from the entry point: always all.
    public let reachable: Int
  }

  /// Checks every rule that searches rely on: links lead to nodes of their level, no node links to itself or
  /// twice to another, the spanning tree is symmetric and without overfull nodes, every vector is reachable from
  /// the entry point on the lowest level, the entry point is on the highest level, keys and slots agree, codes
  /// belong to their vectors.
  ///
  /// Writers wait meanwhile.
  /// - Complexity: O(n).
  /// - Throws: ``IndexError/brokenInvariant(_:)`` with the first breach.
  @discardableResult
  public func checkInvariants() throws(IndexError) -> InvariantReport {
    try write { (writer) throws(IndexError) in
      repair(&writer)
      let limit = UInt32(slotCount.load(ordering: .acquiring))
      var live = 0
      var links = 0
      var top = EntryPoint.none
      for slot in 0..<limit where storage.isCurrent(slot) {
        live += 1
        try checkKey(slot)
        try checkCode(slot)
        try checkTwin(slot)
        for level in 0...Int(storage.levels[Int(slot)]) {
          links += try checkLinks(slot, level: level, limit: limit)
        }
        let level = Int(storage.levels[Int(slot)])
        if !storage.isHidden(slot), top.isNone || level > top.level {
          top = EntryPoint(slot: slot, level: level)
        }
      }
      guard live == count else {
        throw .brokenInvariant("\(live) slots are live but the count is \(count)")
      }
      guard entry.isNone == top.isNone, entry.level == top.level,
        entry.isNone || storage.isCurrent(entry.slot)
      else { throw .brokenInvariant("the entry point is not on the highest level") }
      let reachable = reachableCount(limit: limit)
      guard reachable == live else {
        throw .brokenInvariant("only \(reachable) of \(live) vectors can be reached")
      }
      return InvariantReport(count: live, links: links, reachable: reachable)
    }
  }

  private func checkKey(_ slot: UInt32) throws(IndexError) {
    let key = storage.keys[Int(slot)]
    guard keyMap.withLock({ $0.slot(key, storage.keys) }) == slot else {
      throw .brokenInvariant("key \(key) does not lead to its slot \(slot)")
    }
  }

  private func checkCode(_ slot: UInt32) throws(IndexError) {
    guard space.usesCodes else { return }
    let scratch: UnsafeMutablePointer<Float> = .aligned(count: space.stride)
    let code: UnsafeMutablePointer<UInt8> = .aligned(count: space.codeBytes)
    defer {
      scratch.deallocate()
      code.deallocate()
    }
    let norm = space.metric == .cosine ? 1 : storage.terms[Int(slot)].squaredNorm
    _ = space.encode(storage.row(slot), squaredNorm: norm, center: storage.center, scratch: scratch, to: code)
    for i in 0..<space.codeBytes where code[i] != storage.code(slot)[i] {
      throw .brokenInvariant("the code of slot \(slot) is not that of its vector")
    }
  }

  private func checkLinks(_ slot: UInt32, level: Int, limit: UInt32) throws(IndexError) -> Int {
    let list = storage.links(slot, level: level)
    var seen: Set<UInt32> = []
    var parents = 0
    for i in 0..<list.width where list[i] != Link.empty {
      let other = Link.slot(list[i])
      guard other < limit, other != slot, storage.isCurrent(other), !storage.isHidden(other),
        !storage.isHidden(slot), Int(storage.levels[Int(other)]) >= level
      else {
        throw .brokenInvariant("slot \(slot) links to \(other), which is not a node of level \(level)")
      }
      guard seen.insert(other).inserted else {
        throw .brokenInvariant("slot \(slot) links to \(other) twice")
      }
      guard Link.isTree(list[i]) else { continue }
      if list[i] & Link.parent != 0 { parents += 1 }
      let back = storage.links(other, level: 0)
      let expected = list[i] & Link.parent != 0 ? Link.child : Link.parent
      guard level == 0, let j = back.index(of: slot), back[j] & Link.tree == expected else {
        throw .brokenInvariant("the spanning tree's link from \(slot) to \(other) is not answered")
      }
    }
    guard parents <= 1 else { throw .brokenInvariant("slot \(slot) has \(parents) parents") }
    return seen.count
  }

  private func checkTwin(_ slot: UInt32) throws(IndexError) {
    guard let next = storage.nextTwin(slot) else {
      if storage.isHidden(slot) { throw .brokenInvariant("slot \(slot) is hidden behind none") }
      return
    }
    guard storage.isCurrent(next), storage.haveSameVector(slot, next),
      storage.lastTwin(next) == slot, next != slot
    else { throw .brokenInvariant("slot \(slot) and its twin \(next) are no neighbours of a ring") }
  }

  private func reachableCount(limit: UInt32) -> Int {
    guard !entry.isNone else { return 0 }
    var visited = VisitedSet()
    defer { visited.deallocate() }
    visited.reset(limit: Int(limit))
    visited.prepare(Int(limit))
    _ = visited.insert(entry.slot)
    var queue = [entry.slot]
    while let slot = queue.popLast() {
      let list = storage.links(slot, level: 0)
      for i in 0..<list.width where list[i] != Link.empty && visited.insert(Link.slot(list[i])) {
        queue.append(Link.slot(list[i]))
      }
    }
    // Those behind a node.
    for slot in 0..<UInt32(limit) where !storage.isHidden(slot) {
      guard visited.contains(slot) else { continue }
      var next = storage.nextTwin(slot)
      while let twin = next, storage.isHidden(twin), visited.insert(twin) { next = storage.nextTwin(twin) }
    }
    return visited.count
  }
}
