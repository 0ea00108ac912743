/// Stored vectors as queries, and what the exact scan answers without them: recall is measured against that.
struct RecallSample {
  /// A stored vector, and how many true neighbours it has beside itself and how far the last of them is.
  struct Query {
    let key: UInt64
    let vector: [Float]
    let wanted: Int
    let last: Float
    /// The graph without it; `nil` for the entry point, and for one that stands for others or behind another.
    let absence: Absence?
  }

  private(set) var queries: [Query] = []
  private let k: Int
  private let isDistance: Bool

  /// Draws stored vectors, by the index's seed, and scans for each.
  init(_ index: HNSWIndex, queries n: Int, k: Int) throws(IndexError) {
    self.k = k
    isDistance = index.configuration.metric == .squaredDistance
    let keys = try index.allKeys()
    guard keys.count > 1 else { return }
    var random = SplitMix(seed: index.configuration.seed)
    var drawn: [UInt64] = []
    var rows: [Float] = []
    for _ in 0..<min(n, keys.count) {
      let key = keys[Int(random.next() % UInt64(keys.count))]
      guard let vector = try index.vector(for: key) else { continue }
      drawn.append(key)
      rows += vector
    }
    let dimension = index.configuration.dimension
    let answers = try index.search(batch: rows, k: k + 1, options: .init(plan: .exact))
    let slots = index.readers.read { _ in
      drawn.map { key in index.keyMap.withLock { $0.slot(key, index.storage.keys) } }
    }
    let entry = index.entry.slot
    let absences = index.absences(
      of: slots.compactMap { $0 }.filter { $0 != entry && index.storage.nextTwin($0) == nil })
    for (i, (key, answer)) in zip(drawn, answers).enumerated() {
      let others = answer.neighbors.filter { $0.key != key }.prefix(k)
      guard let last = others.last else { continue }
      queries.append(
        Query(
          key: key, vector: Array(rows[(i * dimension)..<((i + 1) * dimension)]), wanted: others.count,
          last: last.score, absence: slots[i].flatMap { absences[$0] }))
    }
  }

  /// The share of the true neighbours that the graph finds with `ef`, and the standard error of that; ties with the last one
  /// count. 1 when nothing was asked.
  ///
  /// The graph is searched as if the query's own vector had been removed, so that the query is as new as any other.
  func recall(of index: HNSWIndex, ef: Int) throws(IndexError) -> (mean: Double, error: Double) {
    guard !queries.isEmpty else { return (1, 0) }
    var (sum, squares) = (0.0, 0.0)
    for query in queries {
      var options = SearchOptions(ef: ef, plan: .graph)
      options.absence = query.absence
      // Where others stand behind it, it is found itself.
      let answer = try index.search(query.vector, k: k + 1, options: options).neighbors
        .filter { $0.key != query.key }.prefix(k)
      let found = answer.count { isDistance ? $0.score <= query.last : $0.score >= query.last }
      let share = Double(min(found, query.wanted)) / Double(query.wanted)
      sum += share
      squares += share * share
    }
    let n = Double(queries.count)
    let mean = sum / n
    return (mean, (max(0, squares / n - mean * mean) / n).squareRoot())
  }
}
