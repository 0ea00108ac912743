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

  @Test("sorts ties by key")
  func ties() throws {
    let index = try makeIndex(4)
    for key: UInt64 in [9, 3, 7, 1] { try index.add([1, 2, 3, 4], key: key) }
    let found = try index.search([4, 3, 2, 1], k: 3).neighbors
    #expect(found.map(\.key) == [1, 3, 7])
  }
}
