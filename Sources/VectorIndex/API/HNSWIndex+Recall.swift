internal import Synchronization

extension HNSWIndex {
  /// Recall measured by comparing graph and exact scan.
  public struct RecallReport: Sendable, Hashable {
    /// Share of the true `k` nearest that the graph found, 0…1; 1 when nothing was asked.
    public let recall: Double
    /// Queries made.
    public let queries: Int
    /// Neighbours asked for.
    public let k: Int
    /// Pool size used.
    public let ef: Int
  }

  /// Measures recall on a sample of the stored vectors, slightly moved so that they are new queries.
  ///
  /// A found neighbour counts if its score is at least that of the true k-th, so that ties do no harm.
  /// - Parameters:
  ///   - sample: Queries to make.
  ///   - k: Neighbours to ask for.
  ///   - ef: Pool size; `nil` for the default.
  /// - Complexity: `sample` exact scans.
  public func measureRecall(sample: Int, k: Int, ef: Int? = nil) -> RecallReport {
    let used = ef ?? defaultEf(k: k, recall: nil)
    let keys = allKeys()
    guard !keys.isEmpty, sample > 0, k > 0 else {
      return RecallReport(recall: 1, queries: 0, k: k, ef: used)
    }
    var random = SplitMix(seed: configuration.seed)
    var found = 0
    var wanted = 0
    var queries = 0
    for _ in 0..<min(sample, keys.count) {
      guard let query = movedVector(keys[Int(random.next() % UInt64(keys.count))], &random),
        let exact = try? search(query, k: k, options: .init(plan: .exact)),
        let graph = try? search(query, k: k, options: .init(ef: used, plan: .graph)),
        let last = exact.neighbors.last
      else { continue }
      queries += 1
      wanted += exact.neighbors.count
      let isDistance = configuration.metric == .squaredDistance
      found += graph.neighbors.count { isDistance ? $0.score <= last.score : $0.score >= last.score }
    }
    return RecallReport(
      recall: wanted == 0 ? 1 : min(1, Double(found) / Double(wanted)), queries: queries, k: k, ef: used)
  }

  /// A stored vector with noise of about half its length.
  private func movedVector(_ key: UInt64, _ random: inout SplitMix) -> [Float]? {
    guard var query = vector(for: key) else { return nil }
    let length = query.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = length / Float(query.count).squareRoot()
    for i in query.indices { query[i] += scale * Float.random(in: -0.85...0.85, using: &random) }
    return query
  }
}
