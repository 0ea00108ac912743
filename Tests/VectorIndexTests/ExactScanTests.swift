import Testing

@testable import VectorIndex

@Suite("Exact scan")
struct ExactScanTests {
  @Test(
    "equals the plain computation for every metric and dimension",
    arguments: Metric.allCases, [1, 2, 3, 15, 16, 17, 31, 64, 65, 100, 128, 130, 256, 300, 1536])
  func equalsReference(metric: Metric, dimension: Int) throws {
    var samples = Samples(seed: UInt64(dimension))
    let index = try makeIndex(dimension, metric: metric)
    var rows: [UInt64: [Float]] = [:]
    for key in 0..<UInt64(dimension > 200 ? 150 : 3000) { rows[key * 7] = samples.vector(dimension) }
    let keys = rows.keys.sorted()
    try index.add(keys.flatMap { rows[$0] ?? [] }, keys: keys)
    for _ in 0..<5 {
      let query = samples.vector(dimension)
      let found = try index.search(query, k: 10, options: .init(plan: .exact))
      #expect(found.plan == .exactAsAsked)
      let expected = referenceScores(metric, rows, query, k: 10)
      #expect(found.neighbors.count == expected.count)
      for (neighbor, score) in zip(found.neighbors, expected) {
        #expect(abs(Double(neighbor.score) - score) <= 1e-4 * max(1, abs(score)))
      }
    }
  }

  @Test("skips by bounds without losing anything on clustered data", arguments: Metric.allCases)
  func clusteredData(metric: Metric) throws {
    var samples = Samples(seed: 5)
    let index = try makeIndex(128, metric: metric, efConstruction: 32)
    let rows = samples.faces(people: 1200, photos: 5, dimension: 128)
    try index.add(rows, keys: (0..<6000).map { UInt64($0) })
    var all: [UInt64: [Float]] = [:]
    for i in 0..<6000 { all[UInt64(i)] = Array(rows[(i * 128)..<((i + 1) * 128)]) }
    for i in 0..<10 {
      let query = samples.near(Array(rows[(i * 128)..<((i + 1) * 128)]), spread: 0.5)
      let found = try index.search(query, k: 20, options: .init(plan: .exact)).neighbors
      let expected = referenceScores(metric, all, query, k: 20)
      for (neighbor, score) in zip(found, expected) {
        #expect(abs(Double(neighbor.score) - score) <= 1e-4 * max(1, abs(score)))
      }
    }
  }

  @Test("is exact under filters of every selectivity", arguments: Metric.allCases)
  func filtered(metric: Metric) throws {
    var samples = Samples(seed: 7)
    let index = try makeIndex(128, metric: metric, M: 4, efConstruction: 16)
    let rows = samples.faces(people: 1000, photos: 5, dimension: 128)
    try index.add(rows, keys: (0..<5000).map { UInt64($0) }, threads: 2)
    for key in stride(from: UInt64(0), to: 700, by: 7) { try index.remove(key) }
    for n: UInt64 in [1, 2, 20, 500] {
      let passes: @Sendable (UInt64) -> Bool = { SplitMix.mix($0) % n == 0 }
      var passing: [UInt64: [Float]] = [:]
      for key in 0..<UInt64(5000) where passes(key) && !(key < 700 && key % 7 == 0) {
        passing[key] = Array(rows[(Int(key) * 128)..<((Int(key) + 1) * 128)])
      }
      let query = samples.near(Array(rows[0..<128]), spread: 0.5)
      let found = try index.search(query, k: 10, options: .init(plan: .exact, filter: passes)).neighbors
      let expected = referenceScores(metric, passing, query, k: 10)
      #expect(found.count == expected.count)
      for (neighbor, score) in zip(found, expected) {
        #expect(passing[neighbor.key] != nil)
        #expect(abs(Double(neighbor.score) - score) <= 1e-4 * max(1, abs(score)))
      }
    }
  }

  @Test("tries both orders of filter and codes, then ever more rarely")
  func trials() {
    var progress = ScanProgress()
    var calls: [Bool] = []
    for block in 0..<3 {
      let found = progress.timed { filtersFirst in
        calls.append(filtersFirst)
        return block
      }
      #expect(found == block)
    }
    #expect(calls.prefix(2) == [true, false])
  }

  @Test("a batch answers as its queries do alone", arguments: Metric.allCases, [40, 128])
  func batch(metric: Metric, dimension: Int) throws {
    var samples = Samples(seed: 6)
    let index = try makeIndex(dimension, metric: metric, M: 4, efConstruction: 16)
    let people = dimension == 128 && metric == .cosine ? 5000 : 800
    try index.add(
      samples.faces(people: people, photos: 5, dimension: dimension),
      keys: (0..<UInt64(people * 5)).map { $0 }, threads: 2)
    for key in stride(from: UInt64(0), to: 700, by: 3) { try index.remove(key) }
    let queries = samples.rows(37, dimension)
    let cases: [SearchOptions] = [
      .init(plan: .exact), .init(plan: .exact, filter: { $0 % 5 == 2 }),
      .init(plan: .exact, minimumScore: metric == .squaredDistance ? 60 : 0.2),
      .init(plan: .exact, groupBy: { $0 / 5 }),
    ]
    for options in cases {
      let alone = try (0..<37).map {
        try index.search(
          Array(queries[($0 * dimension)..<(($0 + 1) * dimension)]), k: 20, options: options)
      }
      for threads in [1, 2, 50] {
        #expect(try index.search(batch: queries, k: 20, options: options, threads: threads) == alone)
      }
    }
    var wrong = queries
    wrong[20 * dimension] = .nan
    #expect(throws: IndexError.notFinite(component: 0)) {
      try index.search(batch: wrong, k: 2, options: .init(plan: .exact))
    }
    #expect(try index.search(batch: [], k: 2, options: .init(plan: .exact)).isEmpty)
  }

  @Test("sorts ties by key")
  func ties() throws {
    let index = try makeIndex(4)
    for key: UInt64 in [9, 3, 7, 1] { try index.add([1, 2, 3, 4], key: key) }
    let found = try index.search([4, 3, 2, 1], k: 3).neighbors
    #expect(found.map(\.key) == [1, 3, 7])
  }
}
