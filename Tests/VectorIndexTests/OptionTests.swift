import Testing

@testable import VectorIndex

@Suite("Filters, groups and ranges")
struct OptionTests {
  static let dimension = 128

  static let shared = Result { try make() }

  static func faces() throws -> (index: HNSWIndex, rows: [Float]) { try shared.get() }

  static func make() throws -> (index: HNSWIndex, rows: [Float]) {
    var samples = Samples(seed: 31)
    let rows = samples.faces(people: 2000, photos: 4, dimension: dimension)
    let index = try makeIndex(dimension)
    try index.add(rows, keys: (0..<8000).map { UInt64($0) })
    return (index, rows)
  }

  @Test("filtered recall holds at every selectivity", arguments: [2, 10, 100, 1000])
  func filter(every n: UInt64) throws {
    let (index, rows) = try Self.faces()
    var samples = Samples(seed: 32)
    var found = 0
    var wanted = 0
    for i in 0..<30 {
      let query = samples.near(Array(rows[(i * 128)..<((i + 1) * 128)]), spread: 0.5)
      let filter: @Sendable (UInt64) -> Bool = { SplitMix.mix($0) % n == 0 }
      let exact = try index.search(query, k: 10, options: .init(plan: .exact, filter: filter)).neighbors
      let graph = try index.search(query, k: 10, options: .init(plan: .graph, filter: filter)).neighbors
      let either = try index.search(query, k: 10, options: .init(filter: filter)).neighbors
      #expect(graph.allSatisfy { filter($0.key) })
      #expect(exact.allSatisfy { filter($0.key) })
      wanted += exact.count
      found += Set(exact.map(\.key)).intersection(either.map(\.key)).count
    }
    #expect(Double(found) >= 0.95 * Double(wanted), "\(found) of \(wanted)")
  }

  @Test("a filter that nothing passes gives nothing, by any plan")
  func nothingPasses() throws {
    let (index, _) = try Self.faces()
    let query = [Float](repeating: 1, count: 128)
    for plan: SearchOptions.Plan in [.graph, .exact, .automatic] {
      let result = try index.search(query, k: 3, options: .init(plan: plan, filter: { _ in false }))
      #expect(result.neighbors.isEmpty)
    }
  }

  @Test("grouping finds k groups behind a cluster far larger than ef", arguments: [0, 1])
  func groups(plan: Int) throws {
    var samples = Samples(seed: 33)
    let index = try makeIndex(128)
    let centre = samples.vector(128)
    var rows: [Float] = []
    for _ in 0..<1000 { rows += samples.near(centre, spread: 0.01) }
    for _ in 0..<4000 { rows += samples.near(centre, spread: 1) }
    try index.add(rows, keys: (0..<5000).map { UInt64($0) })
    let group: @Sendable (UInt64) -> UInt64 = { $0 < 1000 ? 0 : $0 / 4 }
    let exact = try index.search(centre, k: 5, options: .init(plan: .exact, groupBy: group)).neighbors
    let result = try index.search(
      centre, k: 5, options: .init(ef: 10, plan: plan == 0 ? .graph : .automatic, groupBy: group))
    #expect(result.plan != .graph)
    #expect(result.neighbors.count == 5)
    #expect(Set(result.neighbors.map { group($0.key) }).count == 5)
    #expect(result.neighbors[0] == exact[0])
    #expect(Set(result.neighbors).intersection(exact).count >= 4)
  }

  @Test("range search returns everything within the score", arguments: [Float(0.95), 0.7, 0.3, -1])
  func range(score: Float) throws {
    let (index, rows) = try Self.faces()
    let query = Array(rows[0..<128])
    let exact = try index.range(query, score: score, options: .init(plan: .exact)).neighbors
    let found = try index.range(query, score: score).neighbors
    #expect(exact.allSatisfy { $0.score >= score })
    #expect(found.allSatisfy { $0.score >= score })
    #expect(Double(Set(found).intersection(exact).count) >= 0.98 * Double(exact.count))
    if score == -1 { #expect(exact.count == 8000) }
  }

  @Test("the plan names who answered and is counted")
  func plans() throws {
    let (index, rows) = try Self.make()
    let query = Array(rows[0..<128])
    #expect(try index.search(query, k: 10).plan == .graph)
    #expect(try index.search(query, k: 10, options: .init(plan: .exact)).plan == .exactAsAsked)
    #expect(try index.search(query, k: 10, options: .init(filter: { $0 % 4000 == 0 })).plan == .exactAsNarrow)
    let small = try makeIndex(4)
    try small.add([1, 2, 3, 4], key: 1)
    #expect(try small.search([1, 2, 3, 4], k: 1).plan == .exactAsSmall)
    let answered = index.statistics.answered
    #expect(answered[.graph] == 1 && answered[.exactAsAsked] == 1 && answered[.exactAsNarrow] == 1)
  }

  @Test("tuning reaches the recall asked for")
  func tune() throws {
    let (index, _) = try Self.faces()
    try index.tune(recall: 0.9, k: 10)
    #expect(try index.measureRecall(sample: 100, k: 10).recall >= 0.85)
    try index.tune(recall: 0.99, k: 10)
    #expect(try index.measureRecall(sample: 100, k: 10).recall >= 0.96)
  }

  @Test("a recall asked for tunes an index that never was, and one that has grown since")
  func automaticTuning() throws {
    var samples = Samples(seed: 34)
    let index = try makeIndex(128, efConstruction: 50)
    let rows = samples.faces(people: 5000, photos: 4, dimension: 128)
    func add(_ range: Range<Int>) throws {
      let part = Array(rows[(range.lowerBound * 128)..<(range.upperBound * 128)])
      try index.add(part, keys: range.map { UInt64($0) }, threads: 2)
    }
    try add(0..<4000)
    let query = Array(rows[0..<128])
    _ = try index.search(query, k: 10)
    #expect(index.tuning.withLock { $0.points.isEmpty })
    let first = try index.search(query, k: 10, options: .init(recall: 0.99, plan: .graph))
    #expect(first.plan == .graph && first.expectedRecall.map { $0 >= 0.99 } == true)
    #expect(index.tuning.withLock { $0.count } == 4000)
    #expect(
      try index.measureRecall(sample: 200, k: 10, ef: index.defaultEf(k: 10, recall: 0.99)).recall >= 0.97)
    #expect(index.defaultEf(k: 10, recall: 0.5) <= index.defaultEf(k: 10, recall: 0.99))
    try add(4000..<20_000)
    _ = try index.search(query, k: 10, options: .init(recall: 0.99))
    #expect(index.tuning.withLock { $0.count } == 20_000)
    #expect(index.tuning.withLock { $0.target } == 0.99)
    for wrong in [-0.1, 1.5, .nan] {
      #expect(throws: IndexError.self) { try index.search(query, k: 1, options: .init(recall: wrong)) }
    }
  }
}
