import Foundation
import Support
import TestSupport
import Testing

@Suite("Output that cannot be written", .needsPhotos)
struct OutputTests {
  /// A gallery of made-up embeddings and a group of faces without a name, for which no photo has to be embedded.
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    var lines = ""
    for (place, name) in ["Ada", "Bob", "Cid", "Dan", "", ""].enumerated() {
      let vector = (0..<128).map { $0 == min(place, 4) ? 1 : $0 == 40 + place ? 0.1 : 0 }
      lines += "{\"person\":\"\(name)\",\"vector\":\(vector)}\n"
    }
    let file = try galleryctl.file("v.jsonl", lines.utf8)
    let filled = try galleryctl("import", "--assume-engine", file)
    #expect(filled.status == 0, "\(filled.errors)")
    try galleryctl("cluster", "--threshold", "0.5")
    return galleryctl
  }

  /// What each command is given; one that is missing here fails the test, so that a new command is tried as well.
  private static let words: [String: String] = [
    "query": "\"$PHOTO\"", "verify": "\"$PHOTO\" \"$OTHER\"", "detect": "\"$PHOTO\"",
    "add": "--name New \"$PHOTO\"", "sync": "--dry-run \"$(dirname \"$PHOTO\")\"",
    "cluster": "--last", "name": "5 Eve", "rename": "Ada Adele", "split": "Bob Bea 2", "tag": "Cid a=b",
    "remove": "Dan", "undo": "",
    "create": "made", "check": "", "backup": "bk", "restore": "-g new bk", "compact": "", "export": "e.npy",
    "copy": "gallery other",
    "import": "v.jsonl --assume-engine", "reembed": "", "list": "", "show": "Cid", "info": "",
    "bench": "--queries 2", "doctor": "", "serve": "--port none", "keys": "add", "train": "none",
    "eval": "none", "audit": "verify",
    "weights": "list", "help": "", "completions": "bash", "manual": "",
  ]

  @Test(
    "every command of the program ends by itself with status 4 and a sentence when its report cannot be written"
  )
  func fullDevice() throws {
    let galleryctl = try filled()
    let script = try galleryctl("completions", "bash").output
    let match = try #require(
      script.firstMatch(of: /\*\) COMPREPLY=\(\$\(compgen -W '([^']*manual)' -- "\$word"\)\);;/))
    let commands = match.1.split(separator: " ").map(String.init)
    #expect(commands.count > 25)
    for command in commands {
      let words = try #require(Self.words[command], "\(command) is not tried here")
      let run = try galleryctl.shell(
        "\"$G\" \(command) \(words) -q >/dev/full".replacing("help  -q", with: "help").replacing(
          "manual  -q", with: "manual"
        )
        .replacing("bash -q", with: "bash"))
      #expect(!run.signal && run.status < 128, "\(command): \(run.status)")
      let isWrongOnPurpose = ["serve", "train", "eval", "undo", "copy"].contains(command)
      #expect(run.status == (isWrongOnPurpose ? run.status : 4), "\(command): \(run.status) \(run.text)")
      if !isWrongOnPurpose {
        #expect(
          run.text.contains(
            "error: The report cannot be written to standard output: No space left on device"),
          "\(command): \(run.text)")
        // A key that nobody has seen is not kept.
        #expect(run.text.contains("that is done") == (command != "keys"), "\(command): \(run.text)")
      }
    }
    // What they were to do is done.
    let people = try galleryctl("list", "--json").json([Replies.Person].self).map(\.name).sorted()
    // Ada, who was renamed, and Dan, who was removed, came back with the import.
    #expect(people == ["Ada", "Adele", "Bea", "Bob", "Cid", "Dan", "Eve", "New"])
    #expect(try galleryctl("keys", "list", "--json").output == "[\n\n]\n")
    #expect(try galleryctl("check", "--no-review").status == 0)
  }

  @Test("a message to a standard error that is full is lost, and nothing else")
  func fullErrors() throws {
    let galleryctl = try Galleryctl()
    #expect(try galleryctl.shell("\"$G\" list -g nowhere 2>/dev/full").status == 4)
    #expect(try galleryctl.shell("\"$G\" nonsense 2>/dev/full").status == 2)
  }

  @Test(
    "a limit on the size of files is an error of each command that meets it, and leaves nothing half done")
  func limitedFiles() throws {
    let galleryctl = try filled()
    for words in [
      "export e.npy", "backup bk", "tag Cid a=b", "restore -g new bk", "remove Ada", "compact",
    ] {
      let run = try galleryctl.shell("ulimit -f 1; \"$G\" \(words) 2>&1")
      #expect(!run.signal && [3, 4].contains(run.status), "\(words): \(run.status) \(run.text)")
    }
    let left = try galleryctl.shell("find . -name '*partial*'")
    #expect(left.text == "", "\(left.text)")
    let people = try galleryctl("list", "--json").json([Replies.Person].self).map(\.name).sorted()
    #expect(people == ["Ada", "Bob", "Cid", "Dan"])
    #expect(try galleryctl("check", "--no-review").status == 0)
  }

  @Test("a server goes on when whoever reads its log goes away")
  func lostLog() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      #"""
      "$G" serve --no-keys --port 0 >out 2> >(head -c 10 >/dev/null) & server=$!
      for turn in $(seq 600); do grep -q serving out && break; sleep 0.1; done
      port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' out)
      for turn in 1 2 3 4 5; do
        exec 3<>/dev/tcp/127.0.0.1/$port
        printf 'GET /api/v1/people HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
        head -c 12 <&3; echo; exec 3>&-
      done
      kill $server; wait $server; echo "end $?"
      """#)
    #expect(run.text.split(separator: "\n").filter { $0 == "HTTP/1.1 200" }.count == 5, "\(run.text)")
    #expect(run.text.hasSuffix("end 0\n"), "\(run.text)")
  }

  @Test("a server goes on, and ends, when whoever reads its log has stopped")
  func stoppedLog() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      #"""
      mkfifo log; sleep 100 < log & reader=$!
      "$G" serve --no-keys --port 0 >out 2>log & server=$!
      for turn in $(seq 600); do grep -q serving out && break; sleep 0.1; done
      port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' out)
      exec 3<>/dev/tcp/127.0.0.1/$port
      for turn in $(seq 1500); do printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'; done >&3 &
      timeout 60 grep -a -c -m 1500 'HTTP/1.1 200' <&3
      kill $server; wait $server; echo "end $?"; kill -9 $reader
      """#)
    #expect(run.text.contains("1500\n") && run.text.contains("end 0\n"), "\(run.text)")
  }

  @Test("a pipe where a file of the gallery belongs ends the command, and a server with it")
  func pipesForFiles() throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell(
      """
      cp -r gallery other; rm other/data.mdb; mkfifo other/data.mdb other/keys.json
      timeout -k 5 60 "$G" -g other list; echo "list $?"
      timeout -k 5 60 "$G" -g other keys list; echo "keys $?"
      """)
    #expect(run.text.contains("list 4") && run.text.contains("keys 4"), "\(run.text)")
  }

  @Test("a reader that has read enough is no error")
  func closedPipe() throws {
    let galleryctl = try filled()
    for line in [
      "\"$G\" list | head -n 1", "\"$G\" completions bash | head -n 1",
      "trap '' PIPE; \"$G\" completions bash | head -n 1",
    ] {
      let run = try galleryctl.shell("set -o pipefail; \(line); true")
      #expect(!run.text.contains("error"), "\(run.text)")
    }
  }

  @Test(
    "without standard streams no report gets into a file of the gallery",
    arguments: ["<&- >&- 2>&-", ">&-", "2>&-"])
  func closedStreams(closing: String) throws {
    let galleryctl = try filled()
    let run = try galleryctl.shell("\"$G\" list \(closing)")
    #expect(run.status == (closing == "2>&-" ? 0 : 4))
    _ = try galleryctl.shell("\"$G\" rename Ada Adele \(closing)")
    #expect(try galleryctl("check", "--no-review").status == 0)
    #expect(try galleryctl("list").output.contains("Adele"))
  }

  @Test(
    "a change is done though the index could not be saved: status 0 and a warning, in JSON too",
    .enabled(if: SmallDisk.isPossible, "only the superuser can mount a small disk"))
  func derivedFails() throws {
    let galleryctl = try filled()
    struct Renamed: Decodable {
      let name: String
      let warnings: [String]?
    }
    let snapshot = galleryctl.folder.appending(path: "gallery/index.snapshot")
    try FileManager.default.removeItem(at: snapshot)
    try FileManager.default.createDirectory(
      at: snapshot.appending(path: "x"), withIntermediateDirectories: true)
    let run = try galleryctl("rename", "Ada", "Adele", "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.hasPrefix("warning: Everything is on disk but the index"))
    let renamed = try run.json(Renamed.self)
    #expect(renamed.name == "Adele" && renamed.warnings?.count == 1)
    #expect(try galleryctl("remove", "Bob", "Cid").status == 0)
    try FileManager.default.removeItem(at: snapshot)
    #expect(try galleryctl("rename", "Dan", "Don", "--json").json(Renamed.self).warnings == nil)
    #expect(try galleryctl("list").output.contains("2 people"))
  }

  @Test("pictures of faces are their owner's alone, and a full disk is a sentence")
  func pictures() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.shell(
      "umask 0; \"$G\" detect \"$PHOTO\" -q --crops crops/deep --annotate boxes.png")
    #expect(run.status == 0, "\(run.text)")
    let path = galleryctl.folder.path
    #expect(FileMode.of(path + "/boxes.png") == 0o600)
    #expect(FileMode.of(path + "/crops") == 0o700 && FileMode.of(path + "/crops/deep") == 0o700)
    #expect(FileMode.of(path + "/crops/deep/obama-1.png") == 0o600)
    // A picture that replaces another keeps its mode.
    chmod(path + "/boxes.png", 0o644)
    _ = try galleryctl.shell("umask 077; \"$G\" detect \"$PHOTO\" -q --annotate boxes.png")
    #expect(FileMode.of(path + "/boxes.png") == 0o644)
    guard let disk = SmallDisk(megabytes: 1) else { return }
    try Data(count: 1_040_000).write(to: disk.url.appending(path: "ballast"))
    let full = try galleryctl.shell("\"$G\" detect \"$PHOTO\" -q --annotate \(disk.url.path)/boxes.png")
    #expect(full.status == 4, "\(full.text)")
    #expect(full.text.contains("cannot be written: No space left on device"), "\(full.text)")
  }
}

@Suite(
  "Writes that last",
  .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"),
  .needsPhotos)
struct LastingTests {
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    var lines = ""
    for place in 0..<40 {
      let vector = (0..<128).map { $0 == place ? 1 : $0 == 127 ? 0.5 : 0 }
      lines += "{\"person\":\"seed \(place / 4)\",\"vector\":\(vector)}\n"
    }
    #expect(try galleryctl("import", "--assume-engine", galleryctl.file("v.jsonl", lines.utf8)).status == 0)
    return galleryctl
  }

  /// The calls of a run that rename or synchronise, with the paths that they are about.
  private func trace(_ galleryctl: Galleryctl, _ words: [String]) throws -> [String] {
    let log = galleryctl.folder.appending(path: "trace")
    let process = Process()
    process.executableURL = URL(filePath: Strace.path)
    process.arguments =
      [
        "-f", "-qq", "-y", "-s", "300", "-o", log.path, "-e",
        "trace=rename,renameat,renameat2,fsync,fdatasync",
      ]
      + [Galleryctl.binary.path] + words
    process.currentDirectoryURL = galleryctl.folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return String(decoding: try Data(contentsOf: log), as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private func absolute(_ path: String, _ galleryctl: Galleryctl) -> String {
    path.hasPrefix("/") ? path : galleryctl.folder.path + "/" + path
  }

  @Test(
    "what was renamed is on disk before a command says that it is done",
    arguments: [
      ["backup", "deep/bk"], ["export", "e.npy"], ["export", "--format", "npy+csv", "c.npy"],
      ["export", "e.jsonl"], ["export", "e.safetensors"], ["compact"], ["restore", "--replace", "bk"],
      ["-g", "new/gallery", "restore", "bk"], ["rename", "seed 1", "one"],
      ["weights", "import", "model.h5", "--out", "w.safetensors"], ["keys", "add"],
    ])
  func synchronised(words: [String]) throws {
    let galleryctl = try filled()
    try galleryctl("backup", "bk")
    if words[0] == "weights" {
      try FileManager.default.copyItem(
        at: URL(filePath: Fixtures.network("residual3.h5")),
        to: galleryctl.folder.appending(path: "model.h5"))
    }
    let calls = try trace(galleryctl, words)
    var renames = 0
    // What is on disk, by the name that it has then.
    var lasting: Set<String> = []
    for (place, call) in calls.enumerated() {
      if let match = call.firstMatch(of: /f(?:data)?sync\([0-9]+<([^>]*)>/) {
        lasting.insert(String(match.1))
      }
      guard
        let match = call.firstMatch(
          of: /rename[a-z0-9]*\((?:AT_FDCWD<[^>]*>, )?"([^"]*)", (?:AT_FDCWD<[^>]*>, )?"([^"]*)"/)
      else { continue }
      renames += 1
      let (from, to) = (absolute(String(match.1), galleryctl), absolute(String(match.2), galleryctl))
      #expect(
        lasting.contains(from) || lasting.contains { $0.hasPrefix(from + "/") },
        "\(from) is not synchronised before \(call)")
      lasting.insert(to)
      let folder = Folder.of(to)
      #expect(
        calls[place...].contains { $0.contains("fsync(") && $0.contains("<\(folder)>") },
        "\(folder) is not synchronised after \(call)")
    }
    #expect(renames > 0, "nothing is tested: \(calls)")
  }

  @Test("removing several people, killed at any write, removes all of them or nobody")
  func removalKilled() throws {
    let galleryctl = try filled()
    let words = ["-g", "copy", "remove", "seed 1", "seed 2", "seed 3"]
    func copy() throws {
      let target = galleryctl.folder.appending(path: "copy")
      try? FileManager.default.removeItem(at: target)
      try FileManager.default.copyItem(at: galleryctl.folder.appending(path: "gallery"), to: target)
    }
    try copy()
    let writes = try Strace.writes(of: galleryctl, words)
    #expect(writes.count > 3)
    var left: [Int] = []
    for place in writes.indices {
      try copy()
      guard try Strace.kill(galleryctl, words, at: place, of: writes) else { continue }
      let people = try galleryctl("-g", "copy", "list", "--json").json([Replies.Person].self)
      left.append(people.count)
      #expect(try galleryctl("-g", "copy", "check", "--no-review").status == 0)
    }
    // From one write on all of them are gone, and before it nobody.
    let before = left.prefix { $0 == 10 }
    #expect(!before.isEmpty && left.dropFirst(before.count).allSatisfy { $0 == 7 }, "\(left)")
  }

  @Test(
    "an export over an older one, killed at any write, is never taken with the wrong names",
    arguments: [["export", "a.npy"], ["export", "--format", "npy+csv", "a.npy"]])
  func exportKilled(words: [String]) throws {
    let galleryctl = try filled()
    #expect(try galleryctl.run(["-g", "gallery"] + words).status == 0)
    let sealed = try FileManager.default.contentsOfDirectory(atPath: galleryctl.folder.path)
      .filter { $0.hasPrefix("a.") }
    var old: [String: Data] = [:]
    for name in sealed { old[name] = try Data(contentsOf: galleryctl.folder.appending(path: name)) }
    // As many rows, of which each is somebody else's.
    try galleryctl("remove", "--face", "1")
    let late = try galleryctl.file(
      "late.jsonl", "{\"person\":\"late\",\"vector\":\((0..<128).map { $0 == 100 ? 1 : 0 })}\n".utf8)
    #expect(try galleryctl("import", "--assume-engine", late).status == 0)
    let writes = try Strace.writes(of: galleryctl, words)
    let renames = writes.indices.filter { writes[$0].hasPrefix("rename") || writes[$0] == "fsync" }
    #expect(renames.count >= 4)
    struct Row: Decodable {
      let person: String
      let vector: [Float]
    }
    func rows(_ gallery: String) throws -> [String: [Int]] {
      try? FileManager.default.removeItem(at: galleryctl.folder.appending(path: "rows.jsonl"))
      #expect(try galleryctl("-g", gallery, "export", "rows.jsonl").status == 0)
      let text = try String(contentsOf: galleryctl.folder.appending(path: "rows.jsonl"), encoding: .utf8)
      var rows: [String: [Int]] = [:]
      for line in text.split(separator: "\n").dropFirst() {
        let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
        rows[row.person, default: []].append(row.vector.firstIndex { $0 > 0.5 } ?? -1)
      }
      return rows.mapValues { $0.sorted() }
    }
    let (right, before) = (try rows("gallery"), (0..<10).map { "seed \($0)" })
    var refused = 0
    for place in renames {
      for (name, bytes) in old { try bytes.write(to: galleryctl.folder.appending(path: name)) }
      guard try Strace.kill(galleryctl, words, at: place, of: writes) else { continue }
      try? FileManager.default.removeItem(at: galleryctl.folder.appending(path: "copy"))
      let taken = try galleryctl("-g", "copy", "import", "a.npy")
      guard taken.status == 0 else {
        #expect(taken.status == 3 && taken.errors.contains("export again"), "\(taken.errors)")
        refused += 1
        continue
      }
      let found = try rows("copy")
      #expect(found == right || found.keys.sorted() == before.sorted(), "killed at \(writes[place]) \(place)")
      if found != right { #expect(found["seed 0"] == [0, 1, 2, 3]) }
    }
    #expect(refused > 0, "no moment between the files was tried")
  }

  @Test(
    "what is written never takes the place of a photo, and photos of one name in two folders have crops of their own"
  )
  func replacing() throws {
    let galleryctl = try Galleryctl()
    let photo = try galleryctl.copy("obama.jpg", to: "a/1.jpg")
    _ = try galleryctl.copy("biden.jpg", to: "b/1.jpg")
    let before = try Data(contentsOf: URL(filePath: photo))
    for word in ["a/1.jpg", "a"] {
      let run = try galleryctl("detect", "--annotate", "a/1.jpg", word)
      #expect(run.status == 2 && run.errors.contains("would replace the photo"), "\(run.errors)")
      #expect(try Data(contentsOf: URL(filePath: photo)) == before)
    }
    #expect(try galleryctl("detect", "--crops", "crops", "a/1.jpg", "b/1.jpg").status == 0)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: galleryctl.folder.appending(path: "crops").path)
        .sorted()
        == ["1 (2)-1.png", "1-1.png"])
  }
}
