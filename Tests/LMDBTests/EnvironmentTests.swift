import Foundation
import Synchronization
import TestSupport
import Testing

@testable import LMDB

@Suite("Environment")
struct EnvironmentTests {
  @Test("what was committed is there after opening again")
  func persistence() throws {
    let folder = try TemporaryFolder()
    do {
      let table = try Table(folder.path)
      try table.put([1, 2, 3], for: 7)
    }
    let table = try Table(folder.path)
    #expect(try table.value(for: 7) == [1, 2, 3])
    #expect(try table.value(for: 8) == nil)
  }

  @Test("a second open in the same process shares the first")
  func sharing() throws {
    let folder = try TemporaryFolder()
    let first = try Table(folder.path)
    let second = try Table(folder.path + "/../" + URL(filePath: folder.path).lastPathComponent)
    try first.put([1], for: 1)
    #expect(try second.value(for: 1) == [1])
    try second.put([2], for: 2)
    #expect(try first.value(for: 2) == [2])
  }

  @Test("the system reads ahead only for work that goes through the file, also after the map was moved")
  func readingAhead() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    try table.put([1], for: 1)
    func isReadingAhead() throws -> Bool {
      let advice = try MemoryMap.advice(of: folder.dataFile)
      try #require(advice.random + advice.normal == 1)
      return advice.normal == 1
    }
    #expect(try !isReadingAhead())
    let (value, atFirst, later) = try table.environment.read(ahead: true) { transaction in
      let atFirst = try isReadingAhead()
      // One that ends does not end it for the others.
      table.environment.readingAhead {}
      return (try transaction.value(for: 1, in: table.database), atFirst, try isReadingAhead())
    }
    #expect(value == [1])
    #expect(atFirst && later)
    #expect(try !isReadingAhead())
    let size = table.environment.mapSize
    try table.put([UInt8](repeating: 7, count: 4 << 20), for: 2)
    #expect(table.environment.mapSize > size)
    #expect(try !isReadingAhead())
    let isMovedOne = try table.environment.readingAhead { try isReadingAhead() }
    #expect(isMovedOne)
    #expect(try !isReadingAhead())
  }

  @Test("a handle for reading refuses to write, whatever else is open")
  func readOnlyHandle() throws {
    let folder = try TemporaryFolder()
    let writer = try Table(folder.path)
    try writer.put([1], for: 1)
    let reader = try Table(folder.path, options: EnvironmentOptions(readOnly: true))
    #expect(try reader.value(for: 1) == [1])
    #expect(throws: LMDBError.notWritable) { try reader.put([2], for: 2) }
  }

  @Test("an environment open for reading only cannot be opened for writing by the same process")
  func readOnlyFirst() throws {
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    let reader = try Table(folder.path, options: EnvironmentOptions(readOnly: true))
    #expect(throws: LMDBError.busy) { try Environment(path: folder.path) }
    #expect(try reader.count() == 1)
  }

  @Test("a private copy is of one commit, whatever others write meanwhile")
  func privateCopy() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    // A commit writes all rows anew: with those of another one, lengths or counts would not fit.
    func commit(_ number: Int) throws {
      try table.environment.write { transaction in
        for key in 0..<UInt64(50 + number) {
          let value = [UInt8](repeating: UInt8(number), count: 40 * number)
          try transaction.put(value, for: key, in: table.database)
        }
      }
    }
    try commit(1)
    let first = try #require(try PrivateCopy.open(of: folder.path))
    #expect(first.isCopy && first.isReadOnly)
    let entries: @Sendable (EnvironmentCore) throws -> Int? = { core in
      let transaction = try ReadTransaction(core)
      let snapshot = transaction.raw.snapshot
      try snapshot.verifyUse()
      return snapshot.tables["table"].map { Int($0.entries) }
    }
    #expect(try entries(first) == 51)
    let copies = Copies()
    let path = folder.path
    let finished = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while !copies.isDone.load(ordering: .acquiring) {
        guard let copy = try? PrivateCopy.open(of: path) else { continue }
        let found = (try? entries(copy)) ?? nil
        copies.entries.withLock { $0.append(found) }
      }
      finished.signal()
    }
    do {
      defer {
        copies.isDone.store(true, ordering: .releasing)
        finished.wait()
      }
      var number = 1
      while number < 100 || copies.entries.withLock({ $0.count < 5 }) && number < 10_000 {
        number += 1
        try commit(number % 100 + 1)
      }
    }
    let seen = copies.entries.withLock { $0 }
    #expect(seen.count >= 5 && seen.allSatisfy { (51...150).contains($0 ?? 0) }, "\(seen)")
    #expect(try entries(first) == 51)
    #expect(throws: LMDBError.noSuchFile) { try PrivateCopy.open(of: folder.path + "/nothing") }
  }

  /// What another thread found in copies.
  private final class Copies: Sendable {
    let isDone = Atomic<Bool>(false)
    let entries = Mutex<[Int?]>([])
  }

  @Test("reading what is not there is an error, not a new database")
  func missing() throws {
    let folder = try TemporaryFolder()
    #expect(throws: LMDBError.noSuchFile) {
      try Environment(path: folder.path + "/nothing", options: EnvironmentOptions(readOnly: true))
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/nothing"))
  }

  @Test("a file that is not LMDB's is refused and left as it is")
  func notADatabase() throws {
    let folder = try TemporaryFolder()
    let text = Data(String(repeating: "not a database ", count: 1000).utf8)
    try text.write(to: URL(filePath: folder.dataFile))
    #expect(throws: LMDBError.invalid) { try Environment(path: folder.path) }
    #expect(try Data(contentsOf: URL(filePath: folder.dataFile)) == text)
  }

  @Test("the map grows while writing, also within one transaction")
  func growth() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    let value = [UInt8](repeating: 9, count: 100_000)
    try table.environment.write { transaction in
      for key in 0..<UInt64(100) { try transaction.put(value, for: key, in: table.database) }
    }
    for key in 100..<UInt64(150) { try table.put(value, for: key) }
    #expect(try table.count() == 150)
    #expect(table.environment.mapSize > 15_000_000)
  }

  @Test("the map cannot grow under a read of the same thread: an error, not a wait for ever")
  func growthUnderOwnRead() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    #expect(throws: LMDBError.mapFull) {
      try table.environment.read { _ in
        try table.put([UInt8](repeating: 9, count: 2_000_000), for: 1)
      }
    }
    try table.put([UInt8](repeating: 9, count: 2_000_000), for: 1)
    #expect(try table.count() == 1)
  }

  @Test("readers of other threads finish before the map grows, and see what they began with")
  func growthBesideReaders() async throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<300 {
            try table.environment.read { transaction in
              let before = try transaction.count(of: table.database)
              var seen = 0
              try transaction.withCursor(in: table.database) { cursor in
                while try cursor.next() { seen += 1 }
              }
              #expect(seen == before)
            }
          }
        }
      }
      group.addTask {
        for key in 0..<UInt64(200) { try table.put([UInt8](repeating: 1, count: 50_000), for: key) }
      }
      try await group.waitForAll()
    }
    #expect(try table.count() == 200)
  }

  @Test("a file that lost its end is reported as damaged, at opening")
  func truncated() throws {
    let folder = try TemporaryFolder()
    do {
      let table = try Table(folder.path)
      for key in 0..<UInt64(50) { try table.put([UInt8](repeating: 1, count: 10_000), for: key) }
    }
    let whole = try Data(contentsOf: URL(filePath: folder.dataFile))
    for length in [whole.count / 2, whole.count - 10_000, 3 * 4096] {
      try whole.prefix(length).write(to: URL(filePath: folder.dataFile))
      #expect(throws: LMDBError.corrupted) { try Environment(path: folder.path) }
      #expect(throws: LMDBError.corrupted) {
        try Environment(path: folder.path, options: EnvironmentOptions(readOnly: true))
      }
      #expect(try Data(contentsOf: URL(filePath: folder.dataFile)) == whole.prefix(length))
    }
  }

  @Test("a file that is short by free pages only is sound")
  func shortByFreePages() throws {
    let folder = try TemporaryFolder()
    var used = 0
    do {
      let table = try Table(folder.path)
      for key in 0..<UInt64(30) { try table.put([UInt8](repeating: 1, count: 1000), for: key) }
      try table.environment.write { transaction in
        for key in 1..<UInt64(30) { try transaction.remove(key, from: table.database) }
      }
      try table.put([2], for: 0)
      // The value lies beyond the old end, and its pages are freed before they are written.
      try table.environment.write { transaction in
        try transaction.put([3], for: 0, in: table.database)
        try transaction.put([UInt8](repeating: 1, count: 300_000), for: 1, in: table.database)
        try transaction.remove(1, from: table.database)
      }
      used = table.environment.usedBytes
      try table.environment.read { try $0.verifyPages() }
    }
    let length = try FileManager.default.attributesOfItem(atPath: folder.dataFile)[.size] as? Int
    try #require((length ?? 0) < used, "the file was expected to be short")
    // Who may not write cannot change that, and need not.
    do {
      let reading = try Table(folder.path, options: EnvironmentOptions(readOnly: true))
      #expect(try reading.count() == 1)
      try reading.environment.read { try $0.verifyPages() }
    }
    #expect(try FileManager.default.attributesOfItem(atPath: folder.dataFile)[.size] as? Int == length)
    #expect(try Table(folder.path).count() == 1)
  }

  @Test("a backup holds the last commit, is not written over, and is itself an environment")
  func backup() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    for key in 0..<UInt64(20) { try table.put([1], for: key) }
    try table.environment.backup(to: folder.path + "/copy")
    try table.put([1], for: 99)
    #expect(try Table(folder.path + "/copy").count() == 20)
    #expect(throws: LMDBError(rawValue: EEXIST)) { try table.environment.backup(to: folder.path + "/copy") }
  }

  @Test("errors name what is wrong and the remedy")
  func descriptions() {
    #expect(LMDBError.noSpace.description.contains("no space"))
    #expect(LMDBError.inputOutput.description.contains("look at the system's log"))
    #expect(LMDBError(rawValue: EPROTO).description.contains("code \(EPROTO)"))
    #expect(LMDBError(rawValue: -30797) == .pageNotFound)
  }
}
