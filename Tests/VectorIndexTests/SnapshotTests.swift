import TestSupport
import Testing

@testable import VectorIndex

@Suite("Snapshots")
struct SnapshotTests {
  static func sample(_ metric: Metric = .cosine, dimension: Int = 128, n: Int = 700) throws -> HNSWIndex {
    var samples = Samples(seed: 41)
    let index = try makeIndex(dimension, metric: metric, M: 4, efConstruction: 30)
    try index.add(samples.rows(n, dimension), keys: (0..<n).map { UInt64($0) })
    for key in stride(from: UInt64(0), to: UInt64(n), by: 9) { try index.remove(key) }
    return index
  }

  @Test(
    "an opened index answers, grows and shrinks like the saved one", arguments: Metric.allCases, [30, 128])
  func roundTrip(metric: Metric, dimension: Int) throws {
    let folder = try TemporaryFolder()
    let index = try Self.sample(metric, dimension: dimension)
    try index.save(to: folder.file("a"), userInfo: [1, 2, 3])
    #expect(try HNSWIndex.userInfo(of: folder.file("a")) == [1, 2, 3])
    var samples = Samples(seed: 42)
    for mode: HNSWIndex.OpenMode in [.map, .load] {
      let opened = try HNSWIndex.open(folder.file("a"), mode: mode)
      #expect(opened.userInfo == [1, 2, 3])
      #expect(opened.configuration == index.configuration)
      #expect(opened.count == index.count)
      for _ in 0..<20 {
        let query = samples.vector(dimension)
        for plan: SearchOptions.Plan in [.graph, .exact] {
          #expect(
            try opened.search(query, k: 5, options: .init(plan: plan))
              == index.search(query, k: 5, options: .init(plan: plan)))
        }
      }
      try opened.verify()
      try opened.checkInvariants()
      #expect(try opened.vector(for: 1) == index.vector(for: 1))
      #expect(try !opened.contains(0))
      for key in 1000..<1200 { try opened.add(samples.vector(dimension), key: UInt64(key)) }
      for key in stride(from: UInt64(1), to: 700, by: 9) { #expect(try opened.remove(key)) }
      try opened.checkInvariants()
    }
  }

  @Test("of a mapped snapshot only the codes are read ahead: links and vectors are asked for here and there")
  func advice() throws {
    let folder = try TemporaryFolder()
    try Self.sample().save(to: folder.file("a"))
    let index = try HNSWIndex.open(folder.file("a"), mode: .map)
    let advice = try MemoryMap.advice(of: folder.file("a"))
    #expect(advice.random == 2)
    #expect(advice.normal == 2)
    try index.verify()
    try index.checkInvariants()
  }

  @Test("damage is found though nobody waits for the check")
  func checkedByItself() throws {
    let folder = try TemporaryFolder()
    try Self.sample().save(to: folder.file("a"))
    var bytes = try readFile(folder.file("a"))
    bytes[bytes.count - 4096 - 64] ^= 1
    try writeFile(folder.file("a"), bytes)
    let index = try HNSWIndex.open(folder.file("a"), mode: .map)
    let query = [Float](repeating: 1, count: 128)
    let deadline = ContinuousClock.now + .seconds(60)
    #expect(throws: IndexError.damaged(path: folder.file("a"), part: "vectors")) {
      while ContinuousClock.now < deadline { _ = try index.search(query, k: 1) }
    }
  }

  @Test("the same calls give the same bytes, on any number of threads")
  func deterministic() throws {
    let folder = try TemporaryFolder()
    var samples = Samples(seed: 43)
    let rows = samples.faces(people: 600, photos: 4, dimension: 128)
    for (name, threads) in [("a", 1), ("b", 2), ("c", 3)] {
      let index = try makeIndex(128, efConstruction: 50, seed: 9)
      try index.add(rows, keys: (0..<2400).map { UInt64($0) }, threads: threads)
      for key in stride(from: UInt64(0), to: 2400, by: 5) { try index.remove(key) }
      try index.save(to: folder.file(name))
    }
    let first = try readFile(folder.file("a"))
    #expect(try first == readFile(folder.file("b")))
    #expect(try first == readFile(folder.file("c")))
  }

  @Test("every truncation is found")
  func truncation() throws {
    let folder = try TemporaryFolder()
    try Self.sample(n: 20).save(to: folder.file("a"))
    let bytes = try readFile(folder.file("a"))
    for length in stride(from: 0, to: bytes.count, by: 97) {
      try writeFile(folder.file("b"), Array(bytes.prefix(length)))
      #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("b")) }
    }
    try writeFile(folder.file("b"), bytes + [0])
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("b")) }
  }

  @Test("every flipped byte is found, and searching meanwhile is safe")
  func flips() throws {
    let folder = try TemporaryFolder()
    try Self.sample(dimension: 70, n: 12).save(to: folder.file("a"), userInfo: [7])
    var bytes = try readFile(folder.file("a"))
    let query = [Float](repeating: 1, count: 70)
    // Every byte that holds something, and of the zeros between every 17th.
    for i in bytes.indices where bytes[i] != 0 || i % 17 == 0 {
      bytes[i] ^= 0x41
      try writeFile(folder.file("b"), bytes)
      let mode: HNSWIndex.OpenMode = i % 2 == 0 ? .map : .load
      #expect(throws: IndexError.self, "byte \(i)") {
        let index = try HNSWIndex.open(folder.file("b"), mode: mode)
        _ = try index.search(query, k: 3, options: .init(plan: .graph))
        try index.verify()
      }
      bytes[i] ^= 0x41
    }
  }

  @Test("files of other kinds are refused with a reason")
  func foreign() throws {
    let folder = try TemporaryFolder()
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("a")) }
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.path) }
    try writeFile(folder.file("a"), [UInt8](repeating: 65, count: 10_000))
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("a")) }
    #expect(throws: IndexError.self) {
      try Self.sample(n: 20).save(to: "/nonexistent/folder/index")
    }
  }

  @Test("an empty index can be saved and opened")
  func empty() throws {
    let folder = try TemporaryFolder()
    try makeIndex(8).save(to: folder.file("a"))
    let opened = try HNSWIndex.open(folder.file("a"))
    #expect(opened.count == 0)
    try opened.add([Float](repeating: 1, count: 8), key: 3)
    try opened.checkInvariants()
  }
}
