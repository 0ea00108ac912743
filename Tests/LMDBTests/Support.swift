import Foundation
import LMDB
import TestSupport

extension TemporaryFolder {
  var dataFile: String { path + "/data.mdb" }
}

/// An environment with one database of numbers to bytes.
struct Table {
  let environment: Environment
  let database: Database<UInt64, [UInt8]>

  init(_ path: String, options: EnvironmentOptions = EnvironmentOptions()) throws {
    environment = try Environment(path: path, options: options)
    database = try environment.openDatabases(creating: !options.readOnly) { opener in
      try opener.database("table", key: UInt64.self, value: [UInt8].self)
    }
  }

  func put(_ value: [UInt8], for key: UInt64) throws {
    try environment.write { try $0.put(value, for: key, in: database) }
  }

  func value(for key: UInt64) throws -> [UInt8]? {
    try environment.read { try $0.value(for: key, in: database) }
  }

  func count() throws -> Int {
    try environment.read { try $0.count(of: database) }
  }
}

/// A second process; see Tests/Support/gallerycrasher.
final class Helper {
  private let process = Process()
  private let output = Pipe()

  /// Where the program lies.
  static var program: String {
    let folder =
      ProcessInfo.processInfo.environment["FACEGALLERY_BIN"].map { URL(filePath: $0) }
      ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appending(path: "gallerycrasher").path(percentEncoded: false)
  }

  init(_ arguments: String...) throws { try start([Self.program] + arguments) }

  private init(words: [String]) throws { try start(words) }

  private func start(_ words: [String]) throws {
    process.executableURL = URL(filePath: words[0])
    process.arguments = Array(words.dropFirst())
    process.standardOutput = output
    try process.run()
  }

  /// Runs it with failing system calls, see `strace -e inject`, and waits for its end.
  static func injecting(_ fault: String, _ arguments: String...) throws -> (status: Int32, output: String) {
    let calls = fault.prefix { $0 != ":" }
    return try Helper(
      words: [
        Strace.path, "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(calls)", "-e", "inject=\(fault)", program,
      ] + arguments
    ).finish()
  }

  /// Whether it has a file of this name open.
  func hasOpen(_ name: String) -> Bool {
    let folder = "/proc/\(process.processIdentifier)/fd"
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.contains { file in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(file)"))?.hasSuffix("/\(name)")
        == true
    }
  }

  /// Waits for the next bytes that it prints.
  func waitForOutput() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
  }

  /// Waits until it has printed so many lines, or has ended.
  ///
  /// - Returns: All that it printed until then.
  func waitForLines(_ count: Int) -> String {
    var printed = Data()
    while printed.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      let bytes = output.fileHandleForReading.availableData
      if bytes.isEmpty { break }
      printed += bytes
    }
    return String(decoding: printed, as: UTF8.self)
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
