internal import CVectorKernels
internal import Synchronization

extension HNSWIndex {
  /// Repairs once enough is removed that reading every list costs little a removed vector.
  func repairIfWorthwhile(_ writer: inout Writer) {
    if writer.removed.count > slotCount.load(ordering: .relaxed) / 1024 { repair(&writer) }
  }

  /// Takes the removed nodes out of the graph and links their neighbours to each other instead.
  func repair(_ writer: inout Writer) {
    guard !writer.removed.isEmpty else { return }
    if writer.workers.isEmpty { writer.workers.append(BuildWorker(storage)) }
    let worker = writer.workers[0]
    for slot in writer.removed { leaveTree(slot, worker) }
    replaceEntry()
    let limit = UInt32(slotCount.load(ordering: .relaxed))
    for slot in 0..<limit where storage.isLive(slot) {
      for level in 0...Int(storage.levels[Int(slot)]) { mend(slot, level: level, worker) }
    }
    writer.leaving.append((readers.advance(), writer.removed))
    writer.removed.removeAll()
    reclaim(&writer)
  }

  /// Replaces links to removed nodes by the best of what those linked to.
  private func mend(_ slot: UInt32, level: Int, _ worker: BuildWorker) {
    let list = storage.links(slot, level: level)
    var heirs: Set<UInt32> = []
    var lost = 0
    for i in 0..<list.width {
      let word = list[i]
      guard word != Link.empty, storage.state(Link.slot(word)) == SlotState.removed else { continue }
      lost += 1
      let other = storage.links(Link.slot(word), level: level)
      for j in 0..<other.width where other[j] != Link.empty {
        let heir = Link.slot(other[j])
        if heir != slot && storage.isLive(heir) { heirs.insert(heir) }
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
    guard !old.isNone, !storage.isLive(old.slot) else { return }
    var best = EntryPoint.none
    for slot in 0..<UInt32(slotCount.load(ordering: .relaxed)) where storage.isLive(slot) {
      let level = Int(storage.levels[Int(slot)])
      if best.isNone || level > best.level { best = EntryPoint(slot: slot, level: level) }
    }
    entryWord.store(best.word, ordering: .releasing)
  }

  /// Frees what left the graph in epochs that every search has left too.
  func reclaim(_ writer: inout Writer) {
    while let first = writer.leaving.first, readers.haveLeft(first.epoch) {
      for slot in first.slots { erase(slot, &writer) }
      writer.leaving.removeFirst()
    }
  }

  /// Waits until everything that left the graph has been freed.
  func drain(_ writer: inout Writer) {
    if let last = writer.leaving.last { readers.waitFor(last.epoch) }
    reclaim(&writer)
  }

  private func erase(_ slot: UInt32, _ writer: inout Writer) {
    let i = Int(slot)
    let level = Int(storage.levels[i])
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
    storage.setState(slot, SlotState.free)
    writer.freeSlots.append(slot)
  }
}
