import Foundation
import TestSupport
import Testing

@testable import LMDB

@Suite("Damaged files")
struct DamageTests {
  @Test(
    "a flipped bit of what LMDB itself believes is an error or makes no difference, for readers and writers")
  func flips() throws {
    let folder = try TemporaryFolder()
    // 300 take some seconds; FACEGALLERY_FLIPS=2000 asks for more.
    let count = ProcessInfo.processInfo.environment["FACEGALLERY_FLIPS"] ?? "300"
    let (status, output) = try SecondProcess("lmdb-flips", folder.path, count, "21").finish()
    let lines = output.split(separator: "\n")
    #expect(status == 0, "\(lines.suffix(2))")
    #expect(!lines.contains { $0.hasPrefix("wrong: ") }, "\(lines.filter { $0.hasPrefix("wrong: ") })")
    let sums = try #require(lines.last).split(separator: " ").compactMap { Int($0) }
    #expect(sums.count == 3 && sums[0] + sums[1] == Int(count) && sums[1] > 0, "\(lines.suffix(1))")
  }

  @Test("an empty file is not taken for a new one, and stays as it is")
  func emptied() throws {
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    truncate(folder.dataFile, 0)
    for readOnly in [false, true] {
      #expect(throws: LMDBError.emptied) {
        try Environment(path: folder.path, options: EnvironmentOptions(readOnly: readOnly))
      }
    }
    #expect(try FileManager.default.attributesOfItem(atPath: folder.dataFile)[.size] as? Int == 0)
  }

  @Test("what looks like LMDB's own file and is none is damage")
  func heads() throws {
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    let whole = [UInt8](try Data(contentsOf: URL(filePath: folder.dataFile)))
    // The number of a commit, the last page, the size of pages, the stamp, the number of the page.
    for offset in [16 + 128, 16 + 121, 16 + 24, 16, 0, 4096 + 16 + 129, 4096 + 16 + 122] {
      var bytes = whole
      bytes[offset] ^= 4
      try Data(bytes).write(to: URL(filePath: folder.dataFile))
      #expect(throws: LMDBError.corrupted, "offset \(offset)") { try Environment(path: folder.path) }
    }
  }

  @Test("a branch that has one page twice below it is found, though the page is sound by itself")
  func pageTwice() throws {
    let folder = try TemporaryFolder()
    var root = 0
    do {
      let table = try Table(folder.path)
      try table.environment.write { transaction in
        for key in 0..<UInt64(200) {
          try transaction.put([UInt8](repeating: UInt8(key), count: 100), for: key, in: table.database)
        }
      }
      root = try table.environment.read { transaction in
        let record = try transaction.raw.snapshot.tree("table", flags: 0)?.record
        return try #require(record?.root)
      }
    }
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.dataFile)))
    let start = root * 4096
    func word(_ offset: Int) -> Int { Int(bytes[start + offset]) | Int(bytes[start + offset + 1]) << 8 }
    try #require(word(10) == 1 && word(12) > 16 + 2 * 3)
    // The third page below is now the second: a node begins with the number of its page.
    let (second, third) = (start + word(16 + 2), start + word(16 + 4))
    bytes[third..<third + 4] = bytes[second..<second + 4]
    try Data(bytes).write(to: URL(filePath: folder.dataFile))
    let table = try Table(folder.path, options: EnvironmentOptions(readOnly: true))
    #expect(throws: LMDBError.corrupted) {
      try table.environment.read { transaction in try transaction.scan(table.database) { _, _ in true } }
    }
    #expect(throws: LMDBError.corrupted) { try table.value(for: 150) }
  }

  @Test("a small set of duplicates whose size is not what it holds is found")
  func smallSet() throws {
    let folder = try TemporaryFolder()
    func open(readOnly: Bool) throws -> (Environment, Database<UInt64, UInt64>) {
      let environment = try Environment(path: folder.path, options: EnvironmentOptions(readOnly: readOnly))
      let sets = try environment.openDatabases(creating: !readOnly) { opener in
        try opener.database("sets", key: UInt64.self, value: UInt64.self, kind: .sortedFixedDuplicates)
      }
      return (environment, sets)
    }
    func count(_ environment: Environment, _ sets: Database<UInt64, UInt64>) throws -> Int {
      try environment.read { transaction in
        try transaction.withCursor(in: sets) { cursor in
          guard try cursor.nextKey() else { return 0 }
          return try cursor.duplicateCount()
        }
      }
    }
    do {
      let (environment, sets) = try open(readOnly: false)
      // Grown, and shrunk again: the room that is left is of every kind.
      try environment.write { transaction in
        for member in UInt64(1)...7 { try transaction.put(member, for: 5, in: sets) }
        for member in UInt64(4)...7 { try transaction.remove(member, of: 5, from: sets) }
      }
      #expect(try count(environment, sets) == 3)
    }
    let whole = [UInt8](try Data(contentsOf: URL(filePath: folder.dataFile)))
    // The head of a page in a node: items of 8 bytes, a leaf of items in a node, three of them.
    let places = (0..<whole.count - 6).filter { place in
      whole[place..<place + 2].elementsEqual([8, 0]) && whole[place + 2] & 0xEF == 0x62
        && whole[place + 3...place + 5].elementsEqual([0, 22, 0])
    }
    try #require(!places.isEmpty)
    // How many there are, and, before the key of eight bytes and the page's number, that it is a set at all.
    for (offset, bit) in [(4, UInt8(4)), (-8 - 8 - 4, 4)] {
      var bytes = whole
      for place in places { bytes[place + offset] ^= bit }
      try Data(bytes).write(to: URL(filePath: folder.dataFile))
      #expect(throws: LMDBError.corrupted, "offset \(offset)") {
        let (environment, sets) = try open(readOnly: true)
        return try count(environment, sets)
      }
    }
  }

  @Test("a page in use that is listed as free is found before anything is written over it")
  func freePageInUse() throws {
    let folder = try TemporaryFolder()
    var root = 0
    do {
      let table = try Table(folder.path)
      for key in 0..<UInt64(20) { try table.put([1], for: key) }
      root = try table.environment.read { transaction in
        let record = try transaction.raw.snapshot.tree("table", flags: 0)?.record
        return try #require(record?.root)
      }
    }
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.dataFile)))
    var replaced = 0
    // Lists of free pages are the values of a leaf whose keys are numbers of the machine: their length, then the pages.
    let free = try Table(folder.path, options: EnvironmentOptions(readOnly: true)).environment.read {
      $0.raw.snapshot.free
    }
    let start = try #require(free.root) * 4096
    func word(_ offset: Int) -> Int { Int(bytes[start + offset]) | Int(bytes[start + offset + 1]) << 8 }
    try #require(free.depth == 1)
    for index in 0..<(word(12) - 16) / 2 {
      let list = word(16 + 2 * index) + 16
      // The last one is the least: the list stays sorted.
      let last = start + list + 8 * Int(bytes[start + list])
      bytes[last] = UInt8(root)
      replaced += 1
    }
    try #require(replaced > 0 && root > 1 && root < 256)
    try Data(bytes).write(to: URL(filePath: folder.dataFile))
    let table = try Table(folder.path, options: EnvironmentOptions(readOnly: true))
    #expect(try table.count() == 20)
    #expect(throws: LMDBError.corrupted) { try table.environment.read { try $0.verifyPages() } }
    do {
      _ = consume table
    }
    #expect(throws: LMDBError.corrupted) { try Table(folder.path).put([2], for: 1) }
  }

  @Test(
    "after a failed write of the file's head reading goes on, and so does writing; the failed commit is not there"
  )
  func failedHead() throws {
    try #require(Strace.works)
    let folder = try TemporaryFolder()
    // The head is written with the twentieth and later calls of pwrite64: pages are written by pwritev or earlier ones.
    for when in ["14", "15", "16", "17"] {
      let path = folder.path + "/\(when)"
      let (status, text) = try SecondProcess(
        injecting: "pwrite64:error=EIO:when=\(when)", "lmdb-write-and-read", path, "12"
      ).finish()
      #expect(status == 0, "\(text)")
      let lines = text.split(separator: "\n").dropFirst()
      #expect(lines.count { $0.hasPrefix("failed") } == 1, "\(when): \(text)")
      var done = 0
      for line in lines {
        if line.hasPrefix("done") { done += 1 }
        if line.hasPrefix("there") { #expect(line == "there \(done)", "\(when)") }
      }
      #expect(done == 11)
      #expect(try Table(path).count() == 11)
    }
  }

  @Test("who opens while somebody has it alone waits, and opens the file that was put in place")
  func openingBesideExclusive() throws {
    let folder = try TemporaryFolder()
    do {
      let table = try Table(folder.path)
      for key in 0..<UInt64(2000) { try table.put([UInt8](repeating: 1, count: 100), for: key) }
    }
    let helper = try Environment.withExclusiveAccess(to: folder.path) { access in
      let helper = try SecondProcess("lmdb-open", folder.path)
      // Until it waits for the lock, which it asks for again and again, it has data.mdb open.
      #expect(eventually { helper.hasOpen("data.mdb") })
      try access.compact()
      return helper
    }
    let (status, output) = helper.finish()
    #expect(status == 0 && output == "2001 records\n", "\(output)")
    #expect(try Table(folder.path).count() == 2001)
  }

  @Test("a bounded wait ends with “in use”")
  func openingInVain() throws {
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    try Environment.withExclusiveAccess(to: folder.path) { _ in
      #expect(throws: LMDBError.inUse) {
        try OpeningTurn.wait(for: folder.path, patience: .milliseconds(50)) {}
      }
      #expect(throws: LMDBError.inUse) { try Environment.withExclusiveAccess(to: folder.path) { _ in } }
    }
    #expect(try Table(folder.path).count() == 1)
  }

  @Test("without locks nobody has an environment alone")
  func withoutLocks() throws {
    try #require(Strace.works)
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    for error in ["ENOLCK", "EOPNOTSUPP"] {
      let (status, output) = try SecondProcess(
        injecting: "flock:error=\(error)", "lmdb-compact", folder.path
      ).finish()
      #expect(status == 1 && output.contains("gives no locks"), "\(output)")
    }
    #expect(try Table(folder.path).count() == 1)
  }

  @Test("a compacted file is as dense as a new one, and holds the same")
  func density() throws {
    let folder = try TemporaryFolder()
    func put(_ keys: [UInt64], _ table: Table) throws {
      try table.environment.write { transaction in
        for key in keys {
          try transaction.put([UInt8](repeating: 5, count: 500), for: key, in: table.database)
        }
      }
    }
    var generator = SystemRandomNumberGenerator()
    do {
      let table = try Table(folder.path + "/a")
      let keys = (0..<UInt64(3000)).map { $0 }
      for _ in 0..<3 { try put(keys.shuffled(using: &generator), table) }
      try table.environment.write { transaction in
        for key in keys where key % 3 == 0 { try transaction.remove(key, from: table.database) }
      }
      let fresh = try Table(folder.path + "/b")
      try fresh.environment.write { transaction in
        for key in keys where key % 3 != 0 {
          try transaction.put([UInt8](repeating: 5, count: 500), for: key, in: fresh.database, mode: .append)
        }
      }
    }
    try Environment.withExclusiveAccess(to: folder.path + "/a") { try $0.compact() }
    func size(_ name: String) throws -> Int {
      try FileManager.default.attributesOfItem(atPath: "\(folder.path)/\(name)/data.mdb")[.size] as? Int ?? 0
    }
    #expect(try Double(size("a")) <= 1.05 * Double(size("b")))
    let table = try Table(folder.path + "/a")
    #expect(try table.count() == 2000 && table.value(for: 3) == nil)
    #expect(try table.value(for: 2999) == [UInt8](repeating: 5, count: 500))
    try table.environment.read { try $0.verifyPages() }
  }

  @Test("a dead reader does not make the file grow without end: writers find it themselves")
  func deadReader() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    func rewrite(_ rounds: Int) throws {
      for _ in 0..<rounds {
        try table.environment.write { transaction in
          for key in 0..<UInt64(40) {
            try transaction.put([UInt8](repeating: 5, count: 3000), for: key, in: table.database)
          }
        }
      }
    }
    try rewrite(10)
    let helper = try SecondProcess("lmdb-hold-reader", folder.path)
    #expect(helper.waitForOutput() == "reading\n")
    try rewrite(5)
    helper.kill()
    try rewrite(100)
    // A hundred rounds leave 16 MB behind when nothing is used again.
    #expect(table.environment.usedBytes < 6_000_000, "\(table.environment.usedBytes)")
  }

  @Test(
    "who wants to move the map gives up when a writer that waits does not end, and keeps nobody from reading")
  func gate() throws {
    let gate = TransactionGate(patience: .milliseconds(20))
    let (isIn, mayLeave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    // As a thread that is in `mdb_txn_begin` while another process writes.
    let writer = Thread {
      try? gate.enter(writing: true)
      isIn.signal()
      mayLeave.wait()
      gate.leave(writing: true)
    }
    writer.start()
    isIn.wait()
    #expect(throws: LMDBError.busy) { try gate.exclusive { 0 } }
    try gate.enter(writing: false)
    #expect(throws: LMDBError.deadlock) { try gate.exclusive { 0 } }
    gate.leave(writing: false)
    mayLeave.signal()
    #expect(eventually { (try? gate.exclusive { 7 }) == 7 })
  }

  @Test("files are their owner's alone, whatever the umask")
  func modes() throws {
    let before = umask(0)
    defer { umask(before) }
    let folder = try TemporaryFolder()
    let path = folder.path + "/new"
    let table = try Table(path)
    try table.put([1], for: 1)
    try table.environment.backup(to: path + "-copy")
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(path) == 0o700 && mode(path + "-copy") == 0o700)
    #expect(try mode(path + "/data.mdb") == 0o600 && mode(path + "/lock.mdb") == 0o600)
    #expect(try mode(path + "-copy/data.mdb") == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["data.mdb", "lock.mdb"])
  }
}
