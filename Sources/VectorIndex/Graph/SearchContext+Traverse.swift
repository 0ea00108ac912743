internal import CVectorKernels

extension SearchContext {
  /// Fills the pool with the `ef` best candidates of a level, starting from what `start` names.
  func searchLevel(_ level: Int, start: UnsafeBufferPointer<UInt32>, ef: Int) {
    let storage = storage
    let pool = pool
    let visited = visited
    let limit = limit
    let codes = storage.codes
    let codeBytes = storage.space.codeBytes
    pool.reset(capacity: ef)
    visited.reset(limit: Int(limit))
    visited.prepare(start.count)
    var found = 0
    for slot in start where slot < limit && visited.insert(slot) {
      ids[found] = slot
      found += 1
      if found == Self.batch { offer(&found) }
    }
    offer(&found)
    while let slot = pool.next() {
      let links = storage.links(slot, level: level)
      visited.prepare(links.width)
      for i in 0..<links.width {
        let neighbor = Link.slot(links[i])
        guard neighbor < limit, visited.insert(neighbor) else { continue }
        cvk_prefetch(codes + Int(neighbor) * codeBytes)
        ids[found] = neighbor
        found += 1
      }
      offer(&found)
    }
  }

  @inline(__always)
  private func offer(_ found: inout Int) {
    computeKeys(found)
    for i in 0..<found { pool.insert(CandidatePool.word(key: keys[i], slot: ids[i])) }
    found = 0
  }

  /// Walks from the entry point to the closest node it finds on the way down to `level`.
  func descend(from entry: EntryPoint, to level: Int) -> UInt32 {
    var best = entry.slot
    guard entry.level > level, best < limit else { return best }
    ids[0] = best
    computeKeys(1)
    var bestKey = keys[0]
    for current in stride(from: entry.level, to: level, by: -1) {
      var improved = true
      while improved {
        improved = false
        let links = storage.links(best, level: current)
        var found = 0
        for i in 0..<links.width {
          let neighbor = Link.slot(links[i])
          guard neighbor < limit else { continue }
          cvk_prefetch(storage.codes + Int(neighbor) * storage.space.codeBytes)
          ids[found] = neighbor
          found += 1
        }
        computeKeys(found)
        for i in 0..<found where keys[i] < bestKey {
          bestKey = keys[i]
          best = ids[i]
          improved = true
        }
      }
    }
    return best
  }
}
