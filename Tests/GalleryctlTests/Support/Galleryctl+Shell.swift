import Foundation
import TestSupport

extension Galleryctl {
  /// Runs a shell line in the folder; `galleryctl` and `$G` are the program, `$PHOTO` and `$OTHER` photos of two people.
  func shell(_ line: String) throws -> (status: Int32, signal: Bool, text: String) {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = folder
    let environment = ProcessInfo.processInfo.environment
    process.environment = environment.merging([
      "G": Galleryctl.binary.path, "FACEGALLERY_WEIGHTS": Fixtures.weights.path,
      "PATH": Galleryctl.binary.deletingLastPathComponent().path + ":" + (environment["PATH"] ?? ""),
      "SWIFT_BACKTRACE": "enable=no",
      "PHOTO": Fixtures.photo("obama.jpg"), "OTHER": Fixtures.photo("biden.jpg"),
    ]) { $1 }
    process.environment?.removeValue(forKey: "GALLERYCTL_GALLERY")
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try? output.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, process.terminationReason == .uncaughtSignal, text)
  }
}
