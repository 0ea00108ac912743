import Foundation
import Synchronization
import TestSupport
import Testing

@testable import VectorIndex

@Suite("Room: what grows, shrinks and is full")
struct CapacityTests {
  /// Rows that differ, made from their numbers alone.
  static func row(_ i: Int, _ dimension: Int = 4) -> [Float] {
    var random = SplitMix(seed: UInt64(i))
    return (0..<dimension).map { _ in Float.random(in: -1...1, using: &random) }
  }

  @Test("every key on many levels: upper lists get the room that they need, in memory and in the file")
  func upperLists() throws {
    let folder = try TemporaryFolder()
    // With M = 2 a vector has one upper list on average. Keys are chosen that have at least six.
    let index = try makeIndex(4, metric: .squaredDistance, M: 2, efConstruction: 8, maximumCount: 1 << 20)
    let keys = (0..<UInt64.max).lazy.filter { index.level(for: $0) >= 6 }.prefix(3000).map { $0 }
    try index.add((0..<3000).flatMap { Self.row($0) }, keys: Array(keys))
    #expect(index.statistics.levels.dropFirst().reduce(0, +) >= 18_000)
    try index.checkInvariants()
    try index.save(to: folder.file("a"))
    for mode: HNSWIndex.OpenMode in [.map, .load] {
      let opened = try HNSWIndex.open(folder.file("a"), mode: mode)
      try opened.checkInvariants()
      try opened.add(Self.row(9_999_999), key: 77)
      try opened.checkInvariants()
    }
  }

  @Test("opening, emptying and filling again and again needs no more upper lists")
  func reopening() throws {
    let folder = try TemporaryFolder()
    var index = try makeIndex(4, metric: .squaredDistance, M: 4, efConstruction: 8)
    let rows = (0..<2000).flatMap { Self.row($0) }
    var most = 0
    for cycle in 0..<6 {
      try index.add(rows, keys: (0..<2000).map { UInt64($0) })
      let lists = index.writer.withLock { $0.upperCount }
      if cycle == 0 { most = lists + lists / 10 }
      #expect(lists <= most, "cycle \(cycle)")
      try index.save(to: folder.file("a"))
      index = try HNSWIndex.open(folder.file("a"), mode: .load)
      for key in 0..<UInt64(2000) { try index.remove(key) }
      try index.save(to: folder.file("a"))
      index = try HNSWIndex.open(folder.file("a"), mode: .load)
    }
  }

