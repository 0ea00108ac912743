import Foundation
import LMDB
import Support

/// One bit of a file.
struct Flip: CustomStringConvertible {
  let offset: Int
  let bit: Int

  var description: String { "offset \(offset) bit \(bit)" }

  func apply(to bytes: inout [UInt8]) { bytes[offset] ^= 1 << UInt8(bit) }
}

/// Where the bits that LMDB itself believes lie in a file of its: heads of pages, places of nodes, heads of nodes, the file's
/// head, records of databases, lists of free pages.
struct DatabaseLayout {
  private(set) var structure: [Range<Int>] = []

  init(_ file: [UInt8]) {
    func word(_ offset: Int) -> Int { Int(file[offset]) | Int(file[offset + 1]) << 8 }
    structure = [0..<152, 4096..<4096 + 152]
    for page in 2..<file.count / 4096 {
      let start = page * 4096
      // The rest of a large value is no page.
      guard (0..<8).allSatisfy({ Int(file[start + $0]) == page >> (8 * $0) & 255 }) else { continue }
      let (flags, lower) = (word(start + 10), word(start + 12))
      structure.append(start..<start + 16)
      guard flags & 3 != 0, flags & 0x20 == 0, lower >= 16, lower <= 4096 else { continue }
      structure.append(start + 16..<start + lower)
      for index in 0..<(lower - 16) / 2 {
        let place = word(start + 16 + 2 * index)
        guard place >= lower, place + 8 <= 4096 else { continue }
        structure.append(start + place..<start + place + 8)
        let (nodeFlags, key) = (word(start + place + 4), word(start + place + 6))
        guard flags & 2 != 0, nodeFlags != 0 else { continue }
        // Where a large value is, a record of a tree, or the head of a small set.
        let data = start + place + 8 + key
        let count = nodeFlags & 1 != 0 ? 8 : nodeFlags & 2 != 0 ? 48 : 16
        if data + count <= start + 4096 { structure.append(data..<data + count) }
      }
    }
  }

  func flip(_ generator: inout SplitMix64) -> Flip {
    let range = structure[Int.random(in: 0..<structure.count, using: &generator)]
    return Flip(
      offset: Int.random(in: range, using: &generator), bit: Int.random(in: 0..<8, using: &generator))
  }
}

/// Flips bits of an environment, one a round, and reads and writes it.
enum FlipJobs {
  private struct Tables {
    let values: Database<UInt64, [UInt8]>
    let names: Database<String, UInt64>
    let large: Database<UInt64, [UInt8]>
    let sets: Database<UInt64, UInt64>

    init(_ opener: borrowing DatabaseOpener) throws(LMDBError) {
      values = try opener.database("values", key: UInt64.self, value: [UInt8].self)
      names = try opener.database("names", key: String.self, value: UInt64.self)
      large = try opener.database("large", key: UInt64.self, value: [UInt8].self)
      sets = try opener.database("sets", key: UInt64.self, value: UInt64.self, kind: .sortedFixedDuplicates)
    }
  }

  private struct Contents: Equatable {
    var values: [UInt64: [UInt8]] = [:]
    var names: [String: UInt64] = [:]
    var large: [UInt64: [UInt8]] = [:]
    var sets: [UInt64: [UInt64]] = [:]
    var counts: [Int] = []
  }

  private static func value(_ number: UInt64) -> [UInt8] {
    [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 40 + Int(number % 200))
  }

  private static func largeValue(_ number: UInt64) -> [UInt8] {
    value(number) + Array(repeating: 7, count: 5000)
  }

  private static func fill(_ folder: String) throws {
    try fillTables(folder)
    // Few pages that are not in use: flips in those tell nothing.
    try Environment.withExclusiveAccess(to: folder) { try $0.compact() }
    let environment = try Environment(path: folder)
    let tables = try environment.openDatabases(creating: false) { try Tables($0) }
    for number in 1..<UInt64(4) {
      try environment.write { try $0.put(value(number), for: number, in: tables.values) }
    }
  }

  private static func fillTables(_ folder: String) throws {
    let environment = try Environment(path: folder)
    let tables = try environment.openDatabases(creating: true) { try Tables($0) }
    for round in 0..<6 {
      try environment.write { transaction in
        for step in 0..<150 {
          let number = UInt64(step * 6 + round)
          try transaction.put(value(number), for: number, in: tables.values)
          try transaction.put(number, for: "name \(number &* 7919 % 100_003)", in: tables.names)
          if number % 9 == 0 { try transaction.put(largeValue(number), for: number, in: tables.large) }
          // A large set, small ones, and sets of one.
          try transaction.put(number &* 31, for: 1, in: tables.sets)
          try transaction.put(number, for: 2 + number % 90, in: tables.sets)
          try transaction.put(number, for: 1000 + number, in: tables.sets)
        }
      }
    }
    try environment.write { transaction in
      for number in stride(from: UInt64(0), to: 900, by: 5) {
        try transaction.remove(number, from: tables.values)
        try transaction.remove(number, from: tables.large)
        try transaction.remove(number &* 31, of: 1, from: tables.sets)
      }
    }
  }

