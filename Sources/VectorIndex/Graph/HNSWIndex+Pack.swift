internal import Synchronization

extension HNSWIndex {
  /// Moves the vectors of the last slots into free ones, and all upper lists together, and gives back what is then unused.
  ///
  /// The writer calls it while no search is under way and no slot is being removed or updated.
  func pack(_ writer: inout Writer) {
    let limit = slotCount.load(ordering: .relaxed)
    let places = fillHoles(limit)
    let n = count
    assert((0..<UInt32(n)).allSatisfy(storage.isCurrent))
    // Upper lists in the order of their slots.
    var lists: [UInt32] = []
    for slot in 0..<UInt32(n) {
      let level = Int(storage.levels[Int(slot)])
      rename(storage.links(slot, level: 0), places)
      storage.renameTwin(slot, places)
      guard level > 0 else { continue }
      let first = lists.count / storage.degree
      for l in 1...level {
        let list = storage.links(slot, level: l)
        rename(list, places)
        for i in 0..<list.width { lists.append(list[i]) }
      }
      storage.upperIndex[Int(slot)] = UInt32(first)
    }
    assert(lists.count <= storage.upperCapacity * storage.degree)
    storage.upper.update(from: lists, count: lists.count)
    writer.upperCount = lists.count / storage.degree
    writer.freeUpper = Writer.noLists
    writer.freeSlots = []
    storage.trim(slots: n, lists: writer.upperCount)
    let entry = entry
    if !entry.isNone {
      let place = EntryPoint(slot: places[Int(entry.slot)], level: entry.level)
      entryWord.store(place.word, ordering: .releasing)
    }
    slotCount.store(n, ordering: .releasing)
    keyMap.withLock { map in
      map = KeyMap()
      map.reserve(n, storage.keys)
      for slot in 0..<UInt32(n) { map.set(storage.keys[Int(slot)], slot, storage.keys) }
    }
    readers.forgetContexts()
    writer.workers = []
  }

  /// Fills each free slot with the last one that is in use; returns where every slot now is.
  private func fillHoles(_ limit: Int) -> [UInt32] {
    var places = (0..<UInt32(limit)).map { $0 }
    var low: UInt32 = 0
    var high = UInt32(limit)
    while true {
      while low < high && storage.isCurrent(low) { low += 1 }
      while high > low && !storage.isCurrent(high - 1) { high -= 1 }
      guard low < high else { return places }
      copy(high - 1, to: low)
      places[Int(high - 1)] = low
      storage.setState(high - 1, SlotState.free)
    }
  }

  private func copy(_ slot: UInt32, to other: UInt32) {
    let (i, j) = (Int(slot), Int(other))
    storage.row(other).update(from: storage.row(slot), count: space.stride)
    if space.usesCodes {
      storage.code(other).update(from: storage.code(slot), count: space.codeBytes)
      storage.residuals[j] = storage.residuals[i]
      if space.metric != .cosine { storage.terms[j] = storage.terms[i] }
    }
    storage.keys[j] = storage.keys[i]
    storage.levels[j] = storage.levels[i]
    storage.upperIndex[j] = storage.upperIndex[i]
    storage.twins[j] = storage.twins[i]
    storage.links(other, level: 0).words.update(
      from: storage.links(slot, level: 0).words, count: storage.baseDegree)
    storage.setState(other, storage.state(slot))
  }

  private func rename(_ list: LinkList, _ places: [UInt32]) {
    for i in 0..<list.width where list[i] != Link.empty {
      list[i] = places[Int(Link.slot(list[i]))] | list[i] & Link.tree
    }
  }
}
