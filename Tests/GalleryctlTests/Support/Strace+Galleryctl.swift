import Foundation
import TestSupport

/// Counts the writes of `galleryctl` to files, and kills it at one.
extension Strace {
  private static let calls = "pwrite64,pwritev,writev,fdatasync,fsync,ftruncate,rename,unlink,unlinkat,rmdir"

  /// The system calls by which the main thread of a run to the end writes, in order.
  static func writes(of galleryctl: Galleryctl, _ arguments: [String]) throws -> [String] {
    let trace = galleryctl.folder.appending(path: "trace")
    try start(galleryctl, arguments, options: ["-o", trace.path]).waitUntilExit()
    return String(decoding: try Data(contentsOf: trace), as: UTF8.self).split(separator: "\n")
      .filter { $0.contains("(") && !$0.contains("resumed") }.map { String($0.prefix { $0 != "(" }) }
  }

  /// Runs with SIGKILL at one of the writes; false when the run came to its end without it.
  ///
  /// - Parameters:
  ///   - place: The write's place among `writes`.
  ///   - writes: What the run does when nobody kills it: `strace` counts each system call by itself.
  static func kill(
    _ galleryctl: Galleryctl, _ arguments: [String], at place: Int, of writes: [String]
  ) throws -> Bool {
    let call = writes[place]
    let number = writes[...place].count { $0 == call }
    let process = try start(
      galleryctl, arguments,
      options: ["-o", "/dev/null", "-e", "inject=\(call):signal=KILL:when=\(number)"])
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal || process.terminationStatus != 0
  }

  /// Only the main thread is traced: it makes all writes to the gallery.
  private static func start(
    _ galleryctl: Galleryctl, _ arguments: [String], options: [String]
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments =
      ["-qq", "-e", "trace=\(calls)"] + options + [Galleryctl.binary.path] + arguments
    process.currentDirectoryURL = galleryctl.folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }
}
