internal import CVectorKernels

extension BuildWorker {
  /// Adds the mates of a level to the context's pool and sets `candidates` to the best of it, with exact distances, closest
  /// first; returns how many there are.
  ///
  /// Later mates come into a pool that has been read without them: a group that fills batches would leave nothing else in
  /// it, and its first nodes would have no links to what was there before.
  func consider(_ i: Int, of batch: Batch, level: Int) -> Int {
    let storage = context.storage
    offerMates(0..<i, of: batch, level: level)
    var found = 0
    for c in 0..<context.pool.count where found < Self.consideredCount {
      let slot = context.pool.slot(at: c)
      if storage.isLeaving(storage.state(slot)) { continue }
      gathered[found] = .init(slot: slot)
      closest[found] = slot
      found += 1
    }
    if offerMates((i + 1)..<batch.slots.count, of: batch, level: level) {
      for c in 0..<min(Self.consideredCount, context.pool.count) {
        let slot = context.pool.slot(at: c)
        guard storage.state(slot) == SlotState.joining, let j = batch.places[slot], j > i else { continue }
        gathered[found] = .init(slot: slot, isLater: true)
        closest[found] = slot
        found += 1
      }
    }
    context.measuredResidual = context.residual(closest, min(16, found))
    measure(found, from: storage.row(batch.slots[i]))
    for c in 0..<found { closest[c] = candidates[c].slot }
    return found
  }

  /// The node of before among the closest candidates that has the vector of a slot, bit by bit.
  func copied(_ count: Int, by slot: UInt32) -> UInt32? {
    let storage = context.storage
    // Rounding may put others as close.
    for i in 0..<min(4, count) {
      let other = candidates[i].slot
      if storage.state(other) != SlotState.joining, storage.haveSameVector(other, slot) { return other }
    }
    return nil
  }

  /// Whether codes could tell a new node's candidates apart.
  func isResolved(_ count: Int) -> Bool {
    count == 0 || context.isResolved(from: candidates[min(SearchContext.reckoned, count - 1)].distance)
  }

  /// Moves candidates that come later in the batch behind the others.
  ///
  /// A node's links are thus chosen as if all were added one by one, and filled up with those to later mates. Were they
  /// chosen by distance alone, a group that fills batches would be linked to itself only, and no search would find it.
  func putLaterLast(_ count: Int) {
    var kept = 0
    var later = 0
    for i in 0..<count {
      if candidates[i].isLater {
        gathered[later] = candidates[i]
        later += 1
      } else {
        candidates[kept] = candidates[i]
        kept += 1
      }
    }
    for i in 0..<later { candidates[kept + i] = gathered[i] }
  }

  /// Chooses up to `limit` of the first `count` sorted `candidates` as neighbours, into `chosen`, and returns how
  /// many.
  ///
  /// Malkov & Yashunin's heuristic (algorithm 4): a candidate is taken unless it is closer to one taken before
  /// than to the node itself. Flagged candidates are always taken. Of several candidates with one vector only
  /// the first is taken, or duplicates would fill the list.
  func select(_ count: Int, limit: Int) -> Int {
    let storage = context.storage
    let space = storage.space
    var taken = 0
    var flagged = 0
    for i in 0..<count where candidates[i].flags != 0 { flagged += 1 }
    for i in 0..<count {
      let candidate = candidates[i]
      if candidate.flags != 0 {
        flagged -= 1
      } else {
        guard taken + flagged < limit else { continue }
        let isDominated = space.isCloser(
          storage.row(candidate.slot), rows: storage.vectors, ids: selected, count: taken,
          than: candidate.distance)
        if isDominated { continue }
      }
      selected[taken] = candidate.slot
      chosen[taken] = candidate
      taken += 1
    }
    return taken
  }

