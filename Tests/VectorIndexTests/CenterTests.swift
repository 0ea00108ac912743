import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Vectors with a large common part, as a real network's")
struct CenterTests {
  /// Unit vectors around a common direction, as far from it as those of dlib's network.
  private static func rows(_ n: Int, _ dimension: Int, _ samples: inout Samples) -> [Float] {
    let common = samples.vector(dimension)
    var rows: [Float] = []
    for _ in 0..<n { rows += samples.near(common, spread: 0.45) }
    return rows
  }

  private static func row(_ rows: [Float], _ i: Int, _ dimension: Int) -> [Float] {
    Array(rows[(i * dimension)..<((i + 1) * dimension)])
  }

  /// The share of what an exact scan finds that the graph finds too.
  private static func recall(_ index: HNSWIndex, _ queries: [Float], _ dimension: Int, ef: Int) throws
    -> Double
  {
    let exact = try index.search(batch: queries, k: 10, options: .init(plan: .exact))
    let graph = try index.search(batch: queries, k: 10, options: .init(ef: ef, plan: .graph))
    let found = zip(exact, graph).reduce(0) {
      $0 + Set($1.0.neighbors.map(\.key)).intersection($1.1.neighbors.map(\.key)).count
    }
    return Double(found) / Double(exact.reduce(0) { $0 + $1.neighbors.count })
  }

  @Test("codes are made relative to their mean, and everything stays exact", arguments: [100, 128, 300])
  func centered(dimension: Int) throws {
    var samples = Samples(seed: 91)
    let rows = Self.rows(2030, dimension, &samples)
    let index = try makeIndex(dimension, M: 8, efConstruction: 40)
    try index.add(Array(rows[0..<(2000 * dimension)]), keys: (0..<2000).map { UInt64($0) }, threads: 2)
    #expect(index.storage.center.isSet)
    #expect(index.storage.center.spread < 0.7)
    try index.checkInvariants()
    let queries = Array(rows[(2000 * dimension)...])
    var all: [UInt64: [Float]] = [:]
    for i in 0..<2000 { all[UInt64(i)] = Self.row(rows, i, dimension) }
    for i in 0..<5 {
      let query = Self.row(queries, i, dimension)
      let found = try index.search(query, k: 10, options: .init(plan: .exact)).neighbors
      for (neighbor, score) in zip(found, referenceScores(.cosine, all, query, k: 10)) {
        #expect(abs(Double(neighbor.score) - score) <= 1e-6)
      }
    }
    // More dimensions take a wider search of a graph as thin as this.
    #expect(try Self.recall(index, queries, dimension, ef: dimension > 128 ? 80 : 60) >= 0.8)
  }

  @Test("codes without a centre leave out far more of such vectors")
  func residuals() throws {
    var samples = Samples(seed: 92)
    let rows = Self.rows(1200, 128, &samples)
    let index = try makeIndex(128, M: 4, efConstruction: 16)
    try index.add(Array(rows[0..<(1000 * 128)]), keys: (0..<1000).map { UInt64($0) })
    #expect(!index.storage.center.isSet)
    let before = (0..<1000).reduce(Float(0)) { $0 + index.storage.residuals[$1] }
    for i in 1000..<1200 { try index.add(Self.row(rows, i, 128), key: UInt64(i)) }
    #expect(index.storage.center.isSet)
    let after = (0..<1000).reduce(Float(0)) { $0 + index.storage.residuals[$1] }
    #expect(after < before * 0.7)
    try index.checkInvariants()
    // Of what is left out hardly anything lies along the centre.
    let center = index.storage.center
    for slot in 0..<UInt32(50) {
      let code = index.storage.code(slot)
      var along: Float = 0
      var rotated = (0..<128).map { index.storage.row(slot)[$0] - center.values[$0] }
      rotated.withUnsafeMutableBufferPointer { row in
        if let row = row.baseAddress { index.space.rotation.apply(row) }
      }
      let step = index.space.step(norm: center.spread)
      for i in 0..<128 {
        let level = i < 64 ? code[i] & 15 : code[i - 64] >> 4
        along += (rotated[i] - step * (Float(level) - 7.5)) * center.direction[i]
      }
      #expect(abs(along) < 0.15 * step)
    }
  }

