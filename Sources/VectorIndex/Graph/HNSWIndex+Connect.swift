extension HNSWIndex {
  /// Finds the neighbours of one node of a batch on every level and writes its own lists.
  func choose(_ i: Int, of batch: Batch, entry: EntryPoint, limit: Int, _ worker: BuildWorker) {
    guard batch.firsts[i] == nil else { return }
    let slot = batch.slots[i]
    let level = batch.levels[i]
    let context = worker.context
    context.begin(limit: limit)
    context.query.set(row: storage.row(slot))
    var chosen: [[UInt32]] = Array(repeating: [], count: level + 1)
    worker.compareMates(i, of: batch)
    var start: [UInt32] = []
    if !entry.isNone { start = [context.descend(from: entry, to: level)] }
    for l in stride(from: level, through: 0, by: -1) {
      if !entry.isNone && l <= entry.level {
        start.withUnsafeBufferPointer {
          context.searchLevel(l, start: $0, ef: configuration.efConstruction)
        }
      } else {
        context.pool.reset(capacity: configuration.efConstruction)
      }
      var found = worker.consider(i, of: batch, level: l)
      var original = worker.copied(found, by: slot)
      if original == nil, !worker.isResolved(found) {
        context.searchRows(l, from: entry, ef: configuration.efConstruction)
        worker.compareMates(i, of: batch)
        found = worker.consider(i, of: batch, level: l)
        original = worker.copied(found, by: slot)
      }
      if let original {
        batch.originals[i] = original
        return
      }
      worker.putLaterLast(found)
      let count = worker.select(found, limit: l == 0 ? storage.baseDegree - 1 : configuration.M)
      chosen[l] = (0..<count).map { worker.selected[$0] }
      // Mates have no links yet.
      let linked = (0..<found).lazy.map { worker.closest[$0] }.filter {
        self.storage.state($0) != SlotState.joining
      }
      if let first = linked.first { start = [first] + linked.dropFirst().prefix(7) }
      // Behind them the closest of all, one of which may have to serve as parent.
      if l == 0 { chosen.append((0..<min(64, found)).map { worker.candidates[$0].slot }) }
    }
    batch.chosen[i] = chosen
  }

  /// Writes the new nodes' own lists, gives each its parent in the spanning tree, and returns the links back.
  func connect(_ batch: Batch, isFirst: Bool, worker: BuildWorker) -> [ReverseEdge] {
    var edges: [ReverseEdge] = []
    edges.reserveCapacity(batch.slots.count * (configuration.M + 2))
    var children: [UInt32: Int] = [:]
    for (i, slot) in batch.slots.enumerated() where batch.node(of: i) == nil {
      let chosen = chosenNodes(i, of: batch)
      for l in stride(from: batch.levels[i], to: 0, by: -1) {
        let list = storage.links(slot, level: l)
        for (n, neighbor) in chosen[l].enumerated() {
          list[n] = neighbor
          edges.append(ReverseEdge(level: l, target: neighbor, word: slot))
        }
      }
      var neighbors = chosen[0]
      var parent: UInt32?
      if !(isFirst && i == 0) {
        let found = parentSlot(i, batch, chosen, children: children)
        parent = found
        children[found, default: 0] += 1
        if !neighbors.contains(found) { neighbors.append(found) }
      }
      let list = storage.links(slot, level: 0)
      for (n, neighbor) in neighbors.enumerated() {
        let isParent = neighbor == parent
        list[n] = neighbor | (isParent ? Link.parent : 0)
        edges.append(ReverseEdge(level: 0, target: neighbor, word: slot | (isParent ? Link.child : 0)))
      }
    }
    edges.sort()
    return edges
  }

  /// What was chosen for a place, with the nodes that stand for those of the batch that are hidden.
  private func chosenNodes(_ i: Int, of batch: Batch) -> [[UInt32]] {
    let chosen = batch.chosen[i]
    guard batch.hasHidden else { return chosen }
    return chosen.enumerated().map { (n, slots) in
      let level = n <= batch.levels[i] ? n : 0
      var nodes: [UInt32] = []
      for slot in slots {
        let node = batch.node(for: slot)
        guard Int(storage.levels[Int(node)]) >= level, node != batch.slots[i], !nodes.contains(node) else {
          continue
        }
        nodes.append(node)
      }
      return nodes
    }
  }

  /// Children that a node of the spanning tree takes; the rest of its list stays free for close neighbours.
  var maximumChildren: Int { max(1, storage.baseDegree / 4) }

  /// The closest candidate that has room for a child and is in the tree already.
  private func parentSlot(
    _ i: Int, _ batch: Batch, _ chosen: [[UInt32]], children: [UInt32: Int]
  ) -> UInt32 {
    func hasRoom(_ slot: UInt32) -> Bool {
      storage.links(slot, level: 0).childCount + (children[slot] ?? 0) < maximumChildren
    }
    for slot in [chosen[0], chosen[chosen.count - 1]].joined() {
      // A mate that comes later is not in the tree yet.
      if let j = batch.places[slot], j > i { continue }
      if hasRoom(slot) { return slot }
    }
    // The node before this one has none of its batch below it yet.
    if let before = (0..<i).last(where: { batch.node(of: $0) == nil }) { return batch.slots[before] }
    return treeDescendant(of: entry.slot, where: hasRoom)
  }

  /// The first node at or below `slot` in the spanning tree, level by level, that satisfies the predicate.
  func treeDescendant(of slot: UInt32, where isWanted: (UInt32) -> Bool) -> UInt32 {
    var queue = [slot]
    var next = 0
    while next < queue.count {
      let candidate = queue[next]
      if isWanted(candidate) { return candidate }
      next += 1
      let list = storage.links(candidate, level: 0)
      for j in 0..<list.width where list[j] != Link.empty && list[j] & Link.child != 0 {
        queue.append(Link.slot(list[j]))
      }
    }
    return slot
  }
}
