import Foundation
import TestSupport
import Testing

private let hasPython = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")

@Suite("Killed at any moment", .needsPhotos, .enabled(if: hasPython, "python3 is not installed"))
struct KillTests {

  /// The script is documented for long runs by hand; this is a short one.
  @Test("writing commands and the service lose nothing that was acknowledged, and leave nothing half done")
  func writers() throws {
    let galleryctl = try Galleryctl()
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = [
      Fixtures.root.appending(path: "Scripts/kill-writers.py").path, "--kills", "25", "--seed", "21",
      "--without", "train,reembed", Galleryctl.binary.path,
    ]
    process.currentDirectoryURL = galleryctl.folder
    var variables = ProcessInfo.processInfo.environment
    variables["FACEGALLERY_WEIGHTS"] = Fixtures.weights.path
    variables["FACEGALLERY_DATA"] = Fixtures.data.path
    variables.removeValue(forKey: "GALLERYCTL_GALLERY")
    process.environment = variables
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && text.contains("all that was acknowledged was there"), "\(text)")
  }
}

@Suite(
  "A disk that fails under an export", .needsPhotos,
  .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"))
struct FailingExportTests {
  private func rows(_ galleryctl: Galleryctl, _ name: String, people: Range<Int>) throws -> String {
    let lines = people.map { person in
      let vector = (0..<128).map { String(($0 * 31 + person * 97) % 113 - 56) }.joined(separator: ",")
      return "{\"person\":\"person \(person)\",\"vector\":[\(vector)]}"
    }
    return try galleryctl.file(name, lines.joined(separator: "\n").utf8)
  }

  @Test(
    "at whatever point it fails, the export from before is whole or the new one is, and the exit status is 4",
    arguments: [["a.npy"], ["--format", "npy+csv", "a.npy"], ["a.jsonl"], ["a.safetensors"]])
  func everyPoint(form: [String]) throws {
    let galleryctl = try Galleryctl()
    let (old, new) = (
      try rows(galleryctl, "old.jsonl", people: 0..<4), try rows(galleryctl, "new.jsonl", people: 4..<8)
    )
    #expect(try galleryctl("-g", "old", "import", "--assume-engine", "-q", old).status == 0)
    #expect(try galleryctl("-g", "new", "import", "--assume-engine", "-q", new).status == 0)
    let file = form.last ?? ""
    let before = try galleryctl.run(["-g", "old", "list", "--json"]).output
    var points = 0
    for call in ["pwrite64", "fsync", "rename"] {
      for place in 1... {
        #expect(try galleryctl.run(["-g", "old", "export", "-q"] + form).status == 0)
        let words = ["-g", "new", "export", "-q"] + form
        guard let failed = try galleryctl.run(words, failing: call, at: place), failed.status != 0 else {
          break
        }
        points += 1
        #expect(
          failed.status == 4 && failed.errors.hasPrefix("error: "), "\(call) \(place): \(failed.errors)")
        #expect(failed.errors.contains("Input/output error"), "\(call) \(place): \(failed.errors)")
        let left = try FileManager.default.contentsOfDirectory(atPath: galleryctl.folder.path)
        #expect(!left.contains { $0.hasSuffix(".partial") }, "\(call) \(place): \(left)")
        // Names and vectors of one of the two, or a pair that is refused: never a mixture.
        let copy = try galleryctl.run(["-g", "copy", "import", "-q", file])
        if copy.status == 0 {
          let people = try galleryctl.run(["-g", "copy", "list", "--json"]).output
          #expect(people.contains("person 0") != people.contains("person 4"), "\(call) \(place)")
          #expect(people.contains("person 3") == people.contains("person 0"), "\(call) \(place)")
          #expect(people.contains("person 7") == people.contains("person 4"), "\(call) \(place)")
        } else {
          #expect(
            copy.status == 3 && copy.errors.contains("not the array whose rows"),
            "\(call) \(place): \(copy.errors)")
        }
        try? FileManager.default.removeItem(at: galleryctl.folder.appending(path: "copy"))
      }
    }
    // Each file is written, made to last and renamed at least.
    #expect(points >= 3)
    #expect(try galleryctl.run(["-g", "old", "list", "--json"]).output == before)
  }
}

@Suite(
  "A disk that fails when all is nearly done", .needsPhotos,
  .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"))
struct FailingEndTests {
  /// A command, and how it is told what it has done.
  struct Job: CustomTestStringConvertible, Sendable {
    let words: [String]
    let look: [String]
    var testDescription: String { words.joined(separator: " ") }

    static let all = [
      Job(words: ["restore", "--replace", "saved"], look: ["list", "--json"]),
      Job(words: ["-g", "new", "restore", "saved"], look: ["-g", "new", "list", "--json"]),
      Job(words: ["backup", "new"], look: ["-g", "new", "list", "--json"]),
      Job(words: ["keys", "add"], look: ["keys", "list"]),
      Job(words: ["keys", "revoke", "ID"], look: ["keys", "list"]),
    ]
  }

  @Test(
    "an error says that nothing was done, and nothing was; what was done is at most a warning",
    arguments: Job.all)
  func everyPoint(job: Job) throws {
    let template = try Galleryctl()
    try template("add", "--name", "Ada", Fixtures.photo("obama.jpg"))
    try template("backup", "saved")
    try template("rename", "Ada", "Bob")
    try template("keys", "add")
    let key = try template("keys", "list").output.split(separator: "\n").last?.prefix { $0 != " " }
    let words = job.words.map { $0 == "ID" ? String(key ?? "") : $0 }
    var (warned, refused) = (0, 0)
    for call in ["fsync", "ftruncate", "rename"] {
      for place in 1... {
        let galleryctl = try Galleryctl()
        for name in ["gallery", "saved"] {
          try FileManager.default.copyItem(
            at: template.folder.appending(path: name), to: galleryctl.folder.appending(path: name))
        }
        let before = try galleryctl.run(job.look)
        guard let run = try galleryctl.run(words, failing: call, at: place) else { break }
        let after = try galleryctl.run(job.look)
        let isDone = before.output != after.output
        #expect(isDone == (run.status == 0), "\(call) \(place): \(run.errors)")
        if run.status == 0 {
          if run.errors.contains("warning: ") { warned += 1 }
        } else {
          #expect(run.status == 4 && run.errors.contains("error: "), "\(call) \(place): \(run.errors)")
          refused += 1
        }
      }
    }
    #expect(refused > 0)
    // What takes the place of something cannot be taken back.
    if job.words.contains("--replace") || job.words[0] == "keys" { #expect(warned > 0) }
  }
}

extension Galleryctl {
  /// Runs with the call of a number failing; nil when there are not so many of them.
  fileprivate func run(
    _ arguments: [String], failing call: String, at place: Int
  ) throws -> Galleryctl.Run? {
    let process = Process()
    let errors = Pipe()
    let trace = folder.appending(path: "trace")
    process.executableURL = URL(filePath: Strace.path)
    process.arguments =
      [
        "-f", "-qq", "-o", trace.path, "-e", "trace=\(call)", "-e",
        "inject=\(call):error=EIO:when=\(place)", Self.binary.path,
      ] + arguments
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
    process.waitUntilExit()
    guard String(decoding: try Data(contentsOf: trace), as: UTF8.self).contains("(INJECTED)") else {
      return nil
    }
    return Galleryctl.Run(status: process.terminationStatus, output: "", errors: text)
  }
}
