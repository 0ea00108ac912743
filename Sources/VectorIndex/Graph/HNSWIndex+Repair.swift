internal import CVectorKernels
internal import Synchronization

extension HNSWIndex {
  /// Lists that every removal reads while a sweep is under way: twice as many as it takes to end before the next begins.
  private static let sweptAtOnce: UInt32 = 2048

  /// Takes a node that was removed or superseded out of the spanning tree, and does a share of taking removed nodes out
  /// of the graph.
  func retire(_ slot: UInt32, _ writer: inout Writer) {
    if storage.isHidden(slot) {
      // Nothing links to it.
      storage.leaveTwins(slot)
      writer.leaving.append((readers.advance(), [slot]))
      return
    }
    if let heir = storage.lastTwin(slot) { replace(slot, by: heir, &writer) }
    leaveTree(slot, worker(&writer))
    replaceEntry()
    writer.removed.append(slot)
    if writer.sweep == nil, writer.removed.count > slotCount.load(ordering: .relaxed) / 1024 {
      beginSweep(&writer)
    }
    advanceSweep(&writer, by: Self.sweptAtOnce)
  }

  /// Gives the place of a node in the graph to the last of those with its vector, which has been hidden.
  private func replace(_ slot: UInt32, by heir: UInt32, _ writer: inout Writer) {
    let level = Int(storage.levels[Int(slot)])
    // Without room for lists above, the heir stays on the lowest level.
    if level > 0, let lists = takeLists(level, &writer) {
      storage.upperIndex[Int(heir)] = lists
      storage.levels[Int(heir)] = UInt8(level)
    }
    for l in 0...Int(storage.levels[Int(heir)]) {
      let list = storage.links(slot, level: l)
      let copy = storage.links(heir, level: l)
      for i in 0..<list.width {
        let word = list[i]
        copy[i] = word
        guard Link.isTree(word) else { continue }
        let back = storage.links(Link.slot(word), level: l)
        if let j = back.index(of: slot) { back[j] = heir | back[j] & Link.tree }
        list[i] = Link.slot(word)
      }
      // A sweep may be past the heir already.
      relink(heir, level: l, worker(&writer))
      // What links to the node comes to the heir, now and when the node is swept away.
      list[list.emptyIndex() ?? list.width - 1] = heir
    }
    storage.reveal(heir)
    storage.leaveTwins(slot)
    // The node may have been the only one of its level, and not the entry point any more since an update replaced it.
    let top = Int(storage.levels[Int(heir)])
    if entry.isNone || top > entry.level {
      entryWord.store(EntryPoint(slot: heir, level: top).word, ordering: .releasing)
    }
  }

  /// Takes all removed nodes out of the graph now and links their neighbours to each other instead.
  func repair(_ writer: inout Writer) {
    retireSuperseded(&writer, all: true)
    advanceSweep(&writer, by: .max)
    guard !writer.removed.isEmpty else { return }
    beginSweep(&writer)
    advanceSweep(&writer, by: .max)
  }

  private func beginSweep(_ writer: inout Writer) {
    writer.sweep = Writer.Sweep(slots: writer.removed)
    writer.removed.removeAll()
  }

  /// Mends the lists of the next slots; after the last, nothing links to the swept nodes any more.
  ///
  /// New nodes never link to removed ones, so what has been mended stays clean. A node that is removed during the sweep stays in the graph
  /// until the next one: its lists are mended like those of others, or it would lead to slots that new nodes have taken.
  private func advanceSweep(_ writer: inout Writer, by n: UInt32) {
    guard let sweep = writer.sweep else { return }
    let worker = worker(&writer)
    let limit = UInt32(slotCount.load(ordering: .relaxed))
    let end = n < limit - sweep.next ? sweep.next + n : limit
    for slot in sweep.next..<end where storage.state(slot) != SlotState.free {
      for level in 0...Int(storage.levels[Int(slot)]) { relink(slot, level: level, worker) }
    }
    if end < limit {
      writer.sweep?.next = end
    } else {
      writer.sweep = nil
      writer.leaving.append((readers.advance(), sweep.slots))
      settle(&writer)
    }
  }

  private func worker(_ writer: inout Writer) -> BuildWorker {
    if writer.workers.isEmpty { writer.workers.append(BuildWorker(storage)) }
    return writer.workers[0]
  }

  /// Replaces links to removed nodes by the best of what those linked to.
  private func relink(_ slot: UInt32, level: Int, _ worker: BuildWorker) {
    let list = storage.links(slot, level: level)
    var heirs: Set<UInt32> = []
    var lost = 0
    for i in 0..<list.width {
      let word = list[i]
      guard word != Link.empty, storage.isGone(Link.slot(word)) else { continue }
      lost += 1
      let other = storage.links(Link.slot(word), level: level)
      for j in 0..<other.width where other[j] != Link.empty {
        let heir = Link.slot(other[j])
        assert(Int(storage.levels[Int(heir)]) >= level)
        if heir != slot && storage.isCurrent(heir) { heirs.insert(heir) }
      }
    }
    guard lost > 0 else { return }
    let found = worker.gather(slot, list, adding: heirs.sorted(), withRemoved: false)
    worker.replace(list, worker.select(found, limit: list.width))
  }

