import TestSupport
import Testing

@testable import VectorIndex

@Suite("Data that fools codes and graphs")
struct AdversarialTests {
  /// Recall@10 of the graph against the exact plan; ties with the tenth count.
  static func recall(_ index: HNSWIndex, _ queries: [Float], ef: Int = 64) throws -> Double {
    let exact = try index.search(batch: queries, k: 10, options: .init(plan: .exact))
    let graph = try index.search(batch: queries, k: 10, options: .init(ef: ef, plan: .graph))
    let isDistance = index.configuration.metric == .squaredDistance
    var (found, wanted) = (0, 0)
    for (exact, graph) in zip(exact, graph) {
      wanted += exact.neighbors.count
      guard let last = exact.neighbors.last?.score else { continue }
      found += graph.neighbors.count { isDistance ? $0.score <= last : $0.score >= last }
    }
    return Double(found) / Double(max(1, wanted))
  }

  struct Groups: Sendable, CustomTestStringConvertible {
    let dimension: Int
    let metric: Metric
    let (groups, size): (Int, Int)
    let noise: Float
    let order: Order

    enum Order { case shuffled, sorted, oneAddEach }

    var testDescription: String {
      "\(groups) groups of \(size), noise \(noise), \(metric), dimension \(dimension), \(order)"
    }

    init(_ dimension: Int, _ metric: Metric, _ groups: Int, of size: Int, _ noise: Float, _ order: Order) {
      (self.dimension, self.metric, self.noise, self.order) = (dimension, metric, noise, order)
      (self.groups, self.size) = (groups, size)
    }
  }

  static let families: [Groups] = [
    .init(128, .cosine, 8, of: 300, 0.5, .sorted), .init(128, .cosine, 8, of: 300, 0.3, .shuffled),
    .init(128, .cosine, 8, of: 300, 0.02, .oneAddEach),
    .init(128, .squaredDistance, 8, of: 300, 0.1, .shuffled),
    .init(128, .squaredDistance, 60, of: 40, 0.2, .oneAddEach),
    .init(100, .cosine, 2, of: 1200, 0.2, .sorted),
    .init(8, .squaredDistance, 240, of: 10, 0.02, .sorted), .init(8, .cosine, 8, of: 300, 0.1, .shuffled),
    // Groups that fill batches, and more of them than a search can follow.
    .init(128, .cosine, 10, of: 520, 0.2, .oneAddEach),
    .init(128, .squaredDistance, 60, of: 100, 0.5, .sorted),
    .init(768, .cosine, 4, of: 250, 0.1, .sorted), .init(1536, .squaredDistance, 4, of: 100, 0.2, .shuffled),
  ]

  @Test("groups of near-duplicates are found, and found whole, however they come", arguments: families)
  func groups(_ family: Groups) throws {
    var samples = Samples(seed: 201)
    let (d, n) = (family.dimension, family.groups * family.size)
    let centres = (0..<family.groups).map { _ in samples.vector(d) }
    let index = try makeIndex(d, metric: family.metric, efConstruction: 200)
    func groupOf(_ key: Int) -> Int { family.order == .shuffled ? key % family.groups : key / family.size }
    let batch = family.order == .oneAddEach ? family.size : n
    for begin in stride(from: 0, to: n, by: batch) {
      let keys = begin..<(begin + batch)
      let rows = keys.flatMap { samples.near(centres[groupOf($0)], spread: family.noise) }
      try index.add(rows, keys: keys.map { UInt64($0) })
    }
    let queries = (0..<60).flatMap { samples.near(centres[$0 % family.groups], spread: family.noise) }
    let recall = try Self.recall(index, queries)
    #expect(recall >= 0.96, "recall \(recall)")
    let found = try index.search(batch: queries, k: 1, options: .init(ef: 100, plan: .graph))
    let lost = found.indices.filter { groupOf(Int(found[$0].neighbors[0].key)) != $0 % family.groups }
    #expect(lost.isEmpty, "queries that end in another group: \(lost)")
    let measured = try index.measureRecall(sample: 200, k: 10, ef: 64).recall
    #expect(abs(measured - recall) <= 0.04, "measured \(measured), true \(recall)")
  }

  @Test("a constant added to all changes no recall", arguments: [Float(0), 10, 100])
  func offset(_ offset: Float) throws {
    var samples = Samples(seed: 202)
    let index = try makeIndex(128, metric: .squaredDistance, efConstruction: 100)
    try index.add(samples.rows(3000, 128).map { $0 + offset }, keys: (0..<3000).map { UInt64($0) })
    let recall = try Self.recall(index, samples.rows(40, 128).map { $0 + offset })
    #expect(recall >= 0.9, "recall \(recall)")
  }

