import Foundation

/// A second process, of the program in Tests/Support/gallerycrasher.
package final class SecondProcess {
  private let process = Process()
  private let output = Pipe()
  private let input = Pipe()
  /// Where `strace` writes the calls that it traced.
  private var trace: URL?

  /// Starts it with these arguments.
  package convenience init(_ arguments: String...) throws { try self.init(arguments, under: []) }

  /// Starts it with these arguments.
  package convenience init(_ arguments: [String]) throws { try self.init(arguments, under: []) }

  /// Starts it with failing system calls; see `strace -e inject`.
  package convenience init(injecting fault: String, _ arguments: String...) throws {
    try self.init(injecting: fault, arguments)
  }

  /// Starts it with failing system calls; see `strace -e inject`.
  package convenience init(injecting fault: String, _ arguments: [String]) throws {
    let calls = fault.prefix { $0 != ":" }
    let trace = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString)")
    try self.init(
      arguments,
      under: [
        Strace.path, "-f", "-qq", "-o", trace.path, "-e", "trace=\(calls)", "-e", "inject=\(fault)",
      ])
    self.trace = trace
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

  deinit {
    if let trace { try? FileManager.default.removeItem(at: trace) }
  }

  /// How many calls have failed on purpose.
  package var injections: Int {
    guard let data = trace.flatMap({ try? Data(contentsOf: $0) }) else { return 0 }
    return String(decoding: data, as: UTF8.self).split(separator: "\n").count { $0.contains("(INJECTED)") }
  }

  /// Whether it has a file of this name open.
  package func hasOpen(_ name: String) -> Bool {
    let folder = "/proc/\(process.processIdentifier)/fd"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.contains { file in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(file)"))?.hasSuffix("/\(name)")
        == true
    }
  }

  /// Writes a line to it and waits for what it prints.
  package func ask(_ line: String) -> String {
    input.fileHandleForWriting.write(Data("\(line)\n".utf8))
    return waitForOutput()
  }

  /// Lets it read no more.
  package func endInput() { try? input.fileHandleForWriting.close() }

  /// Waits for the next bytes that it prints.
  package func waitForOutput() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Waits until it has printed so many lines, or has ended.
  ///
  /// - Returns: All that it printed until then.
  package func waitForLines(_ count: Int) -> String {
    var printed = Data()
    while printed.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      let bytes = output.fileHandleForReading.availableData
      if bytes.isEmpty { break }
      printed += bytes
    }
    return String(decoding: printed, as: UTF8.self)
  }

  /// Waits for its end, and returns its status and everything else that it printed.
  package func finish() -> (status: Int32, output: String) {
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  /// Kills it, and waits until it is gone.
  package func kill() {
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