  @Test("arrays that move as the index grows keep everything, beside searches", .timeLimit(.minutes(2)))
  func growth() throws {
    let dimension = 70
    let index = try makeIndex(dimension, M: 4, efConstruction: 16)
    let first = index.storage.capacity
    let done = Atomic<Bool>(false)
    let wrong = Atomic<Int>(0)
    Parallel.run(threads: 2) { worker in
      if worker == 0 {
        for begin in stride(from: 0, to: 6000, by: 500) {
          let rows = (begin..<(begin + 500)).flatMap { Self.row($0, dimension) }
          if (try? index.add(rows, keys: (begin..<(begin + 500)).map { UInt64($0) })) == nil {
            wrong.add(1, ordering: .relaxed)
          }
        }
        done.store(true, ordering: .releasing)
        return
      }
      while !done.load(ordering: .acquiring) {
        for i in 0..<min(index.count, 20) {
          let found = try? index.search(Self.row(i, dimension), k: 1, options: .init(plan: .exact)).neighbors
          if found?.first?.key != UInt64(i) { wrong.add(1, ordering: .relaxed) }
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(index.storage.capacity > 8 * first)
    try index.checkInvariants()
    for i in stride(from: 0, to: 6000, by: 371) {
      let row = Self.row(i, dimension)
      let found = try #require(try index.vector(for: UInt64(i)))
      #expect(abs(referenceScore(.cosine, row, found) - 1) < 1e-6)
    }
  }

  @Test("a mapped snapshot can grow")
  func mappedGrowth() throws {
    let folder = try TemporaryFolder()
    try SnapshotTests.sample(n: 4000).save(to: folder.file("a"))
    let index = try HNSWIndex.open(folder.file("a"), mode: .map)
    let before = try index.vector(for: 1)
    try index.add((0..<5000).flatMap { Self.row($0, 128) }, keys: (10_000..<15_000).map { UInt64($0) })
    #expect(try index.vector(for: 1) == before)
    try index.checkInvariants()
  }

  @Test("a full index takes new vectors for those removed, and updates, and no more")
  func full() throws {
    let index = try makeIndex(4, maximumCount: 3000)
    try index.add((0..<3000).flatMap { Self.row($0) }, keys: (0..<3000).map { UInt64($0) })
    #expect(throws: IndexError.full(maximumCount: 3000)) { try index.add(Self.row(1), key: 9999) }
    for key in 0..<UInt64(3000) { try index.update(Self.row(Int(key) + 5000), key: key) }
    try index.remove(5)
    try index.add(Self.row(77), key: 9999)
    #expect(throws: IndexError.full(maximumCount: 3000)) { try index.add(Self.row(1), key: 9998) }
    #expect(index.count == 3000)
    try index.checkInvariants()
    let folder = try TemporaryFolder()
    try index.save(to: folder.file("a"))
    #expect(try HNSWIndex.open(folder.file("a")).count == 3000)
  }

  @Test(
    "compacting what is left of many gives memory and file back",
    arguments: [Metric.cosine, .squaredDistance])
  func shrinking(metric: Metric) throws {
    let folder = try TemporaryFolder()
    var samples = Samples(seed: 81)
    let rows = samples.rows(4000, 128)
    let index = try makeIndex(128, metric: metric, M: 6, efConstruction: 30)
    try index.add(rows, keys: (0..<4000).map { UInt64($0) })
    try index.save(to: folder.file("a"))
    let before = try readFile(folder.file("a")).count
    let kept = (0..<4000).filter { $0 % 41 == 7 }
    for key in 0..<4000 where key % 41 != 7 { try index.remove(UInt64(key)) }
    try index.compact()
    #expect(index.statistics.deletedSlots == 0)
    try index.checkInvariants()
    try index.save(to: folder.file("a"))
    #expect(try readFile(folder.file("a")).count < before / 10)
    for opened in [index, try HNSWIndex.open(folder.file("a"), mode: .load)] {
      #expect(try Set(opened.allKeys()) == Set(kept.map { UInt64($0) }))
      for key in kept {
        let row = Array(rows[(key * 128)..<((key + 1) * 128)])
        #expect(
          try opened.search(row, k: 1, options: .init(ef: 200, plan: .graph)).neighbors.first?.key
            == UInt64(key))
      }
      try opened.add((0..<1000).flatMap { Self.row($0, 128) }, keys: (5000..<6000).map { UInt64($0) })
      try opened.checkInvariants()
    }
  }

  @Test("a thousand small indexes, and one of any maximumCount, take little address space")
  func addressSpace() throws {
    func virtualBytes() throws -> Int {
      let text = try String(decoding: readPseudoFile("/proc/self/statm"), as: UTF8.self)
      return try #require(Int(text.split(separator: " ")[0])) * 4096
    }
    let before = try virtualBytes()
    var all: [HNSWIndex] = []
    for _ in 0..<1000 { all.append(try HNSWIndex(.init(dimension: 512, maximumCount: 1 << 29))) }
    try all[0].add(Self.row(1, 512), key: 1)
    #expect(try virtualBytes() - before < 4 << 30)
  }

  @Test("no single removal reads more than its share of lists")
  func removalInPieces() throws {
    let index = try makeIndex(4, metric: .squaredDistance, M: 4, efConstruction: 8)
    try index.add((0..<9000).flatMap { Self.row($0) }, keys: (0..<9000).map { UInt64($0) })
    var last: UInt32 = 0
    for key in 0..<UInt64(400) {
      try index.remove(key)
      let next = index.writer.withLock { $0.sweep?.next ?? 0 }
      #expect(next == 0 || next - last <= 2048)
      last = next
    }
    try index.checkInvariants()
    #expect(index.statistics.deletedSlots == 400)
    #expect(index.writer.withLock { $0.freeSlots.count } == 400)
  }
}

/// The contents of a file whose size is not known beforehand.
func readPseudoFile(_ path: String) throws -> [UInt8] {
  let file = try File(path, O_RDONLY, operation: "open")
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let n = read(file.descriptor, &bytes, bytes.count)
  return Array(bytes.prefix(max(0, n)))
}