  @Test("one dimension that drowns all others", arguments: Metric.allCases)
  func outlier(metric: Metric) throws {
    var samples = Samples(seed: 203)
    func rows(_ n: Int) -> [Float] {
      (0..<n).flatMap { i -> [Float] in
        var row = samples.vector(100)
        row[17] = metric == .innerProduct ? 0 : i % 2 == 0 ? 100 : -100
        row[40] *= 10
        return row
      }
    }
    let index = try makeIndex(100, metric: metric, efConstruction: 200)
    try index.add(rows(2500), keys: (0..<2500).map { UInt64($0) })
    let recall = try Self.recall(index, rows(40))
    #expect(recall >= 0.85, "recall \(recall)")
  }

  @Test("vectors of another kind that come later, or replace all, are found as well as ever")
  func drift() throws {
    var samples = Samples(seed: 204)
    let (a, b) = (samples.vector(128), samples.vector(128))
    let index = try makeIndex(128, efConstruction: 100)
    try index.add(
      (0..<1500).flatMap { _ in samples.near(a, spread: 0.3) }, keys: (0..<1500).map { UInt64($0) })
    try index.add(
      (0..<2000).flatMap { _ in samples.near(b, spread: 0.5) }, keys: (2000..<4000).map { UInt64($0) })
    let queries = (0..<40).flatMap { _ in samples.near(b, spread: 0.5) }
    let added = try Self.recall(index, queries)
    #expect(added >= 0.9, "after adding: \(added)")
    for key in 0..<UInt64(1500) { try index.update(samples.near(b, spread: 0.5), key: key) }
    try index.checkInvariants()
    let updated = try Self.recall(index, queries)
    #expect(updated >= 0.9, "after updating: \(updated)")
    let folder = try TemporaryFolder()
    try index.save(to: folder.file("a"))
    let opened = try HNSWIndex.open(folder.file("a"))
    let later = try Self.recall(opened, queries)
    #expect(later >= 0.9, "after opening: \(later)")
  }

  @Test(
    "lengths over thirty decades leave the exact plan exact",
    arguments: [Metric.innerProduct, .squaredDistance])
  func lengths(metric: Metric) throws {
    var samples = Samples(seed: 205)
    let base = (0..<2500).map { _ in samples.vector(70) }
    for (data, query) in [
      (Float(1), Float(1e-15)), (1, 1e-20), (1e-12, 1), (1e-15, 1), (1e-10, 1e-10), (1e15, 1),
    ] {
      let rows = base.map { $0.map { $0 * data } }
      let index = try makeIndex(70, metric: metric, M: 4, efConstruction: 8)
      try index.add(rows.flatMap { $0 }, keys: (0..<2500).map { UInt64($0) })
      let all = Dictionary(uniqueKeysWithValues: rows.enumerated().map { (UInt64($0), $1) })
      for _ in 0..<3 {
        let vector = samples.vector(70).map { $0 * query }
        let found = try index.search(vector, k: 10, options: .init(plan: .exact)).neighbors
        for (neighbor, score) in zip(found, referenceScores(metric, all, vector, k: 10)) {
          let row = try #require(all[neighbor.key])
          #expect(abs(referenceScore(metric, row, vector) - score) <= 1e-5 * abs(score), "\(data) \(query)")
        }
      }
    }
  }

  @Test("lengths over twelve decades in one index")
  func mixedLengths() throws {
    var samples = Samples(seed: 206)
    let rows = (0..<2500).map { i -> [Float] in
      let size = [Float(1e-6), 1e-3, 1, 1e3, 1e6][i % 5]
      return samples.vector(100).map { $0 * size }
    }
    for metric in [Metric.cosine] {
      let index = try makeIndex(100, metric: metric, efConstruction: 100)
      try index.add(rows.flatMap { $0 }, keys: (0..<2500).map { UInt64($0) })
      try index.checkInvariants()
      // Around a stored vector of each size: it is the nearest.
      for i in 0..<25 {
        let query = rows[i].map { $0 * 1.0001 }
        let found = try index.search(query, k: 1, options: .init(ef: 100, plan: .graph)).neighbors
        let exact = try index.search(query, k: 1, options: .init(plan: .exact)).neighbors
        #expect(found == exact, "\(metric) \(i)")
      }
    }
  }

  @Test("binary vectors")
  func discrete() throws {
    var samples = Samples(seed: 207)
    let binary = (0..<1600).map { _ in
      (0..<128).map { _ in Float(Int.random(in: 0...1, using: &samples.random)) }
    }
    for (name, rows) in [("binary", binary)] {
      let index = try makeIndex(128, efConstruction: 100)
      try index.add(rows.flatMap { $0 }, keys: rows.indices.map { UInt64($0) })
      try index.checkInvariants()
      let queries = (0..<30).flatMap { samples.near(rows[$0 * 7], spread: 0.05) }
      let recall = try Self.recall(index, queries)
      #expect(recall >= 0.9, "\(name): recall \(recall)")
    }
  }

