import FaceGallery
import Foundation
import TestSupport
import Testing

@Suite("Damaged and lost files", .serialized)
struct DamageTests {
  /// `FACEGALLERY_FLIPS=2000` makes a long run of it.
  private static let flips = Int(ProcessInfo.processInfo.environment["FACEGALLERY_FLIPS"] ?? "") ?? 60

  @Test(
    "with a flipped bit every answer is right or an error, never a signal",
    arguments: ["data.mdb", "index.snapshot"])
  func flips(file: String) throws {
    let folder = try TemporaryFolder()
    let isSnapshot = file == "index.snapshot" ? "1" : "0"
    let (status, output) = try SecondProcess(
      "flips", folder.path + "/flips", "1", "\(Self.flips)", isSnapshot
    )
    .finish()
    let lines = output.split(separator: "\n")
    #expect(status == 0, "\(lines.suffix(2))")
    #expect(!lines.contains { $0.hasPrefix("wrong: ") }, "\(lines.filter { $0.hasPrefix("wrong: ") })")
    let sums = try #require(lines.last).split(separator: " ").compactMap { Int($0) }
    #expect(
      sums.count == 3 && sums[0] + sums[1] == 9 * Self.flips && sums[0] > 0 && sums[1] > 0,
      "\(lines.suffix(1))")
  }

  @Test("a gallery that was there is never taken for a new one: its database is empty, cut off, or gone")
  func lost() throws {
    let folder = try TemporaryFolder()
    do { _ = try folder.open().add(Samples.faces(people: 3, each: 1)) }
    let file = folder.gallery.appending(path: "data.mdb")
    let whole = try Data(contentsOf: file)
    for rest in [Data(), whole.prefix(10), whole.prefix(5000), Data(repeating: 0, count: whole.count), nil] {
      if let rest { try rest.write(to: file) } else { try FileManager.default.removeItem(at: file) }
      for access in [GalleryOptions.Access.createIfMissing, .existing, .readOnly] {
        #expect(
          code { _ = try folder.open(GalleryOptions(access: access)) } == .damaged, "\(rest?.count ?? -1)")
      }
      let there = try? Data(contentsOf: file)
      #expect(there == rest)
    }
    try whole.write(to: file)
    #expect(try folder.open().info().faces == 3)
  }

  @Test(
    "a gallery that could not be made leaves nothing that counts as one, and is made the next time",
    .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"),
    arguments: [
      "pwrite64,pwritev:error=ENOSPC:when=1+", "pwrite64,pwritev:error=EIO:when=2+",
      "fdatasync:error=EIO:when=1+", "renameat2:error=EIO:when=1+",
    ])
  func making(fault: String) throws {
    let folder = try TemporaryFolder()
    let helper = try SecondProcess(
      injecting: fault, "work", folder.gallery.path(percentEncoded: false), "1", "1")
    let (status, output) = helper.finish()
    #expect(helper.injections > 0 && status == 1, "\(output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.gallery.path).isEmpty)
    #expect(try folder.open().info().faces == 0)
  }

  @Test("what a killed making left is in nobody's way")
  func killedMaking() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(at: folder.gallery, withIntermediateDirectories: true)
    let left = folder.gallery.appending(path: "data.mdb.4711-0123abcd.partial")
    try Data([1, 2, 3]).write(to: left)
    #expect(code { _ = try folder.open(GalleryOptions(access: .existing)) } == .notFound)
    #expect(try folder.open().info().faces == 0)
    #expect(!FileManager.default.fileExists(atPath: left.path))
  }
}
