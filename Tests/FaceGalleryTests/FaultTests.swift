import FaceGallery
import Foundation
import TestSupport
import Testing

@Suite(
  "Removals that are interrupted",
  .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"), .serialized
)
struct InterruptedRemovalTests {
  /// Who is there, and who after an undo; nil where there is none.
  private struct State: Equatable {
    let people: [String]
    let undone: [String]?
  }

  private func state(_ folder: TemporaryFolder) throws -> State {
    let gallery = try folder.open()
    func names() throws -> [String] { try gallery.people().map(\.name) }
    let people = try names()
    let failure = code { try gallery.undo() }
    #expect(failure == nil || failure == .nothingToUndo)
    let report = try gallery.check()
    #expect(report.isHealthy, "\(report.findings)")
    return State(people: people, undone: failure == nil ? try names() : nil)
  }

  /// What is done, and the system calls of which each fails once, or is the last.
  struct Job: CustomTestStringConvertible, Sendable {
    let words: [String]
    let calls: [String]
    let fault: String
    var testDescription: String { "\(words[0]), \(fault)" }

    static let all = ["error=EIO", "signal=SIGKILL"].flatMap { fault in
      [
        Job(
          words: ["remove", "Person 1"], calls: ["pwrite64", "fdatasync", "fsync", "rename", "unlink"],
          fault: fault),
        Job(words: ["undo"], calls: ["pwrite64", "fdatasync", "fsync", "rename", "unlink"], fault: fault),
        Job(words: ["purge"], calls: ["pwrite64", "fdatasync", "unlink", "rmdir"], fault: fault),
        Job(words: ["compact"], calls: ["rename", "unlink", "rmdir"], fault: fault),
      ]
    }
  }

  @Test("at whatever point, both are as they were or both are as they are to be", arguments: Job.all)
  func everyPoint(job: Job) throws {
    let template = try TemporaryFolder()
    do {
      let gallery = try template.open()
      _ = try gallery.add(Samples.faces(people: 4, each: 2))
      try gallery.removeAllPeople()
      _ = try gallery.add(Samples.embedding(person: 1, face: 7), as: Samples.name(1))
      _ = try gallery.add(Samples.embedding(person: 9, face: 7), as: "New")
      try gallery.close()
    }
    func copy() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try FileManager.default.copyItem(at: template.gallery, to: folder.gallery)
      return folder
    }
    func words(_ folder: TemporaryFolder) -> [String] {
      [job.words[0], folder.gallery.path(percentEncoded: false)] + job.words.dropFirst()
    }
    let before = try state(copy())
    let done = try copy()
    #expect(try SecondProcess(words(done)).finish().status == 0)
    let after = try state(done)
    #expect(before != after && before.undone?.count == 5)
    var points = 0
    for call in job.calls {
      for place in 1... {
        let folder = try copy()
        let helper = try SecondProcess(injecting: "\(call):\(job.fault):when=\(place)", words(folder))
        let (status, output) = helper.finish()
        guard helper.injections > 0 || status == SIGKILL else { break }
        points += 1
        let found = try state(folder)
        #expect(found == before || found == after, "\(call) \(place): \(found) \(output)")
        if status == 0 { #expect(found == after, "\(call) \(place): \(found) \(output)") }
        if status == 1, job.words[0] != "compact", !output.contains("done") {
          #expect(found == before, "\(call) \(place): \(found) \(output)")
        }
      }
    }
    #expect(points >= 2)
  }
}

/// What the disk does wrong is done by `strace`, which has system calls fail on purpose.
@Suite(
  "Injected faults",
  .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"), .serialized
)
struct FaultTests {
  /// A system call, what it fails with, and from which call on.
  struct Fault: CustomTestStringConvertible {
    let call: String
    let error: String
    let when: String

    var testDescription: String { "\(call) fails with \(error) at \(when)" }
  }

  @Test(
    "a failing disk is a clear error; what was acknowledged is there, nothing is half done, and work goes on",
    arguments: [
      Fault(call: "fdatasync", error: "EIO", when: "9"), Fault(call: "fdatasync", error: "EIO", when: "20+"),
      Fault(call: "pwrite64,pwritev", error: "EIO", when: "12"),
      Fault(call: "pwrite64,pwritev", error: "ENOSPC", when: "30+"),
      Fault(call: "fsync", error: "EIO", when: "1+"),
      Fault(call: "rename,renameat,renameat2", error: "EIO", when: "1+"),
      Fault(call: "ftruncate", error: "ENOSPC", when: "1+"), Fault(call: "writev", error: "EIO", when: "30"),
    ])
  func fault(_ fault: Fault) throws {
    let folder = try TemporaryFolder()
    let helper = try SecondProcess(
      injecting: "\(fault.call):error=\(fault.error):when=\(fault.when)", "work",
      folder.gallery.path(percentEncoded: false), "80", "1")
    let (status, output) = helper.finish()
    #expect(helper.injections > 0, "the fault never came about: nothing was tested")
    let errors = output.split(separator: "\n").filter { $0.hasPrefix("error: ") }
    #expect(status == 0 ? errors.isEmpty : errors.count == 1, "\(output.suffix(300))")
    for error in errors {
      #expect(error.hasSuffix("."), "not a sentence: \(error)")
      #expect(
        ["disk", "space", "database", "snapshot", "index", "file"].contains { error.contains($0) }, "\(error)"
      )
    }
    let gallery = try folder.open()
    let journal = output.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("error: ") }.joined(separator: "\n")
    try Journal(journal).check(gallery)
    let report = try gallery.check()
    #expect(report.isHealthy, "\(report.findings)")
    _ = try gallery.add(Numbered.embedding(9), as: "afterwards")
    try gallery.checkInvariants()
  }

  @Test(
    "a disk that is full for good: reading goes on, and a backup that does not fit leaves nothing behind",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func smallDisk() throws {
    let disk = try #require(SmallDisk(megabytes: 2))
    let path = disk.url.appending(path: "gallery").path(percentEncoded: false)
    let (status, output) = try SecondProcess("fill", path, "50000", "1000000000").finish()
    #expect(status == 1)
    let lines = output.split(separator: "\n")
    #expect(lines.dropLast().last?.hasPrefix("error diskFull: ") == true, "\(output.suffix(300))")
    #expect(lines.last == "found [1]")
    let gallery = try Gallery.open(
      at: disk.url.appending(path: "gallery"), options: GalleryOptions(fingerprint: Samples.fingerprint))
    #expect(try gallery.info().faces == lines.count - 2)
    #expect(try gallery.check(recallSample: 10).isHealthy)
    // Neither a snapshot nor a backup fits.
    #expect(code { try gallery.backup(to: disk.url.appending(path: "copy")) } == .diskFull)
    #expect(!FileManager.default.fileExists(atPath: disk.url.appending(path: "copy").path))
    #expect(try gallery.check(recallSample: 10).isHealthy)
  }
}
