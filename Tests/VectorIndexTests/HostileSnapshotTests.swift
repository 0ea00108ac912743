import Testing

@testable import VectorIndex

@Suite("Snapshots made to deceive")
struct HostileSnapshotTests {
  /// Opens what bytes say and searches it; true if it was refused.
  private func isRefused(_ path: String, mode: HNSWIndex.OpenMode, query: [Float]) -> Bool {
    do {
      let index = try HNSWIndex.open(path, mode: mode)
      for plan: SearchOptions.Plan in [.graph, .exact] {
        for neighbor in try index.search(query, k: 7, options: .init(ef: 20, plan: plan)).neighbors {
          _ = index.contains(neighbor.key)
        }
      }
      _ = index.statistics
      try index.checkInvariants()
      return false
    } catch {
      return true
    }
  }

  /// Sets the checksums of all sections and of the header to what the bytes have.
  private func seal(_ bytes: inout [UInt8]) {
    func number(_ at: Int, _ size: Int) -> Int {
      (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }
    func put(_ value: UInt64, at offset: Int) {
      for i in 0..<8 { bytes[offset + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
    }
    for i in 0..<min(24, number(104, 4)) {
      let at = 128 + 32 * i
      let (offset, size) = (number(at + 8, 7), number(at + 16, 7))
      guard size > 0, size <= bytes.count, offset <= bytes.count - size else { continue }
      let sum = bytes.withUnsafeBytes { all in
        all.baseAddress.map { checksum($0 + offset, bytes: size) } ?? 0
      }
      put(sum, at: at + 24)
    }
    put(0, at: 4088)
    let sum = bytes.withUnsafeBytes { all in all.baseAddress.map { checksum($0, bytes: 4096) } ?? 0 }
    put(sum, at: 4088)
  }

  @Test("changed bytes under right checksums are refused or harmless", arguments: [30, 70])
  func fuzz(dimension: Int) throws {
    let folder = TemporaryFolder()
    try SnapshotTests.sample(dimension: dimension, n: 120).save(to: folder.file("a"), userInfo: [1, 2])
    let original = try readFile(folder.file("a"))
    let query = [Float](repeating: 1, count: dimension)
    var samples = Samples(seed: 71)
    var refused = 0
    for round in 0..<400 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &samples.random) {
        // Half of the changes meet the header's fields; the others lie anywhere.
        let end = Bool.random(using: &samples.random) ? 480 : bytes.count
        let values: [UInt8] = [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &samples.random)]
        bytes[Int.random(in: 0..<end, using: &samples.random)] = values[round % values.count]
      }
      seal(&bytes)
      try writeFile(folder.file("b"), bytes)
      if isRefused(folder.file("b"), mode: round % 2 == 0 ? .map : .load, query: query) { refused += 1 }
    }
    #expect(refused > 100)
    // Sealing alone changes nothing.
    var bytes = original
    seal(&bytes)
    #expect(bytes == original)
    try writeFile(folder.file("b"), bytes)
    #expect(!isRefused(folder.file("b"), mode: .load, query: query))
  }

  @Test("a free slot that claims a level, and an entry point that is free, are refused")
  func freeSlots() throws {
    let folder = TemporaryFolder()
    let index = try SnapshotTests.sample(n: 120)
    try index.save(to: folder.file("a"))
    let original = try readFile(folder.file("a"))
    let free = try #require((0..<UInt32(120)).first { !index.storage.isLive($0) })
    // Sections follow the header in order: keys take one page, levels the next.
    var bytes = original
    bytes[4096 * 2 + Int(free)] = 3
    seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    #expect(throws: IndexError.damaged(path: folder.file("b"), part: "structure")) {
      try HNSWIndex.open(folder.file("b"))
    }
    bytes = original
    for i in 0..<4 { bytes[64 + i] = UInt8(truncatingIfNeeded: free >> UInt32(8 * i)) }
    for i in 4..<8 { bytes[64 + i] = 0 }
    seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("b")) }
  }
}
