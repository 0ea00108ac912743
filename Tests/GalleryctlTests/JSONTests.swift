import Foundation
import Testing

/// What `--json` writes is what docs/json.md says.
@Suite("JSON of every command", .needsPhotos, .serialized)
struct JSONTests {
  @Test("every command's output is valid by docs/json.schema.json")
  func schema() throws {
    let galleryctl = try Galleryctl()
    var outputs: [(command: String, output: String)] = []
    @discardableResult
    func run(_ words: String..., expecting status: Int32 = 0) throws -> String {
      let run = try galleryctl.run(words + ["--json"])
      #expect(run.status == status, "\(words): \(run.errors)")
      outputs.append((words[0], run.output))
      return run.output
    }
    let photo = Fixtures.photo
    let broken = try galleryctl.file("broken.jpg", "no photo".utf8)
    try run("create", "made")
    try run("add", photo("obama.jpg"), photo("biden.jpg"), photo("camera.png"), broken)
    try run("add", "--unnamed", photo("group.jpg"))
    try run("add", "--dry-run", photo("obama2.jpg"), photo("group.jpg"))
    try run("add", "--dry-run", "--unnamed", photo("obama2.jpg"), "nowhere.jpg", expecting: 3)
    _ = try galleryctl.copy("camera.png", to: "people/Camera Man/1.png")
    _ = try galleryctl.copy("biden.jpg", to: "people/Joe Biden/1.jpg")
    try run("sync", "--dry-run", "people", "-g", "synced")
    try run("sync", "people", "-g", "synced")
    try run("query", photo("obama2.jpg"), photo("group.jpg"))
    try run("query", photo("obama2.jpg"), "nowhere.jpg", expecting: 3)
    try run("query", try galleryctl.collage(["obama2.jpg", "obama3.jpg"]))
    try run("detect", photo("obama2.jpg"), "nowhere.jpg", expecting: 3)
    try run("add", photo("obama.jpg"), "nowhere.jpg", expecting: 3)
    try run("add", "nowhere.jpg", expecting: 3)
    try run("query", "--by", "face", photo("obama2.jpg"))
    try run("verify", photo("obama.jpg"), photo("obama2.jpg"))
    try run("detect", photo("group.jpg"))
    try run("list")
    try run("tag", "obama", "team=red", "boss")
    try run("show", "obama")
    try run("info")
    try run("info", "-g", try empty(galleryctl))
    try run("audit", "on")
    try run("check")
    try run("cluster", "--threshold", "-1", "--min-faces", "1")
    let groups = try galleryctl("cluster", "--last", "--json").json(Groups.self).groups
    try run("name", "\(try #require(groups.first).group)", "Somebody")
    try run("rename", "obama", "Barack Obama")
    let faces = try galleryctl("show", "Somebody", "--json").json(Shown.self).faces
    try run("split", "Somebody", "Another", "\(try #require(faces.first).id)")
    try run("audit", "show")
    try run("audit", "verify")
    try run("backup", "copy")
    try run("restore", "copy", "--replace")
    try run("compact")
    try run("export", "e.npy")
    try run("export", "--regions", "--dry-run")
    try run("import", "e.npy", "-g", "other")
    let already = try run("reembed", "--engine", "sface")
    #expect(already.contains("\"is_switched\" : false"), "\(already)")
    try run("reembed", "--engine", "resnet", expecting: 0)
    // As everywhere, `person` is a number.
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "people/Joe Biden/1.jpg"))
    let missing = try run("reembed", "-g", "synced", "--engine", "resnet", expecting: 3)
    #expect(missing.contains(/"name" : "Joe Biden"/) && missing.contains(/"person" : [0-9]/), "\(missing)")
    try run("bench", "--queries", "4")
    try run("doctor")
    let key = try run("keys", "add")
    try run("keys", "list")
    try run("keys", "revoke", try JSONDecoder().decode(Key.self, from: Data(key.utf8)).id)
    try run("weights", "list")
    try run("weights", "inspect", Fixtures.network("onnx/embedder.onnx"))
    try run("weights", "inspect", Fixtures.network("onnx/detector.onnx"))
    try run(
      "weights", "import", Fixtures.network("onnx/detector.onnx"), "--size", "64x96", "-o", "d.safetensors")
    try run("remove", "--dry-run", "biden")
    try run("remove", "--yes", "biden")
    try run("remove", "--all", "--yes")
    try run("info")
    try run("undo")
    let lines = try galleryctl("query", "--jsonl", "-g", "other", photo("obama2.jpg"), "nowhere.jpg")
    outputs.append(("query", "[" + lines.output.split(separator: "\n").joined(separator: ",") + "]"))
    let problems = try JSONSchema.problems(outputs)
    #expect(problems.isEmpty, "\(problems)")

    // TrainingProcessTests looks at the outputs of train and eval, PostgresCommandTests at that of copy; the others write no result.
    let covered = Set(outputs.map(\.command)).union(["train", "eval", "copy"])
    #expect(try JSONSchema.commands() == covered)
    let list = try galleryctl("completions", "bash").output.firstMatch(of: /-W '(query [^']*manual)'/)
    let all = try #require(list?.1).split(separator: " ").map(String.init)
    #expect(Set(all).subtracting(covered) == ["serve", "help", "completions", "manual"])
  }

  @Test("the schema refuses what is not of it")
  func refuses() throws {
    for (command, output) in [
      ("list", #"[{"id": 1, "name": "Ada", "faces": 1, "created": "2026-11-30"}]"#),
      ("list", #"[{"id": 1, "name": "Ada", "faces": 1}]"#),
      ("undo", #"{"people": 1, "faces": 2, "more": 3}"#), ("detect", #"[{"photo": "a.jpg", "faces": [1]}]"#),
    ] {
      #expect(try JSONSchema.problems([(command, output)]).hasPrefix(command), "\(output)")
    }
  }

  private struct Groups: Decodable {
    struct Group: Decodable { let group: Int }
    let groups: [Group]
  }
  private struct Shown: Decodable {
    struct Face: Decodable { let id: Int }
    let faces: [Face]
  }
  private struct Key: Decodable { let id: String }

  /// A gallery that never held a face.
  private func empty(_ galleryctl: Galleryctl) throws -> String {
    #expect(try galleryctl("keys", "add", "-g", "empty").status == 0)
    return "empty"
  }
}
