/// Queries like the stored vectors and what the exact scan answers: recall is measured against them.
struct RecallSample {
  /// A query, and how many true neighbours it has and how far the last of them is.
  struct Query {
    let vector: [Float]
    let wanted: Int
    let last: Float
  }

  private(set) var queries: [Query] = []
  private let k: Int
  private let isDistance: Bool

  /// Draws stored vectors, by the index's seed, moves them so that they are new queries, and scans for each.
  init(_ index: HNSWIndex, queries n: Int, k: Int) throws(IndexError) {
    self.k = k
    isDistance = index.configuration.metric == .squaredDistance
    let keys = try index.allKeys()
    guard !keys.isEmpty else { return }
    var random = SplitMix(seed: index.configuration.seed)
    for _ in 0..<min(n, keys.count) {
      guard let vector = try Self.moved(keys[Int(random.next() % UInt64(keys.count))], of: index, &random)
      else { continue }
      let exact = try index.search(vector, k: k, options: .init(plan: .exact)).neighbors
      guard let last = exact.last else { continue }
      queries.append(Query(vector: vector, wanted: exact.count, last: last.score))
    }
  }

  /// The share of the true neighbours that the graph finds with `ef`; ties with the last one count. 1 when nothing
  /// was asked.
  func recall(of index: HNSWIndex, ef: Int) throws(IndexError) -> Double {
    var found = 0
    var wanted = 0
    for query in queries {
      wanted += query.wanted
      let answer = try index.search(query.vector, k: k, options: .init(ef: ef, plan: .graph)).neighbors
      found += answer.count { isDistance ? $0.score <= query.last : $0.score >= query.last }
    }
    return wanted == 0 ? 1 : min(1, Double(found) / Double(wanted))
  }

  /// A vector that might as well be stored: as far from its neighbours as they are from each other, whatever groups the
  /// data has.
  ///
  /// Two vectors of a neighbourhood, taken relative to its mean: their sum divided by √2 has the same distribution.
  private static func moved(_ key: UInt64, of index: HNSWIndex, _ random: inout SplitMix)
    throws(IndexError) -> [Float]?
  {
    guard let query = try index.vector(for: key) else { return nil }
    let near = try index.search(query, k: 64, options: .init(plan: .exact)).neighbors
    var rows: [[Float]] = []
    for neighbor in near { if let row = try index.vector(for: neighbor.key) { rows.append(row) } }
    guard let other = rows.prefix(16).randomElement(using: &random) else { return query }
    let moved = query.indices.map { j in
      let mean = rows.reduce(Float(0)) { $0 + $1[j] } / Float(rows.count)
      return mean + ((query[j] - mean) + (other[j] - mean)) * Float(0.5).squareRoot()
    }
    return moved.contains { $0 != 0 } ? moved : query
  }
}