  /// Sets `candidates` to the links of `list` and `added`, with exact distances to `slot`, closest first, and returns
  /// how many there are; nodes that are to leave only if they are wanted.
  func gather(
    _ slot: UInt32, _ list: LinkList, adding added: some Sequence<UInt32>, withRemoved: Bool = true
  ) -> Int {
    let storage = context.storage
    var count = 0
    for i in 0..<list.width {
      let word = list[i]
      guard word != Link.empty else { continue }
      if !withRemoved && storage.isGone(Link.slot(word)) { continue }
      gathered[count] = Candidate(slot: Link.slot(word), flags: word & Link.tree, place: Int32(i))
      count += 1
    }
    let present = count
    for word in added {
      let target = Link.slot(word)
      if let i = (0..<present).first(where: { gathered[$0].slot == target }) {
        gathered[i].flags |= word & Link.tree
      } else {
        gathered[count] = Candidate(slot: target, flags: word & Link.tree)
        count += 1
      }
    }
    measure(count, from: storage.row(slot))
    return count
  }

  /// The links of a node on the lowest level as they would be without one of them: as many, chosen among the others and those
  /// of the absent node.
  ///
  /// The absent node's neighbours in the spanning tree are linked to each other, so that all that is left stays reachable.
  func links(of slot: UInt32, without absent: UInt32) -> [UInt32] {
    let storage = context.storage
    let list = storage.links(slot, level: 0)
    let own = storage.links(absent, level: 0)
    let isTree = list.index(of: absent).map { Link.isTree(list[$0]) } ?? false
    let heirs = (0..<own.width).map { own[$0] }.filter { word in
      let other = Link.slot(word)
      return word != Link.empty && other < context.limit && other != slot && storage.isCurrent(other)
    }
    var count = 0
    let added = isTree ? heirs : heirs.map { Link.slot($0) }
    for i in 0..<gather(slot, list, adding: added) where candidates[i].slot != absent {
      candidates[count] = candidates[i]
      count += 1
    }
    return (0..<min(list.width, select(count, limit: list.count))).map { chosen[$0].slot }
  }

  /// Computes the exact distances of the first `count` that were gathered and sorts them into `candidates`.
  func measure(_ count: Int, from row: UnsafePointer<Float>) {
    let storage = context.storage
    let space = storage.space
    let (ids, keys, distances) = (context.ids, context.keys, context.distances)
    var sorter = sorter
    sorter.reset(capacity: max(1, count))
    // The rows of the next few are on their way while those of a few are read.
    let group = 8
    for i in 0..<min(group, count) { cvk_prefetch_row(storage.row(gathered[i].slot), space.stride) }
    for begin in stride(from: 0, to: count, by: group) {
      let end = min(begin + group, count)
      for i in end..<min(end + group, count) { cvk_prefetch_row(storage.row(gathered[i].slot), space.stride) }
      for i in begin..<end { ids[i - begin] = gathered[i].slot }
      space.distances(row, rows: storage.vectors, ids: ids, count: end - begin, into: distances)
      for i in begin..<end {
        gathered[i].distance = distances[i - begin]
        keys[i - begin] = SearchContext.ordered(distances[i - begin])
        ids[i - begin] = UInt32(i)
      }
      sorter.offer(space.kernels.offer, keys: keys, slots: ids, end - begin)
    }
    for i in 0..<count { candidates[i] = gathered[Int(sorter.slot(at: i))] }
  }

  /// Adds links to a list, choosing anew among all when they do not fit.
  func extend(_ slot: UInt32, level: Int, with added: some Collection<UInt32>) {
    let list = context.storage.links(slot, level: level)
    if list.count + added.count <= list.width {
      for word in added {
        if let i = list.index(of: Link.slot(word)) {
          if word & Link.tree != 0 { list[i] = list[i] | word }
        } else if let i = list.emptyIndex() {
          list[i] = word
        }
      }
      return
    }
    let count = select(gather(slot, list, adding: added), limit: list.width)
    replace(list, count)
  }

  /// Makes a list hold exactly the first `count` that were chosen: edges that stay keep their place, the others fill
  /// the gaps.
  func replace(_ list: LinkList, _ count: Int) {
    for i in 0..<list.width { stays[i] = false }
    for i in 0..<count where chosen[i].place >= 0 {
      let place = Int(chosen[i].place)
      stays[place] = true
      if list[place] != chosen[i].word { list[place] = chosen[i].word }
    }
    var next = 0
    for i in 0..<list.width where !stays[i] {
      while next < count && chosen[next].place >= 0 { next += 1 }
      if next < count {
        list[i] = chosen[next].word
        next += 1
      } else if list[i] != Link.empty {
        list[i] = Link.empty
      }
    }
  }
}
