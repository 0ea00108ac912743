import Testing

@testable import VectorIndex

@Suite("Bad input")
struct BadInputTests {
  @Test("vectors that cannot be compared are refused and nothing changes")
  func badVectors() throws {
    let index = try makeIndex(3)
    #expect(throws: IndexError.wrongDimension(expected: 3, actual: 2)) { try index.add([1, 2], key: 1) }
    #expect(throws: IndexError.notFinite(component: 1)) { try index.add([1, .nan, 2], key: 1) }
    #expect(throws: IndexError.notFinite(component: 2)) { try index.add([1, 1, .infinity], key: 1) }
    #expect(throws: IndexError.zeroVector) { try index.add([0, 0, 0], key: 1) }
    #expect(throws: IndexError.wrongKeyCount(rows: 2, keys: 3)) {
      try index.add([1, 2, 3, 4, 5, 6], keys: [1, 2, 3])
    }
    #expect(throws: IndexError.duplicateKey(1)) { try index.add([1, 2, 3, 4, 5, 6], keys: [1, 1]) }
    #expect(throws: IndexError.zeroVector) { try index.add([1, 2, 3, 0, 0, 0], keys: [1, 2]) }
    #expect(index.count == 0)
    try index.add([1, 2, 3], key: 1)
    #expect(throws: IndexError.duplicateKey(1)) { try index.add([1, 2, 3], key: 1) }
    #expect(throws: IndexError.unknownKey(2)) { try index.update([1, 2, 3], key: 2) }
    #expect(throws: IndexError.zeroVector) { try index.search([0, 0, 0], k: 1) }
    #expect(throws: IndexError.notFinite(component: 0)) { try index.search([.nan, 0, 0], k: 1) }
    #expect(throws: IndexError.invalidParameter(name: "k", value: "-1", allowed: "0 or more")) {
      try index.search([1, 0, 0], k: -1)
    }
    #expect(index.count == 1)
    #expect(try index.remove(2) == false)
  }

  @Test("a zero vector is an ordinary one for distances")
  func zeroDistance() throws {
    let index = try makeIndex(128, metric: .squaredDistance)
    try index.add([Float](repeating: 0, count: 128), key: 1)
    try index.add([Float](repeating: 1, count: 128), key: 2)
    let found = try index.search([Float](repeating: 0, count: 128), k: 2, options: .init(plan: .graph))
    #expect(found.neighbors == [Neighbor(key: 1, score: 0), Neighbor(key: 2, score: 128)])
  }

  @Test("huge and tiny magnitudes do not break arithmetic", arguments: Metric.allCases)
  func magnitudes(metric: Metric) throws {
    let index = try makeIndex(128, metric: metric)
    for (key, size) in [Float(1e-30), 1e-10, 1, 1e10, 1e17].enumerated() {
      try index.add((0..<128).map { Float($0 % 5) * size + size }, key: UInt64(key))
    }
    let query = (0..<128).map { Float($0 % 3) + 1 }
    for plan: SearchOptions.Plan in [.graph, .exact] {
      #expect(try index.search(query, k: 10, options: .init(plan: plan)).neighbors.count == 5)
    }
    try index.checkInvariants()
  }

  @Test("configurations outside their range are refused")
  func configuration() {
    #expect(throws: IndexError.self) { try makeIndex(0) }
    #expect(throws: IndexError.self) { try makeIndex(4, M: 1) }
    #expect(throws: IndexError.self) { try makeIndex(4, efConstruction: 0) }
  }

  @Test("a full index says so")
  func full() throws {
    let index = try makeIndex(4, maximumCount: 3)
    try index.add([1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3], keys: [1, 2, 3])
    #expect(throws: IndexError.full(maximumCount: 3)) { try index.add([1, 1, 1, 1], key: 4) }
    try index.remove(2)
    try index.compact()
    try index.add([1, 1, 1, 1], key: 4)
    #expect(index.count == 3)
  }
}
