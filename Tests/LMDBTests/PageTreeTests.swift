import Foundation
import TestSupport
import Testing

@testable import LMDB

@Suite("Pages of a database")
struct PageTreeTests {
  /// Numbers with gaps between them, on three levels of pages, after some were written anew and some removed.
  private func filled(_ path: String) throws -> Table {
    let table = try Table(path)
    for start in stride(from: UInt64(0), to: 12_000, by: 2000) {
      try table.environment.write { transaction in
        for number in start..<start + 2000 {
          try transaction.put([UInt8](repeating: 7, count: 500), for: number * 3, in: table.database)
        }
      }
    }
    try table.environment.write { transaction in
      for number in stride(from: UInt64(0), to: 9000, by: 7) {
        try transaction.put([UInt8](repeating: 8, count: 500), for: number * 3, in: table.database)
        try transaction.remove(number * 3 + 3000, from: table.database)
      }
    }
    return table
  }

  private func tree(_ transaction: borrowing ReadTransaction) throws -> PageTree {
    let tree = PageTree(of: "table", transaction.raw)
    return try #require(tree)
  }

  /// The page that holds a value, as it says itself.
  private func page(
    of number: UInt64, in table: Table, _ transaction: borrowing ReadTransaction
  ) throws -> Int? {
    try transaction.withBytes(for: number, in: table.database) { bytes in
      bytes?.withUnsafeBytes { bytes in
        bytes.baseAddress.map { address in
          let page = UnsafeRawPointer(bitPattern: Int(bitPattern: address) & ~(Int(getpagesize()) - 1))
          return Int(page?.load(as: UInt64.self) ?? 0)
        }
      }
    }
  }

  @Test("the pages of a range are those that hold its values, in order, and at most one more at each end")
  func range() throws {
    let folder = try TemporaryFolder()
    let table = try filled(folder.path)
    try table.environment.read { transaction in
      let tree = try tree(transaction)
      for range in [0..<36_000, 9_000..<9_001, 10_001..<10_002, 17..<20_000, 35_000..<90_000]
        as [Range<UInt64>]
      {
        var expected: [Int] = []
        for number in range.clamped(to: 0..<36_000) {
          guard let page = try page(of: number, in: table, transaction) else { continue }
          if expected.last != page { expected.append(page) }
        }
        let pages = tree.leaves(in: range)
        let places = expected.compactMap { pages.firstIndex(of: $0) }
        #expect(places.count == expected.count && places == places.sorted())
        #expect(Set(pages).count == pages.count && pages.count <= expected.count + 2)
      }
      #expect(tree.leaves(in: 5..<5).isEmpty)
    }
  }

  @Test("the pages of numbers are those that hold their values")
  func numbers() throws {
    let folder = try TemporaryFolder()
    let table = try filled(folder.path)
    try table.environment.read { transaction in
      let tree = try tree(transaction)
      let numbers: [UInt64] = [24_003, 6, 9_000, 18_012, 6, 30_003]
      let pages = try Set(numbers.compactMap { try page(of: $0, in: table, transaction) })
      #expect(pages.count == 5 && Set(tree.leaves(of: numbers)) == pages)
      #expect(tree.leaves(of: []).isEmpty)
      // Numbers that are not there lead to where they would be.
      #expect(tree.leaves(of: [1, .max]).count == 2)
    }
  }

  @Test("a database of one page, and an empty one, can be asked for as well")
  func small() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    try table.environment.read { transaction in
      let tree = PageTree(of: "table", transaction.raw)
      #expect(tree == nil)
    }
    try table.put([1], for: 4)
    try table.environment.read { transaction in
      let page = try page(of: 4, in: table, transaction)
      let tree = try tree(transaction)
      #expect(tree.leaves(in: 0..<10) == [try #require(page)])
      #expect(tree.leaves(of: [4, 5]) == [try #require(page)])
      let another = PageTree(of: "another", transaction.raw)
      #expect(another == nil)
    }
  }

  @Test(
    "a root that is no page of the file, or no page of a tree, is damage, and passed over when pages are asked for",
    arguments: [0, 1 << 40, -2])
  func damaged(root: Int) throws {
    let folder = try TemporaryFolder()
    do { _ = try filled(folder.path) }
    var bytes = try Data(contentsOf: URL(filePath: folder.dataFile))
    let name = Data("table".utf8)
    var places: [Int] = []
    var from = bytes.startIndex
    while let place = bytes.range(of: name, in: from..<bytes.endIndex) {
      // The record follows its name; the number of the root is its last one.
      places.append(place.upperBound + 40)
      from = place.upperBound
    }
    for place in places {
      withUnsafeBytes(of: UInt64(bitPattern: Int64(root)).littleEndian) {
        bytes.replaceSubrange(place..<place + 8, with: $0)
      }
    }
    try bytes.write(to: URL(filePath: folder.dataFile))
    try #require(!places.isEmpty)
    // Found when the database is opened, or when its first page is gone to.
    #expect(throws: LMDBError.corrupted) {
      let table = try Table(folder.path, options: EnvironmentOptions(readOnly: true))
      try table.environment.read { transaction in
        let tree = PageTree(of: "table", transaction.raw)
        #expect(tree == nil || tree?.leaves(in: 0..<100) == [])
        _ = try transaction.value(for: 3, in: table.database)
      }
    }
  }

  @Test("pages that were asked for come into memory without being read")
  func asking() async throws {
    let folder = try TemporaryFolder()
    let table = try filled(folder.path)
    let descriptor = open(folder.dataFile, O_RDONLY)
    defer { close(descriptor) }
    try #require(fsync(descriptor) == 0 && posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0)
    // What is in memory is told by a sample, so a few pages that the system dropped just now may stay away.
    func areNearlyAllThere() throws -> Bool {
      try table.environment.read { transaction in
        guard let tree = PageTree(of: "table", transaction.raw) else { return false }
        let pages = tree.leaves(in: 0..<36_000)
        return !pages.isEmpty && pages.count { !tree.isInMemory($0) } * 8 < pages.count
      }
    }
    // A file system in memory has nothing to bring in, and then all are there from the start. The system may take pages away
    // again that nobody has read, and not those of the sample: then all are dropped, and asked for anew.
    #expect(
      try await eventually {
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        try table.environment.read { $0.prefetch(0..<36_000, of: table.database) }
        return try eventually(within: .milliseconds(500)) { try areNearlyAllThere() }
      })
  }
}
