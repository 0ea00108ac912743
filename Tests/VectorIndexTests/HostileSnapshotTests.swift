import Glibc
import TestSupport
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
          _ = try index.contains(neighbor.key)
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
  static func seal(_ bytes: inout [UInt8]) {
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
    let folder = try TemporaryFolder()
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
      Self.seal(&bytes)
      try writeFile(folder.file("b"), bytes)
      if isRefused(folder.file("b"), mode: round % 2 == 0 ? .map : .load, query: query) { refused += 1 }
    }
    #expect(refused > 100)
    // Sealing alone changes nothing.
    var bytes = original
    Self.seal(&bytes)
    #expect(bytes == original)
    try writeFile(folder.file("b"), bytes)
    #expect(!isRefused(folder.file("b"), mode: .load, query: query))
  }

  @Test("a free slot that claims a level, and an entry point that is free, are refused")
  func freeSlots() throws {
    let folder = try TemporaryFolder()
    let index = try SnapshotTests.sample(n: 120)
    try index.save(to: folder.file("a"))
    let original = try readFile(folder.file("a"))
    let free = try #require((0..<UInt32(120)).first { !index.storage.isCurrent($0) })
    // Sections follow the header in order: keys take one page, levels the next.
    var bytes = original
    bytes[4096 * 2 + Int(free)] = 3
    Self.seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    #expect(throws: IndexError.damaged(path: folder.file("b"), part: "structure")) {
      try HNSWIndex.open(folder.file("b"))
    }
    bytes = original
    for i in 0..<4 { bytes[64 + i] = UInt8(truncatingIfNeeded: free >> UInt32(8 * i)) }
    for i in 4..<8 { bytes[64 + i] = 0 }
    Self.seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("b")) }
  }

  /// Where a section begins in a file.
  static func offset(of kind: SnapshotHeader.Kind, in bytes: [UInt8]) -> Int {
    for i in 0..<24 where bytes[128 + 32 * i] == UInt8(kind.rawValue) {
      return (0..<8).reduce(0) { $0 | Int(bytes[128 + 32 * i + 8 + $1]) << (8 * $1) }
    }
    return 0
  }

  enum Craft: CaseIterable {
    case linkOutside, linkToFree, parentOutside, circle, allChildren, twoParents, sameKeys
  }

  @Test(
    "links, trees and keys that changes could not bear are refused, whatever the checksums say",
    arguments: Craft.allCases)
  func crafted(craft: Craft) throws {
    let folder = try TemporaryFolder()
    // Large enough to be mapped, too.
    let index = try SnapshotTests.sample(dimension: 30, n: 1500)
    try index.save(to: folder.file("a"))
    var bytes = try readFile(folder.file("a"))
    let links = Self.offset(of: .baseLinks, in: bytes)
    let width = index.storage.baseDegree
    func word(_ slot: Int, _ j: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[links + 4 * (slot * width + j) + $1]) << UInt32(8 * $1) }
    }
    func put(_ value: UInt32, _ slot: Int, _ j: Int) {
      for i in 0..<4 {
        bytes[links + 4 * (slot * width + j) + i] = UInt8(truncatingIfNeeded: value >> UInt32(8 * i))
      }
    }
    /// Where the tree link of a kind lies in a slot's list.
    func place(_ slot: Int, _ flag: UInt32) -> Int? {
      (0..<width).first { word(slot, $0) != Link.empty && word(slot, $0) & flag != 0 }
    }
    let live = (0..<1500).filter { index.storage.isCurrent(UInt32($0)) }
    let free = try #require((0..<1500).first { !index.storage.isCurrent(UInt32($0)) })
    let child = try #require(live.first { place($0, Link.parent) != nil && place($0, Link.child) != nil })
    let toParent = try #require(place(child, Link.parent))
    switch craft {
    case .linkOutside: put(0x3F00_0000, live[3], width - 1)
    case .linkToFree: put(UInt32(free), live[3], width - 1)
    case .parentOutside: put(0x3F00_0000 | Link.parent, child, toParent)
    case .circle:
      // A node and its child become each other's parent.
      let below = Int(Link.slot(word(child, try #require(place(child, Link.child)))))
      let above = Int(Link.slot(word(child, toParent)))
      let down = try #require((0..<width).first { Int(Link.slot(word(above, $0))) == child })
      put(word(above, down) & Link.mask, above, down)
      put(UInt32(below) | Link.parent, child, toParent)
      let back = try #require((0..<width).first { Int(Link.slot(word(below, $0))) == child })
      let gap = (0..<width).first { word(below, $0) == Link.empty } ?? (back + 1) % width
      put(UInt32(child) | Link.child, below, gap)
    case .allChildren:
      for slot in live {
        for j in 0..<width where word(slot, j) != Link.empty {
          put(word(slot, j) & Link.mask | Link.child, slot, j)
        }
      }
    case .twoParents:
      let other = try #require((0..<width).first { word(child, $0) & Link.tree == 0 })
      put(word(child, other) | Link.parent, child, other)
    case .sameKeys:
      let keys = Self.offset(of: .keys, in: bytes)
      for i in 0..<8 { bytes[keys + 8 * live[1] + i] = bytes[keys + 8 * live[2] + i] }
    }
    Self.seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("b"), mode: .load) }
    let mapped = try HNSWIndex.open(folder.file("b"), mode: .map)
    let query = [Float](repeating: 1, count: 30)
    _ = try? mapped.search(query, k: 5, options: .init(ef: 2000, plan: .graph))
    #expect(throws: IndexError.self) { try mapped.verify() }
    #expect(throws: IndexError.self) { try mapped.remove(5) }
    #expect(throws: IndexError.self) { try mapped.add(query, key: 99_999) }
    #expect(throws: IndexError.self) { try mapped.compact() }
  }

  @Test("sizes in a header that memory could not hold are refused or do no harm")
  func sizes() throws {
    let folder = try TemporaryFolder()
    let index = try SnapshotTests.sample(n: 4000)
    try index.tune(recall: 0.5, k: 3)
    try index.save(to: folder.file("a"), userInfo: [1])
    let original = try readFile(folder.file("a"))
    func changed(_ at: Int, to value: UInt64) throws -> String {
      var bytes = original
      for i in 0..<8 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
      Self.seal(&bytes)
      try writeFile(folder.file("b"), bytes)
      return folder.file("b")
    }
    // All tuning points ask for 2^40 candidates.
    var bytes = original
    for i in 0..<Int(bytes[100]) {
      for j in 0..<8 { bytes[1024 + 16 * i + j] = j == 5 ? 1 : 0 }
    }
    Self.seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    let opened = try HNSWIndex.open(folder.file("b"), mode: .load)
    let query = [Float](repeating: 1, count: 128)
    #expect(try opened.search(query, k: 3, options: .init(plan: .graph)).neighbors.count == 3)
    #expect(try opened.search(query, k: 50, options: .init(plan: .graph)).neighbors.count == 50)
    // Slots, lists and bytes of userInfo.
    for at in [48, 72, 80] {
      let path = try changed(at, to: 1 << 36)
      #expect(throws: IndexError.self, "\(at)") { try HNSWIndex.open(path) }
      if at == 80 { #expect(throws: IndexError.self) { try HNSWIndex.userInfo(of: path) } }
    }
    // A section of userInfo of 64 GB in a sparse file.
    bytes = original
    let last = 128 + 32 * (Int(bytes[104]) - 1)
    for (at, value) in [(80, UInt64(1) << 36), (last + 16, 1 << 36)] {
      for i in 0..<8 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
    }
    Self.seal(&bytes)
    try writeFile(folder.file("b"), bytes)
    truncate(folder.file("b"), original.count - 4096 + (1 << 36))
    #expect(throws: IndexError.self) { try HNSWIndex.open(folder.file("b")) }
    #expect(throws: IndexError.self) { try HNSWIndex.userInfo(of: folder.file("b")) }
  }
}
