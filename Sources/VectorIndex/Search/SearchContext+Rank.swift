extension SearchContext {
  /// Measures the pool's live candidates that pass the filter exactly and offers them to `collector`.
  func rank<C: Collector>(filter: ((UInt64) -> Bool)?, into collector: inout C) {
    var found = 0
    for i in 0..<pool.count {
      let slot = pool.slot(at: i)
      guard storage.isLive(slot) else { continue }
      if let filter, !filter(storage.keys[Int(slot)]) { continue }
      ids[found] = slot
      found += 1
      if found == Self.batch { measureRanked(&found, into: &collector) }
    }
    measureRanked(&found, into: &collector)
  }

  private func measureRanked<C: Collector>(_ found: inout Int, into collector: inout C) {
    storage.space.distances(query.row, rows: storage.vectors, ids: ids, count: found, into: distances)
    for i in 0..<found { collector.offer(key: storage.keys[Int(ids[i])], distance: distances[i]) }
    found = 0
  }
}
