internal import Synchronization

extension HNSWIndex {
  /// Vectors up to which the exact scan is the faster answer.
  static let smallCount = 3_000
  /// What expanding one candidate costs, in vectors of the exact scan.
  static let expansionCost = 100
  /// The same where a filter spares the scan most codes.
  static let filteredExpansionCost = 200

  func answer(
    _ context: SearchContext, entry: EntryPoint, k: Int, options: SearchOptions
  ) -> SearchResult {
    let live = count
    if options.plan == .exact { return exact(context, k: k, options: options, why: .exactAsAsked) }
    if !context.readsCodes || entry.isNone || (options.plan == .automatic && live <= Self.smallCount) {
      return exact(context, k: k, options: options, why: .exactAsSmall)
    }
    let wanted = options.minimumScore == nil ? min(k, live) : min(k, 64)
    // A pool of all slots holds everything that can be reached: more is the same.
    let limit = max(1, Int(context.limit))
    let effort = effort(options, k: min(k, live))
    if options.ef == nil, let recall = options.recall, options.plan == .automatic {
      let isReached = effort.recall.map { $0 >= Tuning.safe(recall) } ?? true
      if recall >= 1 || !isReached || effort.ef * Self.expansionCost > live {
        return exact(context, k: k, options: options, why: .exactAsMeasured)
      }
    }
    let base = max(1, min(limit, effort.ef))
    var ef = max(base, wanted)
    if let filter = options.filter {
      let share = passingShare(filter)
      ef = share > 0 ? Int(min(Double(limit), Double(ef) / share)) : limit
      if options.plan == .automatic && ef * Self.filteredExpansionCost > live {
        return exact(context, k: k, options: options, why: .exactAsNarrow)
      }
    }
    var plan = AnsweredBy.graph
    while true {
      if let answer = graph(context, entry: entry, k: k, ef: ef, options: options, plan: plan) {
        return SearchResult(neighbors: answer.neighbors, plan: plan, expectedRecall: effort.recall)
      }
      ef = min(ef * 4, limit)
      plan = .widenedGraph
      if options.plan == .automatic && ef * Self.expansionCost > live {
        return exact(context, k: k, options: options, why: .exactAsExhaustive)
      }
    }
  }

  private func effort(_ options: SearchOptions, k: Int) -> (ef: Int, recall: Double?) {
    options.ef.map { ($0, nil) } ?? effort(k: k, recall: options.recall)
  }

  /// The share of a sample of the live vectors that passes a filter.
  private func passingShare(_ filter: (UInt64) -> Bool) -> Double {
    let limit = slotCount.load(ordering: .acquiring)
    let step = max(1, limit / 256)
    var seen = 0
    var passed = 0
    // Offset by the square of the position, so that keys of any period are sampled evenly.
    for i in 0..<min(256, limit) {
      let slot = UInt32((i * step + i * i % step) % limit)
      guard storage.isCurrent(slot) else { continue }
      seen += 1
      if filter(storage.keys[Int(slot)]) { passed += 1 }
    }
    return seen == 0 ? 0 : Double(passed) / Double(seen)
  }

  /// Scans everything.
  func exact(
    _ context: SearchContext, k: Int, options: SearchOptions, why: AnsweredBy
  ) -> SearchResult {
    collect(from: .scan, k: k, options: options, plan: why, context)
  }

  /// Searches the graph with one pool; `nil` if a larger one is needed.
  private func graph(
    _ context: SearchContext, entry: EntryPoint, k: Int, ef: Int, options: SearchOptions, plan: AnsweredBy
  ) -> SearchResult? {
    let start = context.descend(from: entry, to: 0)
    withUnsafePointer(to: start) {
      context.searchLevel(0, start: UnsafeBufferPointer(start: $0, count: 1), ef: ef)
    }
    // A pool that is not full holds all that can be reached: everything.
    let isExhausted = context.pool.count < ef || ef >= Int(context.limit)
    var result = collect(from: .pool, k: k, options: options, plan: plan, context)
    let best = result.neighbors.prefix(SearchContext.reckoned + 1).last
    if !isExhausted, let best,
      !context.isResolved(from: space.distance(score: best.score), among: SearchContext.looked)
    {
      context.searchRows(0, from: entry, ef: ef)
      result = collect(from: .pool, k: k, options: options, plan: plan, context)
    }
    if isExhausted || result.neighbors.count >= k { return result }
    if let minimum = options.minimumScore, context.pool.count > 0 {
      let last = context.pool.slot(at: context.pool.count - 1)
      let farthest = space.score(space.distance(context.query.row, storage.row(last)))
      let isBeyond = space.metric == .squaredDistance ? farthest > minimum : farthest < minimum
      if isBeyond { return result }
    }
    return nil
  }

  private enum Source {
    case scan
    case pool
  }

  /// Collects the best of a source as the options ask.
  private func collect(
    from source: Source, k: Int, options: SearchOptions, plan: AnsweredBy, _ context: SearchContext
  ) -> SearchResult {
    let worst = worstDistance(options)
    var hits: [Hit]
    if let group = options.groupBy {
      let seed = seedBound(source, TopGroups(k, worst: worst, by: group), options, context)
      var collector = TopGroups(k, worst: min(worst, seed), by: group)
      run(source, context, options, into: &collector)
      hits = collector.sorted()
      if hits.count < k && seed < worst {
        // What gave the bound may have been removed since.
        collector = TopGroups(k, worst: worst, by: group)
        run(source, context, options, into: &collector)
        hits = collector.sorted()
      }
    } else {
      let seed = seedBound(source, TopKeys(k, worst: worst), options, context)
      var collector = TopKeys(k, worst: min(worst, seed))
      run(source, context, options, into: &collector)
      hits = collector.sorted()
      if hits.count < k && seed < worst {
        collector = TopKeys(k, worst: worst)
        run(source, context, options, into: &collector)
        hits = collector.sorted()
      }
    }
    return result(hits, plan: plan)
  }

  func result(_ hits: [Hit], plan: AnsweredBy) -> SearchResult {
    SearchResult(
      neighbors: hits.map { Neighbor(key: $0.key, score: space.score($0.distance)) }, plan: plan)
  }

  /// The greatest distance that the options let into an answer.
  func worstDistance(_ options: SearchOptions) -> Float {
    options.minimumScore.map { space.metric == .squaredDistance ? $0 : -$0 } ?? .infinity
  }

  /// A distance that the answer of a scan lies within: what a short graph search finds, if it finds enough.
  ///
  /// The scan then skips by its final bound from the first vector on.
  private func seedBound<C: Collector>(
    _ source: Source, _ empty: C, _ options: SearchOptions, _ context: SearchContext
  ) -> Float {
    source == .scan ? seedBound(empty, options, context) : .infinity
  }

  func seedBound<C: Collector>(_ empty: C, _ options: SearchOptions, _ context: SearchContext) -> Float {
    let entry = entry
    guard context.readsCodes, context.limit >= 20_000, !entry.isNone, entry.slot < context.limit else {
      return .infinity
    }
    var collector = empty
    let start = context.descend(from: entry, to: 0)
    withUnsafePointer(to: start) {
      context.searchLevel(0, start: UnsafeBufferPointer(start: $0, count: 1), ef: 64)
    }
    context.rank(options, into: &collector)
    return collector.bound
  }

  private func run<C: Collector>(
    _ source: Source, _ context: SearchContext, _ options: SearchOptions, into collector: inout C
  ) {
    switch source {
    case .scan: context.scan(limit: Int(context.limit), filter: options.filter, into: &collector)
    case .pool: context.rank(options, into: &collector)
    }
  }
}
