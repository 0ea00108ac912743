import Foundation
import TestSupport
import Testing

@Suite(
  "No more threads",
  .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"), .serialized
)
struct ThreadTests {
  private func vectors(_ galleryctl: Galleryctl) throws -> String {
    let lines = (0..<60).map { row in
      let vector = (0..<128).map { String(($0 * 31 + row * 97) % 113 - 56) }.joined(separator: ",")
      return "{\"person\":\"person \(row / 3)\",\"vector\":[\(vector)]}"
    }
    return try galleryctl.file("vectors.jsonl", lines.joined(separator: "\n").utf8)
  }

  /// Runs a command to which the system gives no thread from the n-th on, for a minute at most.
  private func run(_ galleryctl: Galleryctl, without number: Int, _ arguments: [String]) throws -> (
    Int32, String
  ) {
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments =
      [
        "-s", "KILL", "60", Strace.path, "-f", "-qq", "-o", "/dev/null", "-e", "trace=clone3,clone", "-e",
        "inject=clone3,clone:error=EAGAIN:when=\(number)+", Galleryctl.binary.path,
      ] + arguments
    process.currentDirectoryURL = galleryctl.folder
    var variables = ProcessInfo.processInfo.environment
    variables["FACEGALLERY_WEIGHTS"] = Fixtures.weights.path
    process.environment = variables
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationReason == .exit ? process.terminationStatus : -1, text)
  }

  @Test(
    "commands do their work, on fewer threads, or say what is wrong; none waits for ever",
    arguments: [1, 2, 3])
  func commands(number: Int) throws {
    let galleryctl = try Galleryctl()
    let file = try vectors(galleryctl)
    #expect(try galleryctl("-g", "base", "import", "--assume-engine", "-q", file).status == 0)
    #expect(try galleryctl("-g", "base", "remove", "-q", "person 3").status == 0)
    for arguments in [
      ["-g", "new", "import", "--assume-engine", "-q", file], ["-g", "base", "backup", "-q", "copy"],
      ["-g", "base", "compact", "-q"], ["-g", "base", "restore", "-q", "--replace", "copy"],
      ["-g", "base", "check", "-q", "--no-review"],
    ] {
      let (status, errors) = try run(galleryctl, without: number, arguments)
      #expect(status == 0, "\(arguments): \(errors)")
    }
    #expect(try galleryctl("-g", "base", "list").output.contains("57 faces"))
    #expect(try galleryctl("-g", "new", "list").output.contains("60 faces"))
  }

  @Test("a server that gets no thread for its sockets or its work says so and ends", arguments: [1, 2, 4])
  func server(number: Int) throws {
    let galleryctl = try Galleryctl()
    #expect(
      try galleryctl("-g", "base", "import", "--assume-engine", "-q", try vectors(galleryctl)).status == 0)
    let (status, errors) = try run(
      galleryctl, without: number, ["-g", "base", "serve", "--no-keys", "--port", "0"])
    #expect(status == 4 && errors.contains("thread be made"), "\(errors)")
  }

  @Test("a picture whose decoder needs a thread is refused, and may be read later", .needsPhotos)
  func decoder() throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.root.appending(path: "Tests/ImagingTests/Fixtures/heic.heic").path
    let (status, errors) = try run(galleryctl, without: 1, ["detect", photo])
    #expect(status == 3 && errors.contains("no thread"), "\(status) \(errors)")
  }

  @Test("finding and comparing faces starts no thread, OpenBLAS's neither", .needsPhotos)
  func engine() throws {
    let galleryctl = try Galleryctl()
    for arguments in [
      ["detect", Fixtures.photo("obama.jpg")],
      ["verify", Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg")],
    ] {
      let (status, errors) = try run(galleryctl, without: 1, arguments)
      #expect(status == 0, "\(arguments): \(errors)")
    }
  }
}
