import FaceGallery
import Foundation
import TestSupport
import Testing

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
    let helper = try Helper(
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
    let (status, output) = try Helper("fill", path, "50000", "1000000000").finish()
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
