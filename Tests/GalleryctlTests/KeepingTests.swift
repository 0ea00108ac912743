import Foundation
import TestSupport
import Testing

@Suite("Check, backup, restore, compact", .needsPhotos)
struct KeepingTests {
  private struct Check: Decodable {
    struct Finding: Decodable {
      let part: String
      let repaired: Bool
    }
    let healthy: Bool
    let faces: Int
    let findings: [Finding]
  }

  private struct Copy: Decodable { let faces: Int }

  private struct Compaction: Decodable { let bytesBefore, bytesAfter: Int }

  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "Barack Obama", "--keep-thumbnails", Fixtures.photo("obama.jpg"))
    try galleryctl("add", "--name", "Joe Biden", Fixtures.photo("biden.jpg"))
    return galleryctl
  }

  @Test("check finds a torn snapshot, repairs it, and then finds nothing")
  func check() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("check").output.contains("all is well"))
    let snapshot = galleryctl.folder.appending(path: "gallery/index.snapshot")
    try Data(contentsOf: snapshot).prefix(5000).write(to: snapshot)
    let found = try galleryctl("check")
    #expect(found.status == 4)
    #expect(found.output.contains("check with repair"))
    let repaired = try galleryctl("check", "--repair", "--json")
    #expect(repaired.status == 0)
    let record = try repaired.json(Check.self)
    #expect(record.healthy && record.faces == 2)
    #expect(record.findings.map(\.part) == ["index"])
    #expect(!record.findings.contains { !$0.repaired })
    #expect(try galleryctl("check", "--json").json(Check.self).findings.isEmpty)
  }

  @Test("check lists faces that are nearly alike under two names, unless it shall not")
  func review() throws {
    struct Reviewed: Decodable {
      struct Review: Decodable {
        struct Group: Decodable {
          struct Member: Decodable { let name: String }
          let members: [Member]
        }
        let duplicates: [Group]
      }
      let review: Review?
    }
    let galleryctl = try filled()
    try galleryctl("add", "--name", "Somebody", Fixtures.photo("obama2.jpg"))
    let alike = try galleryctl("check", "--duplicates", "0.6", "--json")
    #expect(alike.status == 0)
    #expect(
      try alike.json(Reviewed.self).review?.duplicates.map { $0.members.map(\.name) }
        == [["Barack Obama", "Somebody"]])
    #expect(try galleryctl("check", "--duplicates", "0.6").output.contains("Barack Obama and Somebody"))
    #expect(try galleryctl("check", "--json").json(Reviewed.self).review?.duplicates.isEmpty == true)
    #expect(try galleryctl("check", "--no-review", "--json").json(Reviewed.self).review == nil)
  }

  @Test("a backup is restored with --replace only, and then answers as before")
  func backupAndRestore() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("backup", "saved/one", "--json").json(Copy.self).faces == 2)
    #expect(try galleryctl("backup", "saved/one").status == 3)
    #expect(
      try galleryctl("remove", "--dry-run", "Barack Obama").output.hasPrefix("would remove Barack Obama: "))
    #expect(try galleryctl("show", "Barack Obama").status == 0)
    try galleryctl("remove", "Barack Obama")
    let unasked = try galleryctl("restore", "saved/one")
    #expect(unasked.status == 3)
    #expect(unasked.errors.contains("give it up with --replace"))
    #expect(try galleryctl("restore", "--replace", "saved/one", "--json").json(Copy.self).faces == 2)
    #expect(try galleryctl("query", Fixtures.photo("obama2.jpg")).output.contains("Barack Obama"))
    #expect(try galleryctl("--gallery", "elsewhere", "restore", "saved/one").status == 0)
    #expect(try galleryctl("--gallery", "elsewhere", "check").status == 0)
  }

  @Test(
    "a gallery on a read-only file system answers; what would change it is refused with the reason",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func readOnlyFileSystem() throws {
    let galleryctl = try filled()
    let disk = try #require(SmallDisk(megabytes: 8))
    let copy = disk.url.appending(path: "gallery").path(percentEncoded: false)
    try galleryctl("backup", copy)
    try #require(disk.becomeReadOnly())
    #expect(
      try galleryctl("--gallery", copy, "query", Fixtures.photo("obama2.jpg")).output.contains("Barack Obama")
    )
    for command in [["list"], ["show", "Joe Biden"], ["info"], ["check"], ["backup", "from-disk"]] {
      #expect(try galleryctl.run(["--gallery", copy] + command).status == 0, "\(command)")
    }
    for command in [["rename", "Joe Biden", "Joe"], ["add", "--name", "Joe", Fixtures.photo("obama.jpg")]] {
      let refused = try galleryctl.run(["--gallery", copy] + command)
      #expect(refused.status == 4 && refused.errors.contains("read-only file system"), "\(command)")
    }
  }

  @Test("a backup that is not there is not found")
  func noBackup() throws {
    let missing = try filled()("restore", "--replace", "saved/none")
    #expect(missing.status == 3 && missing.errors.contains("There is no backup at"))
  }

  @Test("after remove and compact, no file of the gallery holds the name or the photo's path")
  func compact() throws {
    let galleryctl = try filled()
    try galleryctl("remove", "Barack Obama")
    let report = try galleryctl("compact", "--json").json(Compaction.self)
    #expect(report.bytesAfter > 0 && report.bytesAfter <= report.bytesBefore)
    let folder = galleryctl.folder.appending(path: "gallery")
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      let bytes = try Data(contentsOf: file)
      for trace in ["Barack Obama", "obama.jpg"] {
        #expect(bytes.range(of: Data(trace.utf8)) == nil, "\(trace) is left in \(file.lastPathComponent)")
      }
    }
    #expect(try galleryctl("check").status == 0)
    #expect(try galleryctl("query", Fixtures.photo("biden.jpg")).output.contains("Joe Biden"))
  }
}
