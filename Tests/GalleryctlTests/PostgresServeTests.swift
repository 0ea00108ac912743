import Foundation
import TestSupport
import Testing

/// `galleryctl serve --replica`, as its clients see it.
@Suite(
  "Serving copies of a gallery in PostgreSQL", .needsPhotos, .serialized,
  .enabled(if: PostgresServer.shared != nil, "\(PostgresServer.reason)"))
struct PostgresServeTests {
  /// A reply: the status, and the body.
  private func curl(_ arguments: String...) throws -> (status: Int, body: String) {
    let (_, output) = try PythonTool.run(
      ["curl", "--silent", "--show-error", "--max-time", "60", "--write-out", "\n%{http_code}"] + arguments)
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
    return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
  }

  private func add(_ server: ServeTests.Server, _ photo: String, as name: String) throws -> (
    status: Int, body: String
  ) {
    try curl(
      "-F", "file=@\(Fixtures.photo(photo))",
      "http://127.0.0.1:\(server.port)/api/v1/recognition/faces?subject=\(name)")
  }

  private func knows(_ server: ServeTests.Server, _ photo: String, as name: String) throws -> Bool {
    let (status, body) = try curl(
      "-F", "file=@\(Fixtures.photo(photo))", "http://127.0.0.1:\(server.port)/api/v1/recognition/recognize")
    #expect(status == 200, "\(body)")
    return body.contains("\"subject\":\"\(name)\"")
  }

  @Test(
    "two servers and a program that writes see each other's changes; without the network one answers, and refuses changes"
  )
  func servers() throws {
    let truth = try #require(PostgresServer.shared)
    let proxy = try PostgresProxy(to: truth.port)
    defer { proxy.stop() }
    let galleryctl = try Galleryctl()
    let url = truth.newURL()
    try galleryctl("create", url)
    #expect(try galleryctl("add", "-g", url, "-q", Fixtures.photo("biden.jpg")).status == 0)
    let settings = ["--no-keys", "--log", "events", "--replica"]
    let first = try ServeTests.Server(galleryctl, settings + ["one", "-g", url])
    let behind = url.replacing(":\(truth.port)/", with: ":\(proxy.port)/")
    var second = try ServeTests.Server(galleryctl, settings + ["two", "-g", behind])
    #expect(try knows(first, "biden.jpg", as: "biden") && knows(second, "biden.jpg", as: "biden"))

    // Who adds finds it at once, others a moment later.
    let added = try add(first, "obama.jpg", as: "Obama")
    #expect(added.status == 201, "\(added.body)")
    #expect(try knows(first, "obama2.jpg", as: "Obama"))
    #expect(try eventually { try knows(second, "obama2.jpg", as: "Obama") })
    #expect(try galleryctl("rename", "-g", url, "Obama", "Barack").status == 0)
    #expect(try eventually { try knows(first, "obama2.jpg", as: "Barack") })
    #expect(try eventually { try knows(second, "obama2.jpg", as: "Barack") })
    let info = try galleryctl("info", "--json", "-g", "two")
    #expect(info.output.contains("\"copy\" :"), "\(info.output)")
    #expect(try JSONSchema.problems([("info", info.output)]).isEmpty)
    let refused = try galleryctl("rename", "-g", "two", "Barack", "Eve")
    #expect(refused.status == 4 && refused.errors.contains("127.0.0.1"), "\(refused.errors)")

    proxy.cutNetwork()
    #expect(try knows(second, "obama2.jpg", as: "Barack"))
    let failed = try add(second, "obama3.jpg", as: "Lost")
    #expect(failed.status == 503 && failed.body.contains("nothing was changed"), "\(failed)")
    #expect(!failed.body.contains("127.0.0.1"), "whoever asks learns nothing of the database's place")
    func ready(_ server: ServeTests.Server) throws -> String {
      let (status, body) = try curl("http://127.0.0.1:\(server.port)/readyz")
      return status == 200 ? body : "\(status)"
    }
    #expect(try eventually { try ready(second).contains("\"connected\":false") })
    let elsewhere = try add(first, "hanks.png", as: "Hanks")
    #expect(elsewhere.status == 201, "\(elsewhere.body)")
    #expect(try !knows(second, "hanks.png", as: "Hanks"))
    // It starts without the network, too.
    #expect(second.stop().status == 0)
    second = try ServeTests.Server(galleryctl, settings + ["two", "-g", behind])
    #expect(try knows(second, "obama2.jpg", as: "Barack"))
    proxy.mendNetwork()
    #expect(try eventually { try knows(second, "hanks.png", as: "Hanks") })
    #expect(try eventually { try add(second, "obama3.jpg", as: "Barack").status == 201 })
    #expect(try ready(second).contains("\"connected\":true"))
    let metrics = try curl("http://127.0.0.1:\(second.port)/metrics").body
    #expect(metrics.contains("facegallery_copy_connected{gallery=\"two\"} 1\n"), "\(metrics)")
    #expect(metrics.contains("facegallery_copy_lag_changes{gallery=\"two\"} 0\n"))
    #expect(try eventually { try ready(first) == ready(second) })
    for server in [first, second] { #expect(server.stop().status == 0) }
    #expect(try galleryctl("check", "--no-review", "-g", url).status == 0)
    for name in ["one", "two"] {
      #expect(try galleryctl("check", "--no-review", "-g", name).status == 0)
      #expect(
        try galleryctl("list", "--json", "-g", name).output == galleryctl("list", "--json", "-g", url).output)
    }
    let list = try galleryctl("list", "--names", "-g", url).output
    #expect(!list.contains("Lost") && list.contains("Hanks"))
    #expect(try galleryctl("compact", "-g", "one").status == 3)
    // Keys are those of the server.
    let key = try galleryctl("keys", "add", "--role", "read", "-g", "one")
    #expect(key.status == 0, "\(key.errors)")
    #expect(try galleryctl("audit", "on", "-g", "one").status == 4)
    let backup = try galleryctl("backup", "kept", "-g", "one")
    #expect(backup.status == 0, "\(backup.errors)")
    #expect(try galleryctl("rename", "-g", "kept", "Barack", "Eve").status == 0)
  }

  @Test("what cannot be a copy is said in a sentence")
  func refusals() throws {
    let truth = try #require(PostgresServer.shared)
    let galleryctl = try Galleryctl()
    let url = truth.newURL()
    for (words, status, text) in [
      (["serve", "--replica", "copy", "-g", "folder"], Int32(2), "PostgreSQL"),
      (["serve", "--replica", "copy", "-g", url, "other"], 2, "--gallery"),
      (["serve", "--replica", "copy", "-g", url], 4, "galleryctl create"),
      (["serve", "-g", url], 3, "--replica"),
      (
        ["serve", "--replica", "copy", "-g", "postgresql://u:SeSaMe@127.0.0.1:1/d"], 4,
        "There is no connection"
      ),
    ] {
      let run = try galleryctl.run(words + ["--no-keys", "--port", "0"])
      #expect(run.status == status && run.errors.contains(text), "\(words) \(run.status): \(run.errors)")
      #expect(run.errors.count { $0 == "\n" } == 1 && !run.errors.contains("SeSaMe"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.appending(path: "copy").path))
    }
    try galleryctl("create", url)
    try galleryctl("create", "own")
    let own = try galleryctl("serve", "--replica", "own", "-g", url, "--no-keys", "--port", "0")
    #expect(own.status == 3 && own.errors.contains("of its own"), "\(own.errors)")
  }
}
