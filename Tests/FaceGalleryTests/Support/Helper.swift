import Foundation

/// A second process; see Tests/Support/gallerycrasher.
final class Helper {
  private let process = Process()
  private let output = Pipe()
  private let input = Pipe()

  convenience init(_ arguments: String...) throws { try self.init(arguments, under: []) }

  /// Starts it with failing system calls; see `strace -e inject`.
  convenience init(injecting fault: String, _ arguments: String...) throws {
    let calls = fault.prefix { $0 != ":" }
    try self.init(
      arguments,
      under: [
        Strace.path, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(fault)",
      ])
  }

  private init(_ arguments: [String], under launcher: [String]) throws {
    let folder =
      ProcessInfo.processInfo.environment["FACEGALLERY_BIN"].map { URL(filePath: $0) }
      ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let words = launcher + [folder.appending(path: "gallerycrasher").path(percentEncoded: false)] + arguments
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardOutput = output
    process.standardInput = input
    try process.run()
  }

  /// Writes a line to it and waits for what it prints.
  func ask(_ line: String) -> String {
    input.fileHandleForWriting.write(Data("\(line)\n".utf8))
    return waitForOutput()
  }

  func endInput() { try? input.fileHandleForWriting.close() }

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
