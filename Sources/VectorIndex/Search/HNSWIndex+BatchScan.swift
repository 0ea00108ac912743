internal import Synchronization

extension HNSWIndex {
  /// Queries that share one pass over the codes: what they all need of a block stays in the cache meanwhile.
  static let scannedTogether = 16

  /// Answers up to ``scannedTogether`` queries, row after row, by one scan of the index.
  ///
  /// - Throws: What a single search throws, for the first row that is refused.
  func scan(
    _ queries: UnsafePointer<Float>, count n: Int, k: Int, options: SearchOptions
  ) throws(IndexError) -> [SearchResult] {
    try options.validate(k: k)
    try snapshot?.throwIfDamaged()
    let results = try readers.read { (first) throws(IndexError) in
      let limit = slotCount.load(ordering: .acquiring)
      let worst = worstDistance(options)
      let readsCodes = !isRecoding.load(ordering: .sequentiallyConsistent)
      var contexts: [SearchContext] = []
      var seeds: [Float] = []
      var collectors: [TopKeys] = []
      for i in 0..<n {
        let context = i == 0 ? first : SearchContext(storage)
        context.readsCodes = readsCodes
        context.version = first.version
        try context.query.set(queries + i * configuration.dimension, codes: readsCodes)
        context.begin(limit: limit)
        let seed = seedBound(TopKeys(k, worst: worst), options, context)
        contexts.append(context)
        seeds.append(seed)
        collectors.append(TopKeys(k, worst: min(worst, seed)))
      }
      var progress = [ScanProgress](repeating: ScanProgress(), count: n)
      for block in stride(from: 0, to: limit, by: SearchContext.batch) {
        for (i, context) in contexts.enumerated() {
          context.scan(
            from: block, limit: limit, progress: &progress[i], filter: options.filter, into: &collectors[i])
        }
      }
      return contexts.indices.map { i in
        let hits = collectors[i].sorted()
        // What gave the bound may have been removed since.
        if hits.count < k && seeds[i] < worst {
          return exact(contexts[i], k: k, options: options, why: .exactAsAsked)
        }
        return result(hits, plan: .exactAsAsked)
      }
    }
    for result in results { counters.count(result.plan) }
    return results
  }
}
