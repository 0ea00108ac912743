import Foundation

/// A second process; see Tests/Support/gallerycrasher.
final class Helper {
  private let process = Process()
  private let output = Pipe()

  init(_ arguments: String...) throws {
    let folder =
      ProcessInfo.processInfo.environment["FACEGALLERY_BIN"].map { URL(filePath: $0) }
      ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    process.executableURL = folder.appending(path: "gallerycrasher")
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
  }

  /// Waits for the next bytes that it prints.
  func waitForOutput() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Waits for its end, and returns its status and everything else that it printed.
  func finish() -> (status: Int32, output: String) {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