  @Test("vectors spread around the origin keep codes without a centre")
  func noCenter() throws {
    var samples = Samples(seed: 93)
    let index = try makeIndex(128, M: 4, efConstruction: 16)
    try index.add(samples.faces(people: 300, photos: 5, dimension: 128), keys: (0..<1500).map { UInt64($0) })
    #expect(!index.storage.center.isSet)
  }

  @Test("a beginning that is like nothing after it does no lasting harm")
  func biasedBeginning() throws {
    var samples = Samples(seed: 94)
    let one = samples.vector(128)
    let index = try makeIndex(128, M: 8, efConstruction: 40)
    var first: [Float] = []
    for _ in 0..<1100 { first += samples.near(one, spread: 0.1) }
    try index.add(first, keys: (0..<1100).map { UInt64($0) })
    let narrow = index.storage.center.spread
    #expect(index.storage.center.isSet && narrow < 0.2)
    let rows = Self.rows(4030, 128, &samples)
    try index.add(Array(rows[0..<(4000 * 128)]), keys: (2000..<6000).map { UInt64($0) }, threads: 2)
    #expect(index.storage.center.spread > narrow * 2)
    try index.checkInvariants()
    #expect(try Self.recall(index, Array(rows[(4000 * 128)...]), 128, ef: 80) >= 0.8)
  }

  @Test("a snapshot keeps the centre, byte by byte, and damage to it is found")
  func snapshot() throws {
    var samples = Samples(seed: 95)
    let rows = Self.rows(1530, 128, &samples)
    let folder = try TemporaryFolder()
    for (name, threads) in [("a", 1), ("b", 2)] {
      let index = try makeIndex(128, M: 4, efConstruction: 16)
      try index.add(Array(rows[0..<(1500 * 128)]), keys: (0..<1500).map { UInt64($0) }, threads: threads)
      try index.save(to: folder.file(name))
    }
    let bytes = try readFile(folder.file("a"))
    #expect(try readFile(folder.file("b")) == bytes)
    #expect(bytes[8] == 2)
    let queries = Array(rows[(1500 * 128)...])
    let index = try HNSWIndex.open(folder.file("a"), mode: .load)
    for plan: SearchOptions.Plan in [.graph, .exact] {
      let options = SearchOptions(ef: 30, plan: plan)
      let expected = try index.search(batch: queries, k: 5, options: options)
      let mapped = try HNSWIndex.open(folder.file("b"), mode: .map)
      #expect(try mapped.search(batch: queries, k: 5, options: options) == expected)
    }
    try index.add(Self.row(queries, 0, 128), key: 5000)
    try index.checkInvariants()
    // The centre is the first section.
    for i in stride(from: 4096, to: 8192, by: 97) {
      var changed = bytes
      changed[i] ^= 0x10
      try writeFile(folder.file("c"), changed)
      for mode: HNSWIndex.OpenMode in [.load, .map] {
        #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("c"), mode: mode) }
      }
    }
  }

  @Test("searches beside a writer that makes all codes anew miss nothing", .timeLimit(.minutes(5)))
  func concurrent() throws {
    var samples = Samples(seed: 96)
    let rows = Self.rows(1200, 128, &samples)
    let wrong = Atomic<Int>(0)
    let inexact = Atomic<Int>(0)
    for _ in 0..<3 {
      let index = try makeIndex(128, efConstruction: 60)
      try index.add(Array(rows[0..<(900 * 128)]), keys: (0..<900).map { UInt64($0) })
      let done = Atomic<Bool>(false)
      Parallel.run(threads: 2) { worker in
        if worker == 0 {
          for i in 900..<1200 where (try? index.add(Self.row(rows, i, 128), key: UInt64(i))) == nil {
            wrong.add(1, ordering: .relaxed)
          }
          done.store(true, ordering: .releasing)
          return
        }
        var i = 0
        while !done.load(ordering: .acquiring) {
          i = (i + 7) % 900
          let options = SearchOptions(ef: 300, plan: i % 2 == 0 ? .exact : .graph)
          let found = try? index.search(Self.row(rows, i, 128), k: 3, options: options).neighbors
          if found?.first?.key != UInt64(i) {
            if i % 2 == 0 {
              inexact.add(1, ordering: .relaxed)
            } else {
              wrong.add(1, ordering: .relaxed)
            }
          }
        }
      }
      #expect(index.storage.center.isSet)
      try index.checkInvariants()
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(inexact.load(ordering: .relaxed) == 0)
  }
}