  private static func read(_ environment: Environment, _ tables: Tables) throws -> Contents {
    try environment.read { transaction in
      var contents = Contents()
      try transaction.scan(tables.values) { number, bytes in
        contents.values[number] = bytes.withUnsafeBytes { Array($0) }
        return true
      }
      for (number, value) in contents.values where number % 3 == 0 {
        guard try transaction.value(for: number, in: tables.values) == value else { throw LMDBError.notFound }
      }
      try transaction.withCursor(in: tables.names) { cursor in
        var isThere = try cursor.last()
        while isThere {
          contents.names[try cursor.key] = try cursor.value
          isThere = try cursor.previous()
        }
      }
      try transaction.scanBatches(tables.large, in: 0..<100_000) { batch in
        for item in batch {
          // As a checksum would: how long a large value is, is told in one place only.
          let isNew = item.number >= 20_000
          guard isNew || Array(item.bytes) == largeValue(item.number) else { throw LMDBError.corrupted }
          contents.large[item.number] = Array(item.bytes)
        }
      }
      try transaction.withCursor(in: tables.sets) { cursor in
        while try cursor.nextKey() {
          let key = try cursor.key
          var members = [try cursor.value]
          while try cursor.nextDuplicate() { members.append(try cursor.value) }
          guard try cursor.duplicateCount() == members.count else { throw LMDBError.notFound }
          contents.sets[key] = members
        }
      }
      contents.counts = [
        try transaction.count(of: tables.values), try transaction.count(of: tables.names),
        try transaction.count(of: tables.large), try transaction.count(of: tables.sets),
      ]
      return contents
    }
  }

  /// Reads, writes, reads again and copies; returns what it saw before and after the writing.
  private static func use(_ folder: String, writingFirst: Bool) throws -> (Contents?, Contents) {
    let environment = try Environment(path: folder)
    let tables = try environment.openDatabases(creating: false) { try Tables($0) }
    let before = writingFirst ? nil : try read(environment, tables)
    try environment.write { transaction in
      for number in stride(from: UInt64(1), to: 900, by: 50) {
        try transaction.remove(number, from: tables.values)
        try transaction.put([1, 2, 3], for: number + 1, in: tables.values)
        try transaction.remove(number &* 31, of: 1, from: tables.sets)
        try transaction.remove(number, from: tables.large)
        try transaction.put(
          [UInt8](repeating: 3, count: 9000), for: number + 20_000, in: tables.large, mode: .append)
      }
    }
    let after = try read(environment, tables)
    try environment.backup(to: folder + "/copy")
    try environment.read { try $0.verifyPages() }
    return (before, after)
  }

  /// Prints each flip before it is tried, so that the one that ends the process is known, and at the end how they went.
  static func run(_ folder: String, count: Int, seed: Int) throws {
    let (base, trial) = (folder + "/base", folder + "/trial")
    try fill(base)
    let file = [UInt8](try Data(contentsOf: URL(filePath: base + "/data.mdb")))
    let layout = DatabaseLayout(file)
    var expected: [Bool: (Contents?, Contents)] = [:]
    var generator = SplitMix64(UInt64(seed))
    var (same, refused, wrong) = (0, 0, 0)
    for round in -2..<count {
      let isWritingFirst = round & 1 == 1
      var bytes = file
      var flip: Flip?
      if round >= 0 {
        flip = layout.flip(&generator)
        flip?.apply(to: &bytes)
        if let flip { report("flip \(flip)") }
      }
      try? FileManager.default.removeItem(atPath: trial)
      try FileManager.default.createDirectory(atPath: trial, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: trial + "/data.mdb"))
      do {
        let seen = try use(trial, writingFirst: isWritingFirst)
        guard let expectation = expected[isWritingFirst] else {
          expected[isWritingFirst] = seen
          continue
        }
        if seen == expectation {
          same += 1
        } else {
          wrong += 1
          report("wrong: \(flip.map(String.init(describing:)) ?? "")")
        }
      } catch let error as LMDBError {
        guard round >= 0 else { throw error }
        refused += 1
      }
    }
    report("same \(same) refused \(refused) wrong \(wrong)")
  }
}
