import Foundation
import TestSupport
import Testing

/// A program from PyPI that a test runs, installed below `.build` when it is first needed.
struct PythonTool {
  static let schemathesis = PythonTool("schemathesis", "schemathesis==4.32.5")
  static let clientGenerator = PythonTool("openapi-python-client", "openapi-python-client==0.29.1")
  static let playwright = PythonTool("playwright", "playwright==1.65.2")
  static let axe = PythonTool("axe", "axe-playwright-python==0.1.8")

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Where its packages are; nil when they could not be installed.
  let folder: String?

  private init(_ name: String, _ packages: String...) {
    let script = Self.root.appending(path: "Scripts/python-tools.sh").path
    let run = try? Self.run(["bash", script, name] + packages)
    folder = run.flatMap { $0.status == 0 ? $0.output.trimmingCharacters(in: .whitespacesAndNewlines) : nil }
  }

  /// Runs `python3` with the packages, and with those in another folder.
  func run(_ arguments: [String], with other: String? = nil) throws -> (status: Int32, output: String) {
    let path = [folder, other].compactMap { $0 }.joined(separator: ":")
    return try Self.run(["python3"] + arguments, path: path.isEmpty ? nil : path)
  }

  /// CompreFace's webcam demo, fetched when it is first needed; nil where it cannot be had.
  static let webcamDemo: String? = {
    let script = root.appending(path: "Scripts/compreface-demo.sh").path
    guard let run = try? run(["bash", script]), run.status == 0 else { return nil }
    return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }()

  /// A file of this package.
  static func file(_ path: String) -> String { root.appending(path: path).path }

  /// Runs a command; `path` is Python's.
  static func run(_ command: [String], path: String? = nil) throws -> (status: Int32, output: String) {
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

extension Trait where Self == ConditionTrait {
  /// Runs the test only where PyPI's schemathesis can be installed.
  static var needsSchemathesis: Self {
    .enabled("schemathesis cannot be installed from PyPI here") { PythonTool.schemathesis.folder != nil }
  }

  /// Runs the test only where PyPI's openapi-python-client can be installed.
  static var needsClientGenerator: Self {
    .enabled("openapi-python-client cannot be installed from PyPI here") {
      PythonTool.clientGenerator.folder != nil
    }
  }

  /// Runs the test only where CompreFace's webcam demo can be had.
  static var needsWebcamDemo: Self {
    .enabled("CompreFace's webcam demo cannot be fetched here: see Scripts/compreface-demo.sh") {
      PythonTool.webcamDemo != nil
    }
  }

  /// Runs the test only where there is a Chromium, and PyPI's playwright can be installed.
  static var needsChromium: Self {
    .enabled("chromium is not there (apt install chromium), or playwright cannot be installed from PyPI") {
      FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium") && PythonTool.playwright.folder != nil
    }
  }
}
