import Foundation
import TestSupport
import Testing

@testable import LMDB

@Suite("Several processes", .serialized)
struct ProcessTests {
  @Test("two processes write at once; each follows the growth that the other one caused")
  func twoWriters() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    let helper = try SecondProcess("lmdb-fill", folder.path, "150", "40000")
    for _ in 0..<150 {
      try table.environment.write { transaction in
        let key = UInt64(try transaction.count(of: table.database))
        try transaction.put([UInt8](repeating: 1, count: 40_000), for: key, in: table.database)
      }
    }
    let end = helper.finish()
    #expect(end.status == 0, "\(end.output)")
    #expect(try table.count() == 300)
  }

  @Test("a file that grows while it is being opened is looked at with its new size")
  func growthWhileOpening() throws {
    let folder = try TemporaryFolder()
    let core = try EnvironmentCore(path: folder.path, options: EnvironmentOptions(initialMapSize: 1 << 20))
    let end = try SecondProcess("lmdb-fill", folder.path, "150", "40000").finish()
    #expect(end.status == 0, "\(end.output)")
    // As it is for an instant while another process writes: the head is newer than the pages.
    let file = folder.path + "/data.mdb"
    let size = try #require(try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
    #expect(size > 1 << 20 && truncate(file, off_t(size - 40_960)) == 0)
    #expect(throws: LMDBError.corrupted) { try core.checkFileLength(path: folder.path) }
  }

  @Test("after kill -9 everything acknowledged is there and nothing is half done", arguments: 1...10)
  func killed(round: Int) throws {
    let folder = try TemporaryFolder()
    let helper = try SecondProcess("lmdb-fill", folder.path, "1000000", "5000")
    // It commits on while the last of these lines is on its way.
    let some = 7 * round
    var acknowledged = helper.waitForLines(some)
    helper.kill()
    acknowledged += helper.finish().output
    // A line without its end was not written as a whole.
    let lines = acknowledged.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count >= some && lines.map { Int($0) } == Array(0..<lines.count))
    let table = try Table(folder.path)
    let count = try table.count()
    // At most one commit was done and not said yet.
    #expect(count == lines.count || count == lines.count + 1)
    for key in 0..<UInt64(count) {
      #expect(try table.value(for: key) == [UInt8](repeating: UInt8(truncatingIfNeeded: key), count: 5000))
    }
  }

  @Test("the slot of a reader that died is cleared")
  func staleReader() throws {
    let folder = try TemporaryFolder()
    let table = try Table(folder.path)
    let helper = try SecondProcess("lmdb-hold-reader", folder.path)
    #expect(helper.waitForOutput() == "reading\n")
    #expect(try table.environment.clearStaleReaders() == 0)
    helper.kill()
    #expect(try table.environment.clearStaleReaders() == 1)
  }

  @Test("a full disk is an error, and what was committed stays")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    let helper = try SecondProcess("lmdb-fill-in-bounds", folder.path, "1000", "10000", "1000000")
    let (status, output) = helper.finish()
    #expect(status == 1)
    let lines = output.split(separator: "\n")
    #expect(lines.last?.hasPrefix("error: ") == true)
    let table = try Table(folder.path)
    #expect(try table.count() == lines.count - 1)
    try table.put([1], for: 5000)
    #expect(try table.count() == lines.count)
  }

  @Test(
    "the lock file has all its blocks before it is mapped, whoever has made it", arguments: [0, 4096, 65_664])
  func lockFileBlocks(left: Int) throws {
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    let file = folder.path + "/lock.mdb"
    func status() -> stat {
      var status = stat()
      stat(file, &status)
      return status
    }
    let length = status().st_size
    #expect(status().st_blocks * 512 >= length)
    // As others leave it: without blocks.
    #expect(truncate(file, 0) == 0 && truncate(file, off_t(left)) == 0 && status().st_blocks == 0)
    for readOnly in [true, false] {
      let table = try Table(folder.path, options: EnvironmentOptions(readOnly: readOnly))
      #expect(try table.value(for: 1) == [1])
      #expect(status().st_size == length && status().st_blocks * 512 >= length)
    }
  }

  @Test(
    "on a full disk an environment whose lock file is missing or without blocks is an error, not the end of the process",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"),
    arguments: [nil, 0, 65_664])
  func lockFileOnFullDisk(left: Int?) throws {
    let disk = try #require(SmallDisk(megabytes: 1))
    let folder = disk.url.path
    do { try Table(folder).put([1], for: 1) }
    let file = folder + "/lock.mdb"
    #expect(unlink(file) == 0)
    if let left {
      #expect(FileManager.default.createFile(atPath: file, contents: nil) && truncate(file, off_t(left)) == 0)
    }
    try disk.fill()
    let (status, output) = try SecondProcess("lmdb-open", folder).finish()
    #expect(status == 1 && output.contains("no space left"), "\(status) \(output)")
    try disk.empty()
    #expect(try SecondProcess("lmdb-open", folder).finish().output == "2 records\n")
  }

  @Test("files that may not be opened are a clear error")
  func noPermission() throws {
    let folder = try TemporaryFolder()
    do { try Table(folder.path).put([1], for: 1) }
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    for file in ["/data.mdb", "/lock.mdb"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder.path + file)
    }
    let (status, output) = try SecondProcess("lmdb-write-as-nobody", folder.path).finish()
    #expect(status == 1)
    #expect(output.contains("cannot be opened: permission denied"))
  }
}
