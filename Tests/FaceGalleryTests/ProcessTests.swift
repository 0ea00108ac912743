import FaceGallery
import Foundation
import Support
import TestSupport
import Testing

@Suite("Several processes, crashes, failing disks", .serialized)
struct ProcessTests {
  /// `FACEGALLERY_KILLS=500` makes a long run of it.
  private static let kills = Int(ProcessInfo.processInfo.environment["FACEGALLERY_KILLS"] ?? "") ?? 12

  @Test(
    "after kill -9 at any point everything acknowledged is there and nothing is half done",
    arguments: 1...max(kills, 1))
  func killed(round: Int) throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(UInt64(round))
    var output = ""
    // The second worker goes on where the first one was killed.
    for worker in 0..<2 {
      let helper = try SecondProcess(
        "work", folder.gallery.path(percentEncoded: false), "100000", "\(worker)")
      // It works on while the last of these lines is on its way.
      output += helper.waitForLines(.random(in: 1...150, using: &random))
      helper.kill()
      output += helper.finish().output
      if let end = output.lastIndex(of: "\n") { output = String(output[...end]) }
    }
    let gallery = try folder.open()
    try Journal(output).check(gallery)
    try gallery.checkInvariants()
  }

  @Test("two processes write at once, and this one sees all of it")
  func twoWriters() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    let path = folder.gallery.path(percentEncoded: false)
    let helpers = [try SecondProcess("work", path, "120", "1"), try SecondProcess("work", path, "120", "2")]
    for number in 0..<60 {
      _ = try gallery.add(Numbered.embedding(UInt64(number)), as: "here")
      let answer = try gallery.query(Numbered.embedding(UInt64(number)), options: byPerson(k: 1))
      #expect(answer.candidates.first?.name == "here")
    }
    for helper in helpers {
      let (status, output) = helper.finish()
      #expect(status == 0, "\(output.suffix(300))")
      try Journal(output).check(gallery)
    }
    #expect(try gallery.info().faces == 60 + 2 * 120)
    try gallery.checkInvariants()
  }

  @Test("a process that only reads sees additions, renames and removals of another at its next query")
  func follower() throws {
    let folder = try TemporaryFolder()
    let gallery = try folder.open()
    _ = try gallery.add(Numbered.embedding(1), as: "first")
    let server = try SecondProcess("serve", folder.gallery.path(percentEncoded: false))
    #expect(server.waitForOutput() == "ready\n")
    #expect(server.ask("1") == "1 true first\n")
    let second = try gallery.add(Numbered.embedding(2), as: "second")
    #expect(server.ask("2") == "\(second) true second\n")
    let person = try #require(try gallery.person(named: "second"))
    try gallery.rename(person.id, to: "renamed")
    #expect(server.ask("2") == "\(second) true renamed\n")
    let first = try #require(try gallery.person(named: "first"))
    try gallery.merge(person.id, into: first.id)
    #expect(server.ask("2") == "\(second) true first\n")
    try gallery.remove(second)
    #expect(server.ask("2").contains("false"))
    server.endInput()
    #expect(server.finish().status == 0)
  }

  @Test("a process far behind a change log that another one has trimmed goes on with the new snapshot")
  func trimmedBehind() throws {
    let folder = try TemporaryFolder()
    let options = GalleryOptions(fingerprint: Samples.fingerprint, changesBeforeSnapshot: 20)
    let gallery = try folder.open(options)
    for number in 0..<40 { _ = try gallery.add(Numbered.embedding(UInt64(number)), as: "old \(number)") }
    let server = try SecondProcess("serve", folder.gallery.path(percentEncoded: false))
    #expect(server.waitForOutput() == "ready\n")
    #expect(server.ask("7") == "8 true old 7\n")
    for number in 100..<1400 { _ = try gallery.add(Numbered.embedding(UInt64(number)), as: "new") }
    let gone = try #require(try gallery.person(named: "old 7"))
    let moved = try #require(try gallery.person(named: "old 9"))
    try gallery.remove(gone.id)
    try gallery.rename(moved.id, to: "renamed")
    try gallery.saveSnapshot()
    #expect(try #require(gallery.info().firstLoggedChange) > 1000)
    #expect(server.ask("7").contains("false"))
    #expect(server.ask("9") == "10 true renamed\n")
    #expect(server.ask("1399") == "1340 true new\n")
    // Also while the server's index is being put right, and afterwards.
    for number in 1400..<1500 { _ = try gallery.add(Numbered.embedding(UInt64(number)), as: "newer") }
    #expect(server.ask("1499") == "1440 true newer\n")
    server.endInput()
    #expect(server.finish().status == 0)
    #expect(try gallery.check().isHealthy)
  }

  @Test("a full disk: a clear error, reading goes on, and nothing that was acknowledged is lost")
  func fullDisk() throws {
    let folder = try TemporaryFolder()
    let helper = try SecondProcess("fill", folder.gallery.path(percentEncoded: false), "5000", "600000")
    let (status, output) = helper.finish()
    #expect(status == 1)
    let lines = output.split(separator: "\n")
    #expect(lines.dropLast().last?.hasPrefix("error diskFull: ") == true)
    #expect(lines.last == "found [1]")
    let gallery = try folder.open()
    #expect(try gallery.info().faces == lines.count - 2)
    _ = try gallery.add(Numbered.embedding(9), as: "somebody")
    try gallery.checkInvariants()
  }

  @Test("a folder without permission is a clear error")
  func noPermission() throws {
    let folder = try TemporaryFolder()
    do { _ = try folder.open().add(Numbered.embedding(1), as: "somebody") }
    let path = folder.gallery.path(percentEncoded: false)
    for file in ["data.mdb", "lock.mdb"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path + "/" + file)
    }
    let (status, output) = try SecondProcess("open-as-nobody", path).finish()
    #expect(status == 1)
    #expect(output.hasPrefix("error permissionDenied: "))
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
    let (newStatus, newOutput) = try SecondProcess("open-as-nobody", folder.path + "/new").finish()
    #expect(newStatus == 1)
    #expect(newOutput.hasPrefix("error permissionDenied: "))
  }
}
