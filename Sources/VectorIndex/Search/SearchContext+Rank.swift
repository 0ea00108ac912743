internal import CVectorKernels
internal import Synchronization

extension SearchContext {
  /// Measures the pool's live candidates that pass the options' filter exactly, best first, and offers them to
  /// `collector`, until what is left cannot plausibly enter the answer.
  func rank<C: Collector>(_ options: SearchOptions, into collector: inout C) {
    let filter = options.filter
    let group = 16
    var found = 0
    measuredResidual = 0
    let hasTwins = storage.hasTwins.load(ordering: .sequentiallyConsistent)
    if hasTwins { ranked.removeAll(keepingCapacity: true) }
    if storage.isOnDisk.load(ordering: .relaxed) {
      // All at once, instead of one after the other when they are measured.
      for i in 0..<pool.count {
        SystemPages.prefetch(storage.row(pool.slot(at: i)), bytes: storage.space.stride * 4)
      }
      options.expecting?((0..<pool.count).map { storage.keys[Int(pool.slot(at: $0))] })
    }
    for i in 0..<pool.count {
      if found == group {
        if measuredResidual == 0 { measuredResidual = residual(ids, found) }
        measureRanked(&found, into: &collector)
        if plausibleDistance(at: i) > collector.bound { break }
      }
      let slot = pool.slot(at: i)
      if hasTwins {
        guard ranked.insert(slot).inserted else { continue }
        rankTwins(of: slot, filter: filter, at: found, into: &collector)
      }
      guard storage.isVisible(slot, at: version) else { continue }
      if let filter, !filter(storage.keys[Int(slot)]) { continue }
      ids[found] = slot
      // Rows lie anywhere in memory: they are under way while the rest of the group is chosen.
      cvk_prefetch_row(storage.row(slot), storage.space.stride)
      cvk_prefetch(storage.keys + Int(slot))
      if !readsRows && measuredResidual == 0 { cvk_prefetch(storage.residuals + Int(slot)) }
      found += 1
    }
    if measuredResidual == 0 { measuredResidual = residual(ids, found) }
    measureRanked(&found, into: &collector)
  }

  /// Offers the others with a node's vector, which no link leads to; `place` is one of ``ids`` that is free.
  @inline(never)
  private func rankTwins<C: Collector>(
    of slot: UInt32, filter: ((UInt64) -> Bool)?, at place: Int, into collector: inout C
  ) {
    guard var twin = storage.nextTwin(slot) else { return }
    ids[place] = slot
    storage.space.distances(
      query.row, rows: storage.vectors, ids: ids + place, count: 1, into: distances + place)
    let distance = distances[place]
    while distance < collector.bound, ranked.insert(twin).inserted {
      if twin < limit, storage.isVisible(twin, at: version) {
        let key = storage.keys[Int(twin)]
        if filter?(key) ?? true { collector.offer(key: key, distance: distance) }
      }
      guard let next = storage.nextTwin(twin) else { return }
      twin = next
    }
  }

  /// The least distance that a candidate may have, judged by its key: the distance itself where the search compared
  /// floats, and with codes as far below the coded one as their error may ever be.
  @inline(__always)
  private func plausibleDistance(at i: Int) -> Float {
    guard comparesCodes || readsRows else { return -.infinity }
    let distance = estimatedDistance(at: i)
    if readsRows { return distance }
    return distance - Self.certain * codeError(max(measuredResidual, usualResidual))
  }

  private func measureRanked<C: Collector>(_ found: inout Int, into collector: inout C) {
    storage.space.distances(query.row, rows: storage.vectors, ids: ids, count: found, into: distances)
    for i in 0..<found { collector.offer(key: storage.keys[Int(ids[i])], distance: distances[i]) }
    found = 0
  }
}
