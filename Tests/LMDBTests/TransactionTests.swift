import LMDB
import TestSupport
import Testing

@Suite("Transactions, databases, cursors")
struct TransactionTests {
  private struct Stop: Error {}

  @Test("a transaction that throws leaves nothing behind")
  func abort() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    #expect(throws: Stop.self) {
      try table.environment.write { transaction in
        try transaction.put([1], for: 1, in: table.database)
        throw Stop()
      }
    }
    #expect(try table.count() == 0)
    try table.put([1], for: 2)
    #expect(try table.count() == 1)
  }

  @Test("a reader keeps seeing what was there when it began")
  func isolation() async throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    try table.put([1], for: 1)
    try table.environment.read { transaction in
      try table.put([2], for: 1)
      #expect(try transaction.value(for: 1, in: table.database) == [1])
      #expect(try table.value(for: 1) == [2])
    }
  }

  @Test("a write inside a write of the same thread is an error")
  func nestedWrite() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    #expect(throws: LMDBError.deadlock) {
      try table.environment.write { _ in try table.put([1], for: 1) }
    }
    try table.put([1], for: 1)
  }

  @Test("many writers and readers at once lose nothing")
  func contention() async throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<UInt64(4) {
        group.addTask {
          for index in 0..<UInt64(50) {
            try table.put([UInt8](repeating: 1, count: 20_000), for: writer * 50 + index)
            _ = try table.value(for: index)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try table.count() == 200)
  }

  @Test("the environment's figures may be asked for while the map moves")
  func figuresWhileGrowing() async throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 16))
    let before = table.environment.mapSize
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for index in 0..<UInt64(400) { try table.put([UInt8](repeating: 1, count: 20_000), for: index) }
      }
      group.addTask {
        for _ in 0..<200_000 { _ = (table.environment.mapSize, table.environment.usedBytes) }
      }
      try await group.waitForAll()
    }
    #expect(table.environment.mapSize > before)
  }

  @Test("put modes: replace, insert, append")
  func putModes() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    try table.environment.write { transaction in
      try transaction.put([1], for: 5, in: table.database, mode: .append)
      try transaction.put([2], for: 5, in: table.database)
      #expect(throws: LMDBError.keyExists) {
        try transaction.put([3], for: 5, in: table.database, mode: .insert)
      }
      #expect(throws: LMDBError.keyExists) {
        try transaction.put([3], for: 4, in: table.database, mode: .append)
      }
      #expect(try transaction.value(for: 5, in: table.database) == [2])
      #expect(try transaction.remove(5, from: table.database))
      #expect(try !transaction.remove(5, from: table.database))
      #expect(try !transaction.contains(5, in: table.database))
    }
  }

  @Test("a key must have 1 to 511 bytes")
  func keySizes() throws {
    let folder = try TemporaryFolder()
    let environment = try Environment(path: folder.path)
    let names = try environment.openDatabases(creating: true) { opener in
      try opener.database("names", key: String.self, value: UInt64.self)
    }
    try environment.write { transaction in
      #expect(throws: LMDBError.badValueSize) { try transaction.put(1, for: "", in: names) }
      #expect(throws: LMDBError.badValueSize) {
        try transaction.put(1, for: String(repeating: "x", count: 512), in: names)
      }
      try transaction.put(1, for: String(repeating: "x", count: 511), in: names)
      try transaction.put(2, for: "Zoë", in: names)
      #expect(try transaction.value(for: "Zoë", in: names) == 2)
    }
  }

  @Test("numbers are kept in numeric order, and cursors walk and seek in it")
  func cursor() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    let keys: [UInt64] = [1, 2, 255, 256, 257, 65_536, 1 << 40, .max]
    try table.environment.write { transaction in
      for key in keys.reversed() { try transaction.put([UInt8(key & 255)], for: key, in: table.database) }
    }
    try table.environment.read { transaction in
      try transaction.withCursor(in: table.database) { cursor in
        var seen: [UInt64] = []
        while try cursor.next() {
          seen.append(try cursor.key)
          #expect(try cursor.value == [UInt8(seen[seen.count - 1] & 255)])
        }
        #expect(seen == keys)
        #expect(try cursor.seek(258))
        #expect(try cursor.key == 65_536)
        #expect(try cursor.previous())
        #expect(try cursor.key == 257)
        #expect(try cursor.find(255))
        #expect(try !cursor.find(3))
        #expect(try cursor.last())
        #expect(try cursor.key == .max)
        #expect(try !cursor.next())
        #expect(try cursor.first())
        #expect(cursor.withBytes { $0.byteCount } == 1)
      }
    }
  }

  @Test("sorted duplicates: several values a key, each once")
  func duplicates() throws {
    let folder = try TemporaryFolder()
    let environment = try Environment(path: folder.path)
    let sets = try environment.openDatabases(creating: true) { opener in
      try opener.database("sets", key: UInt64.self, value: UInt64.self, kind: .sortedFixedDuplicates)
    }
    try environment.write { transaction in
      for value in [3, 1, 2, 3] as [UInt64] { try transaction.put(value, for: 10, in: sets) }
      try transaction.put(7, for: 11, in: sets)
    }
    try environment.read { transaction in
      #expect(try transaction.count(of: sets) == 4)
      try transaction.withCursor(in: sets) { cursor in
        #expect(try cursor.find(10))
        #expect(try cursor.duplicateCount() == 3)
        var values = [try cursor.value]
        while try cursor.nextDuplicate() { values.append(try cursor.value) }
        #expect(values == [1, 2, 3])
        #expect(try cursor.nextKey())
        #expect(try cursor.key == 11)
      }
    }
    try environment.write { transaction in
      #expect(try transaction.remove(2, of: 10, from: sets))
      #expect(try !transaction.remove(2, of: 10, from: sets))
      #expect(try transaction.count(of: sets) == 3)
      try transaction.removeAll(from: sets)
      #expect(try transaction.count(of: sets) == 0)
    }
  }

  @Test("bytes can be read in place, and a value of the wrong size is an error")
  func inPlace() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    try table.put([1, 2, 3, 4], for: 1)
    let wrong = try table.environment.openDatabases(creating: false) { opener in
      try opener.database("table", key: UInt64.self, value: UInt64.self)
    }
    try table.environment.read { transaction in
      let sum = try transaction.withBytes(for: 1, in: table.database) { bytes in
        guard let bytes else { return 0 }
        return bytes.byteOffsets.reduce(0) { $0 + Int(bytes.unsafeLoad(fromByteOffset: $1, as: UInt8.self)) }
      }
      #expect(sum == 10)
      #expect(try transaction.withBytes(for: 2, in: table.database) { $0 == nil })
      #expect(throws: LMDBError.badValueSize) { try transaction.value(for: 1, in: wrong) }
    }
  }
}
