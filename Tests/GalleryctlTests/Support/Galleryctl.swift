import Foundation
import TestSupport
import Testing

/// Runs the built `galleryctl` as a user would, in a folder of its own.
final class Galleryctl: Sendable {
  /// What a run left behind.
  struct Run {
    let status: Int32
    let output: String
    let errors: String

    /// Standard output read as JSON of this form.
    func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(type, from: Data(output.utf8))
    }
  }

  /// An empty folder that is the working directory of every run; removed with the object.
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "galleryctl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// A file in the folder, written with these bytes.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// A copy of a sample photo in the folder.
  func copy(_ photo: String, to name: String) throws -> String {
    try file(name, Data(contentsOf: URL(filePath: Fixtures.photo(photo))))
  }

  /// The binary under test.
  static let binary = program("galleryctl")

  /// A built program, in `$FACEGALLERY_BIN`, else beside the test bundle.
  static func program(_ name: String) -> URL {
    let folder =
      ProcessInfo.processInfo.environment["FACEGALLERY_BIN"].map { URL(filePath: $0) }
      ?? URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    return folder.appending(path: name)
  }

  /// Starts a run without waiting for its end.
  func start(
    _ arguments: [String], environment: [String: String] = [:], program: String = "galleryctl"
  ) throws -> (Process, Pipe, Pipe) {
    let process = Process()
    let output = Pipe()
    let errors = Pipe()
    process.executableURL = Self.program(program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment
    variables["FACEGALLERY_WEIGHTS"] = Fixtures.weights.path
    variables.removeValue(forKey: "GALLERYCTL_GALLERY")
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  /// Runs to the end.
  @discardableResult
  func callAsFunction(_ arguments: String..., environment: [String: String] = [:]) throws -> Run {
    try run(arguments, environment: environment)
  }

  /// Runs to the end.
  @discardableResult
  func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Run {
    let (process, output, errors) = try start(arguments, environment: environment)
    // Standard error is drained beside standard output, so that neither pipe can fill up and stop the child.
    nonisolated(unsafe) var errorData = Data()
    let drained = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      errorData = errors.fileHandleForReading.readWhole()
      drained.signal()
    }
    let outputData = output.fileHandleForReading.readWhole()
    drained.wait()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
      errors: String(decoding: errorData, as: UTF8.self))
  }
}