  @Test("nine of ten removed and added again, grouped")
  func churn() throws {
    var samples = Samples(seed: 208)
    let centres = (0..<10).map { _ in samples.vector(128) }
    let rows = (0..<2500).map { samples.near(centres[$0 / 250], spread: 0.2) }
    let index = try makeIndex(128, efConstruction: 100)
    try index.add(rows.flatMap { $0 }, keys: rows.indices.map { UInt64($0) })
    let gone = rows.indices.filter { $0 % 10 != 3 }
    for i in gone { try index.remove(UInt64(i)) }
    try index.checkInvariants()
    try index.add(gone.flatMap { rows[$0] }, keys: gone.map { UInt64($0) })
    try index.checkInvariants()
    let recall = try Self.recall(index, (0..<40).flatMap { samples.near(centres[$0 % 10], spread: 0.2) })
    #expect(recall >= 0.96, "recall \(recall)")
  }

  @Test("a pool that holds a whole wrong group does not end the search", arguments: [64, 300, 1000])
  func wrongGroup(ef: Int) throws {
    var samples = Samples(seed: 209)
    let centres = (0..<15).map { _ in samples.vector(128) }
    let index = try makeIndex(128, efConstruction: 100)
    for (i, centre) in centres.enumerated() {
      try index.add(
        (0..<300).flatMap { _ in samples.near(centre, spread: 0.2) },
        keys: (0..<300).map { UInt64(i * 300 + $0) })
    }
    let queries = (0..<300).flatMap { samples.near(centres[$0 % 15], spread: 0.2) }
    let found = try index.search(batch: queries, k: 1, options: .init(ef: ef, plan: .graph))
    let lost = found.indices.filter { Int(found[$0].neighbors[0].key) / 300 != $0 % 15 }
    #expect(lost.isEmpty, "queries that end in another group: \(lost)")
  }

  @Test(
    "a recall that is asked for is reached, whatever the data",
    arguments: ["spread", "groups", "lengths", "near"])
  func askedFor(kind: String) throws {
    var samples = Samples(seed: 210)
    let centres = (0..<10).map { _ in samples.vector(128) }
    func row(_ i: Int) -> [Float] {
      switch kind {
      case "groups": samples.near(centres[i % 10], spread: 0.3)
      case "lengths": samples.vector(128).map { $0 * [Float(1e-3), 1, 1e3][i % 3] }
      case "near": samples.near(centres[0], spread: 0.001)
      default: samples.vector(128)
      }
    }
    let metric = kind == "lengths" ? Metric.squaredDistance : .cosine
    let index = try makeIndex(128, metric: metric, efConstruction: 60)
    try index.add((0..<8000).flatMap(row), keys: (0..<8000).map { UInt64($0) }, threads: 2)
    let queries = (0..<100).flatMap(row)
    let exact = try index.search(batch: queries, k: 10, options: .init(plan: .exact))
    for wished in [0.8, 0.9, 0.99, 1] {
      let answers = try index.search(batch: queries, k: 10, options: .init(recall: wished))
      var found = 0
      for (answer, truth) in zip(answers, exact) {
        let last = truth.neighbors[9].score
        found += answer.neighbors.count { metric == .squaredDistance ? $0.score <= last : $0.score >= last }
        let expected = try #require(answer.expectedRecall)
        #expect(expected >= wished)
        if wished == 1 { #expect(answer.plan == .exactAsMeasured) }
      }
      #expect(Double(found) / 1000 >= wished - 0.005, "\(wished): \(Double(found) / 1000)")
    }
    // The graph says what it reaches, be it less.
    let answer = try index.search(
      Array(queries[0..<128]), k: 10, options: .init(recall: 0.9, plan: .graph))
    #expect(answer.plan == .graph && answer.expectedRecall != nil)
    #expect(try index.search(Array(queries[0..<128]), k: 10, options: .init(ef: 50)).expectedRecall == nil)
  }

  @Test("recall is measured as 1 where the pool holds everything", arguments: [6, 40, 1500], [2, 16])
  func everything(n: Int, M: Int) throws {
    var samples = Samples(seed: 211)
    let index = try makeIndex(70, M: M, efConstruction: 8)
    for key in 0..<n { try index.add(samples.vector(70), key: UInt64(key)) }
    #expect(try index.measureRecall(sample: 60, k: 10, ef: n).recall == 1)
  }
}