  /// Hands a node's children in the spanning tree to its parent, and the others down among them.
  private func leaveTree(_ slot: UInt32, _ worker: BuildWorker) {
    let list = storage.links(slot, level: 0)
    var parent: UInt32?
    var children: [(count: Int, slot: UInt32)] = []
    for i in 0..<list.width where Link.isTree(list[i]) {
      let other = Link.slot(list[i])
      if list[i] & Link.parent != 0 {
        parent = other
      } else {
        children.append((storage.links(other, level: 0).childCount, other))
      }
      list[i] = other
      let back = storage.links(other, level: 0)
      if let j = back.index(of: slot) { back[j] = slot }
    }
    children.sort { $0 < $1 }
    guard let heir = children.first?.slot else { return }
    if let parent { attach(heir, to: parent, instead: slot, worker) }
    for child in children.dropFirst() {
      let room = maximumChildren
      let place = treeDescendant(of: heir) { storage.links($0, level: 0).childCount < room }
      attach(child.slot, to: place, instead: slot, worker)
    }
  }

  private func attach(_ child: UInt32, to parent: UInt32, instead slot: UInt32, _ worker: BuildWorker) {
    link(child, to: parent | Link.parent, instead: slot, worker)
    link(parent, to: child | Link.child, instead: slot, worker)
  }

  /// Puts a tree link into a list: over its plain form, a link to the leaving node, a gap, or the farthest link.
  private func link(_ slot: UInt32, to word: UInt32, instead: UInt32, _ worker: BuildWorker) {
    let list = storage.links(slot, level: 0)
    if let i = list.index(of: Link.slot(word)) {
      list[i] = list[i] | word
    } else if let i = list.emptyIndex() ?? list.index(of: instead) {
      list[i] = word
    } else {
      let found = worker.gather(slot, list, adding: EmptyCollection())
      guard let last = (0..<found).last(where: { worker.candidates[$0].flags == 0 }) else { return }
      list[Int(worker.candidates[last].place)] = word
    }
  }

  /// Chooses a new entry point if the present one has been removed.
  private func replaceEntry() {
    let old = entry
    guard !old.isNone, !storage.isCurrent(old.slot) else { return }
    var best = EntryPoint.none
    for slot in 0..<UInt32(slotCount.load(ordering: .relaxed))
    where storage.isCurrent(slot) && !storage.isHidden(slot) {
      let level = Int(storage.levels[Int(slot)])
      if best.isNone || level > best.level { best = EntryPoint(slot: slot, level: level) }
    }
    entryWord.store(best.word, ordering: .releasing)
  }

  /// Ends what was kept for searches that have ended meanwhile: frees slots that have left the graph, and lets every search
  /// see what updates have brought.
  func settle(_ writer: inout Writer) {
    while let first = writer.leaving.first, readers.haveLeft(first.epoch) {
      for slot in first.slots { erase(slot, &writer) }
      writer.leaving.removeFirst()
    }
    while let first = writer.arriving.first, readers.haveLeft(first.epoch) {
      // It may have been removed or superseded since.
      if storage.state(first.slot) == SlotState.arriving {
        storage.setState(first.slot, SlotState.live)
        storage.versions.forget(first.slot)
      }
      writer.arriving.removeFirst()
    }
    retireSuperseded(&writer)
  }

  /// Takes what updates have replaced out of the graph, once no search is under way that is to find it there.
  private func retireSuperseded(_ writer: inout Writer, all: Bool = false) {
    while let first = writer.superseded.first, all || readers.haveLeft(first.epoch) {
      writer.superseded.removeFirst()
      if storage.state(first.slot) == SlotState.superseded {
        storage.setState(first.slot, SlotState.outgoing)
      }
      retire(first.slot, &writer)
    }
  }

  private func erase(_ slot: UInt32, _ writer: inout Writer) {
    let i = Int(slot)
    let level = Int(storage.levels[i])
    storage.versions.forget(slot)
    for l in 0...level { storage.links(slot, level: l).clear() }
    if level > 0 { writer.freeUpper[level].append(storage.upperIndex[i]) }
    storage.row(slot).update(repeating: 0, count: space.stride)
    if space.usesCodes {
      storage.code(slot).update(repeating: 0, count: space.codeBytes)
      storage.residuals[i] = 0
      if space.metric != .cosine { storage.terms[i] = CodeTerms(step: 0, squaredNorm: 0) }
    }
    storage.keys[i] = 0
    storage.levels[i] = 0
    storage.upperIndex[i] = 0
    storage.twins[i] = Twin()
    storage.setState(slot, SlotState.free)
    writer.freeSlots.append(slot)
  }
}
