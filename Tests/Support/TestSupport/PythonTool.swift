internal import Foundation

/// A program from PyPI that a test runs, installed below `.build` when it is first needed.
package struct PythonTool: Sendable {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Where its packages are; nil when they could not be installed.
  package let folder: String?

  /// Installs packages, unless they are there, in a folder of that name.
  package init(_ name: String, _ packages: String...) {
    let script = Self.file("Scripts/python-tools.sh")
    let run = try? Self.run(["bash", script, name] + packages)
    folder = run.flatMap { $0.status == 0 ? $0.output.trimmingCharacters(in: .whitespacesAndNewlines) : nil }
  }

  /// Runs `python3` with the packages, and with those in another folder.
  package func run(_ arguments: [String], with other: String? = nil) throws -> (status: Int32, output: String)
  {
    let path = [folder, other].compactMap { $0 }.joined(separator: ":")
    return try Self.run(["python3"] + arguments, path: path.isEmpty ? nil : path)
  }

  /// A file of this package.
  package static func file(_ path: String) -> String { root.appending(path: path).path }

  /// Runs a command; `path` is Python's.
  package static func run(_ command: [String], path: String? = nil) throws -> (status: Int32, output: String)
  {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    // Some leave files where they run.
    process.currentDirectoryURL = FileManager.default.temporaryDirectory
    if let path {
      process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": path]) { $1 }
    }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = command[0] == "bash" ? FileHandle.nullDevice : pipe
    try process.run()
    let output = pipe.fileHandleForReading.readWhole()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
