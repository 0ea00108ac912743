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
  init(_ index: HNSWIndex, queries n: Int, k: Int) {
    self.k = k
    isDistance = index.configuration.metric == .squaredDistance
    let keys = index.allKeys()
    guard !keys.isEmpty else { return }
    var random = SplitMix(seed: index.configuration.seed)
    for _ in 0..<min(n, keys.count) {
      guard let vector = Self.moved(keys[Int(random.next() % UInt64(keys.count))], of: index, &random),
        let exact = try? index.search(vector, k: k, options: .init(plan: .exact)).neighbors,
        let last = exact.last
      else { continue }
      queries.append(Query(vector: vector, wanted: exact.count, last: last.score))
    }
  }

  /// The share of the true neighbours that the graph finds with `ef`; ties with the last one count. 1 when nothing
  /// was asked.
  func recall(of index: HNSWIndex, ef: Int) -> Double {
    var found = 0
    var wanted = 0
    for query in queries {
      wanted += query.wanted
      let answer = try? index.search(query.vector, k: k, options: .init(ef: ef, plan: .graph)).neighbors
      found += (answer ?? []).count { isDistance ? $0.score <= query.last : $0.score >= query.last }
    }
    return wanted == 0 ? 1 : min(1, Double(found) / Double(wanted))
  }

  /// A stored vector with noise of about half its length.
  private static func moved(_ key: UInt64, of index: HNSWIndex, _ random: inout SplitMix) -> [Float]? {
    guard var query = index.vector(for: key) else { return nil }
    let length = query.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = length / Float(query.count).squareRoot()
    for i in query.indices { query[i] += scale * Float.random(in: -0.85...0.85, using: &random) }
    return query
  }
}
