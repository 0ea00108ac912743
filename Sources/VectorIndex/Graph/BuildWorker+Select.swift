internal import CVectorKernels

extension BuildWorker {
  /// Chooses up to `limit` of the sorted `candidates` as neighbours, into `words`, and returns how many.
  ///
  /// Malkov & Yashunin's heuristic (algorithm 4): a candidate is taken unless it is closer to one taken before
  /// than to the node itself. Flagged candidates are always taken. Of several candidates with one vector only
  /// the first is taken, or duplicates would fill the list.
  func select(limit: Int) -> Int {
    let storage = context.storage
    let space = storage.space
    var taken = 0
    var flagged = candidates.reduce(0) { $0 + ($1.flags != 0 ? 1 : 0) }
    for candidate in candidates {
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
      words[taken] = candidate.slot | candidate.flags
      taken += 1
    }
    return taken
  }

  /// Sets `candidates` to the links of `list` and `added`, with exact distances to `slot`, closest first.
  func gather(_ slot: UInt32, _ list: LinkList, adding added: some Sequence<UInt32>) {
    candidates.removeAll(keepingCapacity: true)
    for i in 0..<list.width {
      let word = list[i]
      guard word != Link.empty else { continue }
      candidates.append(Candidate(distance: 0, slot: Link.slot(word), flags: word & Link.tree))
    }
    let present = candidates.count
    for word in added {
      let target = Link.slot(word)
      if let i = candidates[0..<present].firstIndex(where: { $0.slot == target }) {
        candidates[i].flags |= word & Link.tree
      } else {
        candidates.append(Candidate(distance: 0, slot: target, flags: word & Link.tree))
      }
    }
    measure(from: context.storage.row(slot))
  }

  /// Computes the exact distances of all `candidates` and sorts them.
  func measure(from row: UnsafePointer<Float>) {
    let storage = context.storage
    let stride = storage.space.stride
    let (ids, distances) = (context.ids, context.distances)
    // The rows of the next few are on their way while those of a few are read.
    let group = 8
    candidates.withUnsafeMutableBufferPointer { list in
      for i in 0..<min(group, list.count) { cvk_prefetch_row(storage.row(list[i].slot), stride) }
      for begin in Swift.stride(from: 0, to: list.count, by: group) {
        let end = min(begin + group, list.count)
        for i in end..<min(end + group, list.count) { cvk_prefetch_row(storage.row(list[i].slot), stride) }
        for i in begin..<end { ids[i - begin] = list[i].slot }
        storage.space.distances(row, rows: storage.vectors, ids: ids, count: end - begin, into: distances)
        for i in begin..<end { list[i].distance = distances[i - begin] }
      }
    }
    // Candidates come nearly sorted, by quantised distance, or are few.
    candidates.withUnsafeMutableBufferPointer { list in
      for i in 1..<max(1, list.count) {
        let moving = list[i]
        var j = i
        while j > 0 && Candidate.closer(moving, list[j - 1]) {
          list[j] = list[j - 1]
          j -= 1
        }
        list[j] = moving
      }
    }
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
    gather(slot, list, adding: added)
    let count = select(limit: list.width)
    list.replace(with: UnsafeBufferPointer(start: words, count: count), isNew: isNew)
  }
}
