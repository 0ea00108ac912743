import Foundation
import TestSupport
import Testing

@Suite("Killed processes, and two at once", .needsPhotos)
struct ProcessTests {
  /// Copies of one photo that differ in a few bytes behind the picture, so that each counts as a photo of its own.
  private func photos(_ count: Int, of photo: String, in folder: String, _ galleryctl: Galleryctl) throws {
    let bytes = try Data(contentsOf: URL(filePath: Fixtures.photo(photo)))
    for number in 1...count {
      _ = try galleryctl.file("\(folder)/\(number).jpg", Fixtures.another(bytes, number: number))
    }
  }

  private func faceCount(_ galleryctl: Galleryctl) throws -> Int {
    let run = try galleryctl("list", "--json")
    return run.status == 0 ? try run.json([Replies.Person].self).reduce(0) { $0 + $1.faces } : 0
  }

  @Test("an add that is interrupted says what was kept and how to go on, and does")
  func interruptedAdd() throws {
    let galleryctl = try Galleryctl()
    try photos(200, of: "obama.jpg", in: "people/Barack Obama", galleryctl)
    let (process, _, errors) = try galleryctl.start(["add", "--quiet", "people"])
    #expect(try eventually { try faceCount(galleryctl) > 0 || !process.isRunning })
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
    try #require(process.terminationReason == .uncaughtSignal, "it ended before it was interrupted")
    #expect(process.terminationStatus == SIGINT)
    let said = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
    #expect(said.contains("the same command adds the others"))
    let kept = try faceCount(galleryctl)
    let report = try galleryctl("add", "--json", "people").json(Replies.Enrolment.self)
    #expect(kept > 0 && report.skipped >= kept && report.added + report.skipped == 200)
  }

  @Test("an add killed at any moment leaves a healthy gallery, and running it again completes it")
  func killedAdd() throws {
    let galleryctl = try Galleryctl()
    try photos(100, of: "obama.jpg", in: "people/Barack Obama", galleryctl)
    var kept = 0
    // As it starts; as soon as there is a gallery; as soon as it has added a face; as soon as it has added another one.
    for moment in 0..<4 {
      let (process, _, _) = try galleryctl.start(["add", "--quiet", "people"])
      let file = galleryctl.folder.appending(path: "gallery/data.mdb").path
      #expect(
        try eventually {
          switch moment {
          case 0: true
          case 1: FileManager.default.fileExists(atPath: file)
          default: try faceCount(galleryctl) > kept
          }
        })
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(process.terminationReason == .uncaughtSignal, "it ended before it was killed")
      guard moment > 0 else { continue }
      let doctor = try galleryctl("doctor")
      #expect(doctor.status == 0, "\(doctor.output)")
      let faces = try faceCount(galleryctl)
      #expect(faces >= kept)
      kept = faces
    }
    let report = try galleryctl("add", "--json", "people").json(Replies.Enrolment.self)
    #expect(report.skipped == kept && report.added == 100 - kept)
    #expect(report.refused == 0)
    #expect(try faceCount(galleryctl) == 100)
    #expect(try galleryctl("query", Fixtures.photo("obama2.jpg")).output.contains("Barack Obama"))
  }

  @Test(
    "a long reader, an add and a query share a gallery: each sees what the others committed, at its next question"
  )
  func readerWriterAndQuery() throws {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "Barack Obama", Fixtures.photo("obama.jpg"))
    let reader = try Watcher(gallery: galleryctl.folder.appending(path: "gallery"))
    #expect(reader.ask("Barack Obama") == "Barack Obama: 1")
    #expect(reader.ask("Joe Biden") == "nobody is Joe Biden")

    // The reader sees an addition as soon as the program that made it says so.
    try galleryctl("add", "--name", "Joe Biden", Fixtures.photo("biden.jpg"))
    #expect(reader.ask("Joe Biden") == "Joe Biden: 1")
    #expect(try galleryctl("query", Fixtures.photo("biden.jpg")).output.contains("Joe Biden"))

    // A query sees what the reader changed, also while a third program adds.
    try photos(12, of: "obama2.jpg", in: "more/Barack Obama", galleryctl)
    let adding = try galleryctl.start(["add", "--quiet", "more"])
    #expect(reader.ask("Joe Biden=Joseph Biden") == "Joseph Biden: 1")
    #expect(try galleryctl("query", Fixtures.photo("biden.jpg")).output.contains("Joseph Biden"))
    #expect(try galleryctl("remove", "Joseph Biden").status == 0)
    #expect(reader.ask("Joseph Biden") == "nobody is Joseph Biden")
    adding.0.waitUntilExit()
    #expect(adding.0.terminationStatus == 0)
    #expect(reader.ask("Barack Obama") == "Barack Obama: 13")

    // A program that is killed while it has the gallery open leaves no lock behind.
    let killed = try galleryctl.start(["add", "--quiet", "--name", "Eileen Collins", "more"])
    kill(killed.0.processIdentifier, SIGKILL)
    killed.0.waitUntilExit()
    try galleryctl("add", "--name", "Eileen Collins", Fixtures.photo("astronaut.png"))
    #expect(reader.ask("Eileen Collins").hasPrefix("Eileen Collins: "))
    #expect(try galleryctl("check").status == 0)
  }

  @Test("two processes add to one gallery at the same time, and a third one asks meanwhile")
  func twoWriters() throws {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "Eileen Collins", Fixtures.photo("astronaut.png"))
    try photos(8, of: "obama.jpg", in: "a/Barack Obama", galleryctl)
    try photos(8, of: "biden.jpg", in: "b/Joe Biden", galleryctl)
    let first = try galleryctl.start(["add", "--quiet", "a"])
    let second = try galleryctl.start(["add", "--quiet", "b"])
    let query = try galleryctl("query", Fixtures.photo("astronaut.png"))
    #expect(query.status == 0)
    for (process, _, _) in [first, second] {
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
    }
    #expect(try faceCount(galleryctl) == 17)
    #expect(try galleryctl("doctor").status == 0)
  }
}
