import Foundation
import Support
import Testing

@Suite("Who holds a lock")
struct LockHoldersTests {
  @Test(
    "another process that holds a lock is named with its command, this one and files without locks are not")
  func holders() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "lock \(UUID().uuidString)").path
    defer { unlink(file) }
    guard let own = try FileLock.take(file, .shared) else {
      Issue.record("nobody else has the lock")
      return
    }
    #expect(LockHolders.processes(of: file).isEmpty && LockHolders.description(of: file) == nil)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/flock")
    process.arguments = ["--shared", file, "sh", "-c", "echo locked; read line"]
    process.standardInput = Pipe()
    process.standardOutput = output
    try process.run()
    defer { process.terminate() }
    #expect(output.fileHandleForReading.readData(ofLength: 6) == Data("locked".utf8))
    #expect(LockHolders.processes(of: file) == [process.processIdentifier])
    #expect(LockHolders.description(of: file) == "process \(process.processIdentifier) (flock)")
    #expect(LockHolders.processes(of: file + " that is not there").isEmpty)
    withExtendedLifetime(own) {}
  }
}
