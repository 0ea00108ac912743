import Testing

@testable import VectorIndex

@Suite("Graph search")
struct GraphSearchTests {
  @Test(
    "reaches high recall on face-like data", arguments: Metric.allCases, [8, 100, 128])
  func recall(metric: Metric, dimension: Int) throws {
    var samples = Samples(seed: 11)
    let index = try makeIndex(dimension, metric: metric)
    try index.add(
      samples.faces(people: 1000, photos: 4, dimension: dimension), keys: (0..<4000).map { UInt64($0) })
    try index.checkInvariants()
    let report = try index.measureRecall(sample: 50, k: 10, ef: 100)
    #expect(report.recall >= 0.95, "recall \(report.recall)")
  }

  @Test("returns exact scores, sorted, without repeats")
  func scores() throws {
    var samples = Samples(seed: 12)
    let index = try makeIndex(128)
    let rows = samples.faces(people: 800, photos: 5, dimension: 128)
    try index.add(rows, keys: (0..<4000).map { UInt64($0) })
    let query = samples.near(Array(rows[0..<128]), spread: 0.4)
    let found = try index.search(query, k: 50, options: .init(plan: .graph))
    #expect(found.plan == .graph)
    #expect(found.neighbors.count == 50)
    #expect(Set(found.neighbors.map(\.key)).count == 50)
    for neighbor in found.neighbors {
      let i = Int(neighbor.key) * 128
      let expected = referenceScore(.cosine, query, Array(rows[i..<(i + 128)]))
      #expect(abs(Double(neighbor.score) - expected) < 1e-5)
    }
    #expect(found.neighbors.map(\.score) == found.neighbors.map(\.score).sorted(by: >))
  }

  @Test("answers with all there is when k is larger")
  func largeK() throws {
    var samples = Samples(seed: 13)
    let index = try makeIndex(16)
    try index.add(samples.rows(300, 16), keys: (0..<300).map { UInt64($0) })
    for plan: SearchOptions.Plan in [.graph, .exact, .automatic] {
      let found = try index.search(samples.vector(16), k: 1000, options: .init(plan: plan))
      #expect(found.neighbors.count == 300)
    }
  }

  @Test("an empty index and one vector are fine")
  func tiny() throws {
    let index = try makeIndex(3)
    #expect(try index.search([1, 2, 3], k: 5, options: .init(plan: .graph)).neighbors.isEmpty)
    try index.checkInvariants()
    try index.add([1, 0, 0], key: 42)
    try index.checkInvariants()
    #expect(try index.search([2, 0, 0], k: 5, options: .init(plan: .graph)).neighbors.map(\.key) == [42])
    #expect(try index.search([2, 0, 0], k: 0).neighbors.isEmpty)
  }

  @Test("hundreds of duplicates stay connected and are all found")
  func duplicates() throws {
    var samples = Samples(seed: 14)
    let index = try makeIndex(128, M: 8)
    let copy = samples.vector(128)
    var rows: [Float] = []
    for _ in 0..<700 { rows += copy }
    rows += samples.rows(1500, 128)
    try index.add(rows, keys: (0..<2200).map { UInt64($0) })
    let report = try index.checkInvariants()
    #expect(report.reachable == 2200)
    let found = try index.search(copy, k: 700, options: .init(ef: 1400, plan: .graph))
    #expect(found.neighbors.count { $0.key < 700 } == 700)
  }

  @Test("vectors added one by one are found like those added at once")
  func oneByOne() throws {
    var samples = Samples(seed: 15)
    let index = try makeIndex(128, efConstruction: 60)
    let rows = samples.faces(people: 400, photos: 4, dimension: 128)
    for i in 0..<1600 { try index.add(Array(rows[(i * 128)..<((i + 1) * 128)]), key: UInt64(i)) }
    try index.checkInvariants()
    #expect(try index.measureRecall(sample: 50, k: 10, ef: 80).recall >= 0.95)
  }

  @Test("clusters far larger than M are found whole", arguments: Metric.allCases)
  func clusters(metric: Metric) throws {
    var samples = Samples(seed: 14)
    let index = try makeIndex(70, metric: metric, efConstruction: 200)
    var centres: [[Float]] = []
    var rows: [Float] = []
    for _ in 0..<40 {
      let centre = samples.vector(70)
      centres.append(centre)
      for _ in 0..<100 { rows += samples.near(centre, spread: 0.02) }
    }
    try index.add(rows, keys: (0..<4000).map { UInt64($0) })
    try index.checkInvariants()
    for i in stride(from: 0, to: 40, by: 7) {
      let found = try index.search(centres[i], k: 100, options: .init(ef: 150, plan: .graph)).neighbors
      let exact = try index.search(centres[i], k: 100, options: .init(plan: .exact)).neighbors
      #expect(Set(found.map(\.key)).intersection(exact.map(\.key)).count >= 90)
    }
  }

  @Test("graphs of any dimension are whole and find themselves", arguments: [1, 2, 7, 65, 127, 512, 1536])
  func dimensions(dimension: Int) throws {
    var samples = Samples(seed: 15)
    let index = try makeIndex(dimension, metric: .squaredDistance, M: 8, efConstruction: 40)
    let rows = samples.rows(400, dimension)
    try index.add(rows, keys: (0..<400).map { UInt64($0) })
    try index.checkInvariants()
    for i in stride(from: 0, to: 400, by: 9) {
      let row = Array(rows[(i * dimension)..<((i + 1) * dimension)])
      let found = try index.search(row, k: 1, options: .init(ef: 40, plan: .graph)).neighbors
      #expect(found.first?.score == 0)
    }
  }
}
