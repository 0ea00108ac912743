import Foundation

/// A program that has a gallery open for long, as a server has, and answers questions about it.
final class Watcher {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()

  /// Starts it and waits until the gallery is open.
  init(gallery: URL) throws {
    process.executableURL = Galleryctl.program("gallerycrasher")
    process.arguments = ["watch", gallery.path]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    _ = answer()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// What it says of a person, or of `OLD=NEW`, a renaming.
  func ask(_ line: String) -> String {
    input.fileHandleForWriting.write(Data("\(line)\n".utf8))
    return answer()
  }

  private func answer() -> String {
    String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
