import Synchronization
import Testing

@testable import VectorIndex

@Suite("Adding, updating and removing")
struct ChangeTests {
  @Test("random operations agree with a dictionary", arguments: [Metric.cosine, .squaredDistance], [3, 70])
  func randomOperations(metric: Metric, dimension: Int) throws {
    var samples = Samples(seed: 21)
    let index = try makeIndex(dimension, metric: metric, M: 6, efConstruction: 40)
    var model: [UInt64: [Float]] = [:]
    for step in 0..<4000 {
      let key = UInt64.random(in: 0..<600, using: &samples.random)
      switch Int.random(in: 0..<10, using: &samples.random) {
      case 0..<5:
        let vector = samples.vector(dimension)
        if model[key] == nil {
          try index.add(vector, key: key)
          model[key] = vector
        } else {
          try index.update(vector, key: key)
          model[key] = vector
        }
      case 5..<9:
        #expect(try index.remove(key) == (model.removeValue(forKey: key) != nil))
      default:
        let query = samples.vector(dimension)
        let exact = try index.search(query, k: 5, options: .init(plan: .exact)).neighbors
        let expected = referenceScores(metric, model, query, k: 5)
        #expect(exact.count == expected.count)
        for (neighbor, score) in zip(exact, expected) {
          #expect(abs(Double(neighbor.score) - score) < 1e-3 * max(1, abs(score)))
        }
        let graph = try index.search(query, k: 5, options: .init(ef: 100, plan: .graph)).neighbors
        #expect(graph.allSatisfy { model[$0.key] != nil })
        #expect(graph.count == expected.count)
      }
      if step % 500 == 499 { try index.checkInvariants() }
      #expect(index.count == model.count)
    }
    for key in model.keys { try index.remove(key) }
    #expect(index.count == 0)
    try index.checkInvariants()
    try index.add(samples.vector(dimension), key: 5)
    try index.checkInvariants()
  }

  @Test("what is removed while removed nodes are swept away leads nobody to slots that others have taken")
  func removedDuringSweep() throws {
    var samples = Samples(seed: 23)
    // A sweep takes several removals only beyond some thousand slots.
    let (dimension, count) = (16, 9000)
    let index = try makeIndex(dimension, M: 6, efConstruction: 30)
    try index.add(samples.rows(count, dimension), keys: (0..<count).map { UInt64($0) })
    let center = samples.vector(dimension)
    var hot: [UInt64] = []
    for step in 0..<400 {
      for i in 0..<5 {
        let key = UInt64(count + 5 * step + i)
        try index.add(samples.near(center, spread: 0.2), key: key)
        hot.append(key)
      }
      while hot.count > 60 {
        try index.remove(hot.remove(at: Int.random(in: 0..<hot.count, using: &samples.random)))
      }
      if step % 20 == 19 { try index.checkInvariants() }
    }
  }

  @Test("removing and adding half again keeps recall and memory")
  func churn() throws {
    var samples = Samples(seed: 22)
    let rows = samples.faces(people: 1000, photos: 4, dimension: 128)
    let fresh = try makeIndex(128)
    try fresh.add(rows, keys: (0..<4000).map { UInt64($0) })
    let index = try makeIndex(128)
    try index.add(rows, keys: (0..<4000).map { UInt64($0) })
    for _ in 0..<2 {
      let half = (0..<4000).shuffled(using: &samples.random).prefix(2000)
      for i in half { try index.remove(UInt64(i)) }
      try index.checkInvariants()
      for i in half { try index.add(Array(rows[(i * 128)..<((i + 1) * 128)]), key: UInt64(i)) }
      try index.checkInvariants()
    }
    #expect(index.slotCount.load(ordering: .relaxed) <= 4010)
    let before = try fresh.measureRecall(sample: 200, k: 10, ef: 30).recall
    let after = try index.measureRecall(sample: 200, k: 10, ef: 30).recall
    #expect(after >= before - 0.02, "\(before) before, \(after) after")
  }

  @Test("a batch of new and old keys is added and replaced, or refused as a whole", arguments: [1, 3])
  func upsert(threads: Int) throws {
    var samples = Samples(seed: 25)
    let dimension = 24
    let index = try makeIndex(dimension, metric: .squaredDistance, maximumCount: 900)
    try index.upsert(samples.rows(600, dimension), keys: (0..<600).map { UInt64($0) }, threads: threads)
    // 300 that are there and 200 that are not, in one another.
    let keys = (300..<800).map { UInt64($0) }.shuffled(using: &samples.random)
    let batch = samples.rows(500, dimension)
    try index.upsert(batch, keys: keys, threads: threads)
    #expect(index.count == 800)
    for (i, key) in keys.enumerated() {
      #expect(try index.vector(for: key) == Array(batch[(i * dimension)..<((i + 1) * dimension)]))
    }
    try index.checkInvariants()
    let before = try index.allKeys().sorted()
    let two = Array(batch.prefix(2 * dimension))
    var notFinite = two
    notFinite[dimension + 3] = .nan
    #expect(throws: IndexError.duplicateKey(7)) { try index.upsert(two, keys: [7, 7]) }
    #expect(throws: IndexError.self) { try index.upsert(notFinite, keys: [5, 6]) }
    #expect(throws: IndexError.self) { try index.upsert(two, keys: [5, 6, 7]) }
    #expect(throws: IndexError.self) { try index.upsert(two, keys: [5, 6], threads: 0) }
    let many = samples.rows(101, dimension)
    #expect(throws: IndexError.full(maximumCount: 900)) {
      try index.upsert(many, keys: (2000..<2101).map { UInt64($0) })
    }
    #expect(try index.allKeys().sorted() == before)
    #expect(try index.vector(for: 5) != Array(two.prefix(dimension)))
    try index.upsert([], keys: [])
  }

  @Test("a removed vector's bytes are gone")
  func bytesAreGone() throws {
    let index = try makeIndex(128)
    var samples = Samples(seed: 23)
    try index.add(samples.rows(200, 128), keys: (0..<200).map { UInt64($0) })
    let secret = (0..<128).map { Float($0) + 0.125 }
    try index.add(secret, key: 777)
    try index.remove(777)
    try index.compact()
    for slot in 0..<UInt32(index.slotCount.load(ordering: .relaxed)) where !index.storage.isCurrent(slot) {
      #expect((0..<128).allSatisfy { index.storage.row(slot)[$0] == 0 })
      #expect((0..<64).allSatisfy { index.storage.code(slot)[$0] == 0 })
      #expect(index.storage.keys[Int(slot)] == 0)
    }
  }

  @Test("merging brings over everything")
  func merge() throws {
    var samples = Samples(seed: 24)
    let a = try makeIndex(20)
    let b = try makeIndex(20)
    try a.add(samples.rows(100, 20), keys: (0..<100).map { UInt64($0) })
    let rows = samples.rows(150, 20)
    try b.add(rows, keys: (100..<250).map { UInt64($0) })
    try a.merge(b)
    #expect(a.count == 250)
    #expect(try a.vector(for: 120) == b.vector(for: 120))
    try a.checkInvariants()
    #expect(throws: IndexError.duplicateKey(100)) { try a.merge(b) }
    #expect(throws: IndexError.self) { try a.merge(makeIndex(21)) }
  }
}
