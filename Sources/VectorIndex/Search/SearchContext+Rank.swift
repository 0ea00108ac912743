internal import CVectorKernels
internal import Synchronization

extension SearchContext {
  /// Measures the pool's live candidates that pass the options' filter exactly, best first, and offers them to
  /// `collector`, until what is left cannot plausibly enter the answer.
  func rank<C: Collector>(_ options: SearchOptions, into collector: inout C) {
    let filter = options.filter
    let group = 16
    var found = 0
    if storage.isOnDisk.load(ordering: .relaxed) {
      // All at once, instead of one after the other when they are measured.
      for i in 0..<pool.count {
        SystemPages.ask(for: storage.row(pool.slot(at: i)), bytes: storage.space.stride * 4)
      }
      options.expecting?((0..<pool.count).map { storage.keys[Int(pool.slot(at: $0))] })
    }
    for i in 0..<pool.count {
      if found == group {
        measureRanked(&found, into: &collector)
        if plausibleDistance(at: i) > collector.bound { break }
      }
      let slot = pool.slot(at: i)
      guard storage.isLive(slot) else { continue }
      if let filter, !filter(storage.keys[Int(slot)]) { continue }
      ids[found] = slot
      // Rows lie anywhere in memory: they are under way while the rest of the group is chosen.
      cvk_prefetch_row(storage.row(slot), storage.space.stride)
      cvk_prefetch(storage.keys + Int(slot))
      found += 1
    }
    measureRanked(&found, into: &collector)
  }

  /// The least distance that a candidate may have, judged by its code: five standard deviations of the error
  /// below the quantised one.
  @inline(__always)
  private func plausibleDistance(at i: Int) -> Float {
    guard comparesCodes else { return -.infinity }
    let product = Float(Int32(0x4000_0000) - Int32(bitPattern: pool.key(at: i)))
    let spread = storage.center.spread
    let coded = storage.space.step(norm: query.scale * spread) * (product - query.offset)
    // Of the error along the centre's direction balanced codes have a seventh left.
    let error = storage.space.codeError * spread * (query.across + query.along * 0.02).squareRoot()
    return -coded - query.centerProduct - error * 5
  }

  private func measureRanked<C: Collector>(_ found: inout Int, into collector: inout C) {
    storage.space.distances(query.row, rows: storage.vectors, ids: ids, count: found, into: distances)
    for i in 0..<found { collector.offer(key: storage.keys[Int(ids[i])], distance: distances[i]) }
    found = 0
  }
}
