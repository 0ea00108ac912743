import Foundation
import TestSupport
import Testing

/// The command line on galleries that PostgreSQL keeps, as a user would use them.
@Suite(
  "Galleries in PostgreSQL by the command line", .needsPhotos,
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct PostgresCommandTests {
  private struct Info: Decodable {
    struct Database: Decodable {
      let version: String
      let vectorVersion: String
      let standby: Bool
    }
    let folder: String
    let people: Int
    let faces: Int
    let sequence: Int
    let database: Database
  }

  private struct Answers: Decodable {
    struct Face: Decodable {
      struct Answer: Decodable { let name: String? }
      let answer: Answer
    }
    let faces: [Face]
  }

  /// Vectors of some people, a file that import takes.
  private func vectors(_ galleryctl: Galleryctl, people: ClosedRange<Int>, _ name: String) throws -> String {
    let lines = people.map { person in
      let vector = (0..<128).map { $0 == person % 128 ? "1" : "0.01" }.joined(separator: ",")
      return #"{"name": "Person \#(person)", "embedding": [\#(vector)]}"# + "\n"
    }
    return try galleryctl.file(name, lines.joined().utf8)
  }

  @Test("a gallery is made, filled, asked, changed and undone; info, doctor and check say how it stands")
  func life() throws {
    let galleryctl = try Galleryctl()
    let url = try #require(PostgresServer.shared).newURL()
    @discardableResult
    func run(_ words: String..., status: Int32 = 0) throws -> Galleryctl.Run {
      let run = try galleryctl.run(words, environment: ["GALLERYCTL_GALLERY": url])
      #expect(run.status == status, "\(words): \(run.errors)")
      return run
    }
    let missing = try run("list", status: 4)
    #expect(missing.errors.contains("galleryctl create"), "\(missing.errors)")
    #expect(try run("doctor", status: 0).output.contains("galleryctl create makes one"))
    try run("create", url)
    #expect(try run("create", status: 3).errors.contains("already"))
    try run("add", Fixtures.photo("obama.jpg"), Fixtures.photo("biden.jpg"))
    try run("add", "--unnamed", Fixtures.photo("group.jpg"))
    let answers = try run("query", "--json", Fixtures.photo("obama2.jpg")).json([Answers].self)
    #expect(answers.first?.faces.first?.answer.name == "obama")
    try run("rename", "obama", "Barack Obama")
    try run("tag", "Barack Obama", "team=red")
    #expect(try run("list", "--csv").output.contains("Barack Obama"))
    let tagged = try run("query", "--json", "--where", "team=red", Fixtures.photo("biden.jpg"), status: 1)
    #expect(!tagged.output.contains("\"biden\""))
    try run("remove", "--yes", "biden")
    #expect(try run("info", "--json").json(Info.self).people == 1)
    try run("undo")
    try run("rename", "--merge", "biden", "Barack Obama")
    try run("cluster", "--threshold", "-1", "--min-faces", "1")
    let info = try run("info", "--json").json(Info.self)
    #expect(
      info.people == 1 && info.faces > 2 && info.folder == url.replacing("postgres:", with: "postgres:"))
    #expect(info.database.version.hasPrefix("PostgreSQL ") && !info.database.standby)
    let text = try run("info").output
    #expect(text.contains("pgvector \(info.database.vectorVersion)") && text.contains("last change"))
    let doctor = try run("doctor").output
    #expect(doctor.contains(info.database.version) && doctor.contains("change \(info.sequence)"))
    try run("check")
    try run("export", "faces.npy")
    try run("import", "faces.npy", "-g", "folder")
    let copy = try #require(PostgresServer.shared).newURL()
    let imported = try run("import", "faces.npy", "-g", copy)
    #expect(!imported.errors.contains("index"), "\(imported.errors)")
    // They are made at different times.
    let lists = try ["folder", copy].map { place in
      try galleryctl("list", "--json", "-g", place).output.replacing(/"created" : "[^"]*"/, with: "")
    }
    #expect(lists[0] == lists[1])
    for words in [
      ["backup", "b"], ["restore", "b"], ["compact"], ["keys", "list"], ["serve"], ["audit", "on"],
    ] {
      let refused = try galleryctl.run(words, environment: ["GALLERYCTL_GALLERY": url])
      #expect(refused.status == 3 && refused.errors.count { $0 == "\n" } == 1, "\(words): \(refused.errors)")
    }
    let moved = try #require(PostgresServer.shared).newURL()
    let there = try run("copy", url, "moved", "--json")
    let back = try run("copy", "moved", moved, "--json")
    #expect(try run("list", "--json", "-g", moved).output == run("list", "--json").output)
    #expect(try run("check", "-g", "moved").status == 0)
    #expect(try run("copy", "moved", moved, status: 3).errors.contains("already"))
    #expect(try run("copy", "moved", "other", status: 3).errors.contains("galleryctl backup"))
    let problems = try JSONSchema.problems([
      ("info", try run("info", "--json").output), ("copy", there.output), ("copy", back.output),
    ])
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test("two programs that add at the same time both have all that they added")
  func writers() throws {
    let galleryctl = try Galleryctl()
    let url = try #require(PostgresServer.shared).newURL()
    try galleryctl("create", url)
    let files = [
      try vectors(galleryctl, people: 0...60, "a.jsonl"),
      try vectors(galleryctl, people: 40...110, "b.jsonl"),
    ]
    let started = try files.map { try galleryctl.start(["import", "--assume-engine", $0, "-g", url, "-q"]) }
    for (process, _, errors) in started {
      let said = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(said)")
    }
    #expect(try galleryctl("list", "--json", "-g", url).json([Replies.Person].self).count == 111)
    #expect(try galleryctl("check", "--no-review", "-g", url).status == 0)
  }

  @Test("a server that is killed in the middle of an add is waited for, and nothing is lost or added twice")
  func crash() throws {
    let server = try PostgresServer()
    defer { server.stop() }
    let galleryctl = try Galleryctl()
    let url = server.url("faces")
    #expect(try galleryctl("create", url).status == 0)
    let file = try vectors(galleryctl, people: 0...120, "a.jsonl")
    for _ in 0..<3 {
      let (process, _, errors) = try galleryctl.start(["import", "--assume-engine", file, "-g", url, "-q"])
      try server.crash()
      let said = String(decoding: errors.fileHandleForReading.readWhole(), as: UTF8.self)
      process.waitUntilExit()
      // A server that takes longer to come back than the program waits is told, and has changed nothing.
      let isTold = said.contains("There is no connection") || said.contains("nothing was changed")
      #expect(process.terminationStatus == 0 || (process.terminationStatus == 4 && isTold), "\(said)")
    }
    #expect(try galleryctl("import", "--assume-engine", file, "-g", url, "-q").status == 0)
    let people = try galleryctl("list", "--json", "-g", url).json([Replies.Person].self)
    #expect(people.count == 121)
    #expect(try galleryctl("check", "--no-review", "-g", url).status == 0)
  }

  @Test("no server, a wrong password and an address that is none are one sentence each, and tell no password")
  func refusals() throws {
    let server = try #require(PostgresServer.shared)
    let galleryctl = try Galleryctl()
    for (url, status, words) in [
      ("postgresql://u:SeSaMe@127.0.0.1:1/d", Int32(4), "There is no connection"),
      ("postgresql://clerk:SeSaMe@127.0.0.1:\(server.port)/postgres", 4, "refuses user or password"),
      ("postgresql://clerk@127.0.0.1:\(server.port)/postgres?passfile=/nowhere/pgpass", 4, "PGPASSFILE"),
      ("postgresql://postgres:SeSaMe@127.0.0.1:\(server.port)/nowhere", 4, "no such database"),
      ("postgresql://u:SeSaMe@127.0.0.1/d?nonsense=1", 3, "cannot be used"),
      ("postgresql://u:SeSaMe@127.0.0.1/d?gallery=pg_x", 3, "gallery's name"),
      ("postgresql://u:SeSaMe@127.0.0.1:port/d", 2, "cannot be used"),
    ] {
      for command in [["info", "-g", url], ["create", url]] {
        let run = try galleryctl.run(command)
        #expect(run.status == status && run.errors.contains(words), "\(command): \(run.status) \(run.errors)")
        #expect(!run.errors.contains("SeSaMe") && run.errors.count { $0 == "\n" } == 1, "\(run.errors)")
      }
    }
  }
}
