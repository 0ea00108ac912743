import Foundation
import Testing

/// What may stand in a photo's place on a command line, and what one mistake there costs.
@Suite("Photos on the command line", .needsPhotos)
struct OperandTests {
  private struct Report: Decodable {
    let added, skipped, refused: Int
    let unreadable: [String]
  }

  /// A folder with a gallery of one person.
  private func scene() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    for name in ["ok.jpg", "set/Ann/1.jpg"] { _ = try galleryctl.copy("obama.jpg", to: name) }
    _ = try galleryctl.copy("biden.jpg", to: "set/Bob/1.jpg")
    try FileManager.default.createDirectory(
      at: galleryctl.folder.appending(path: "empty"), withIntermediateDirectories: true)
    #expect(try galleryctl("add", "--name", "Obama", "ok.jpg").status == 0)
    return galleryctl
  }

  @Test("one bad argument costs the others nothing: it is told in its place, and the status is 3")
  func oneBad() throws {
    let galleryctl = try scene()
    let words = ["ok.jpg", "nosuch.jpg", "empty", "https://example.org/a.jpg", "set/Bob"]
    let sentences = ["nosuch.jpg is not there: check the path.", "empty holds no photos", "is an address"]
    for command in ["query", "detect"] {
      let run = try galleryctl.run([command, "--json", "-q"] + words)
      #expect(run.status == 3)
      let replies = try run.json([Reply].self)
      #expect(replies.map(\.photo) == words.dropLast() + ["set/Bob/1.jpg"])
      #expect(replies.map { $0.error == nil } == [true, false, false, false, true])
      for (reply, sentence) in zip(replies[1...], sentences) {
        #expect(reply.error?.contains(sentence) == true)
        #expect(run.errors.contains("error: \(reply.error ?? "")\n"))
      }
    }
    #expect(try galleryctl("query", "ok.jpg", "nosuch.jpg").output.contains("1 of 1 face named"))
    #expect(try galleryctl("query", "ok.jpg").status == 0)
    #expect(
      try galleryctl("detect", "ok.jpg", "nosuch.jpg").output.hasSuffix("1 face in 1 photo; 1 unusable\n"))

    let added = try galleryctl.run(["add", "--json"] + words)
    #expect(added.status == 3)
    let report = try added.json(Report.self)
    #expect(report.added == 1 && report.unreadable.count == 3)
    for sentence in sentences { #expect(added.errors.contains(sentence)) }
    #expect(try galleryctl("list", "--names").output.contains("Bob"))
    #expect(try galleryctl("add", "--dry-run", "set", "nosuch.jpg").status == 3)
    #expect(try galleryctl("add", "--dry-run", "set").status == 0)
    // Nothing but mistakes makes no gallery.
    #expect(try galleryctl("-g", "other", "add", "nosuch.jpg", "empty").status == 3)
    #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.path + "/other"))
  }

  private struct Reply: Decodable {
    struct Face: Decodable {}
    let photo: String
    let faces: [Face]?
    let error: String?
  }

  @Test(
    "a photo is read from standard input and from pipes",
    arguments: [
      "- <ok.jpg", "/dev/stdin <ok.jpg", "<(cat ok.jpg)", "fifo & cat ok.jpg >fifo; wait $!",
    ])
  func streams(words: String) throws {
    let galleryctl = try scene()
    #expect(try galleryctl.shell("mkfifo fifo").status == 0)
    for (command, answer) in [
      ("query", "1 of 1 face named"), ("detect", "1 face in 1 photo"), ("verify ok.jpg", "the same person"),
      // It is the photo that was added as a file.
      ("add --name Obama", "0 added, 1 skipped"), ("-g unnamed add --unnamed", "1 added"),
    ] {
      let run = try galleryctl.shell("galleryctl \(command) \(words)")
      #expect(run.status == 0 && run.text.contains(answer), "\(command): \(run.text)")
    }
    let nobody = try galleryctl.shell("galleryctl -g other add \(words)")
    #expect(
      nobody.status == 3 && nobody.text.contains("does not say who it shows: --name does"), "\(nobody.text)")
    #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.path + "/other"))
  }

  @Test(
    "a pipe into - is one photo; what cannot be read from standard input is told, and costs the others nothing"
  )
  func standardInput() throws {
    let galleryctl = try scene()
    let pipe = try galleryctl.shell("cat ok.jpg | galleryctl detect --crops crops - && ls crops")
    #expect(pipe.status == 0 && pipe.text.contains("--1.png"), "\(pipe.text)")
    for (line, sentence) in [
      ("galleryctl detect ok.jpg - -  <ok.jpg", "`-` may be given only once"),
      ("echo ok.jpg | galleryctl detect --list - -", "`-` may be given only once"),
      ("galleryctl detect ok.jpg - </dev/null", "standard input: The file is empty."),
      ("head -c 9000 ok.jpg | galleryctl detect ok.jpg -", "error: standard input: "),
      ("galleryctl detect ok.jpg - <set", "standard input cannot be read: Is a directory."),
      ("galleryctl detect ok.jpg /dev/zero", "/dev/zero is neither a file nor a pipe."),
      ("galleryctl detect ok.jpg /dev/fd/99", "/dev/fd/99 is not there"),
      (
        "script -qec 'galleryctl detect ok.jpg -' /dev/null </dev/null",
        "standard input is a terminal: send a photo, as in `galleryctl detect - < photo.jpg`."
      ),
    ] {
      let run = try galleryctl.shell(line)
      #expect(run.status == 3 && run.text.contains(sentence), "\(line): \(run.status) \(run.text)")
      #expect(run.text.contains(" in \(line.contains("- -  ") ? 2 : 1) photo"), "\(line): \(run.text)")
    }
  }

  @Test(
    "an address is refused by name, with the command that asks about it",
    arguments: [
      (
        ["query", "HTTPS://example.org/a'b.jpg"],
        #"curl -fsSL 'HTTPS://example.org/a'\''b.jpg' | galleryctl query -"#
      ),
      (
        ["detect", "http://example.org/a.jpg"], "curl -fsSL 'http://example.org/a.jpg' | galleryctl detect -"
      ),
      (["add", "http://example.org/a.jpg"], "| galleryctl add --name NAME -"),
      (["verify", "ok.jpg", "http://example.org/a.jpg"], "| galleryctl verify - OTHER"),
    ] as [([String], String)])
  func addresses(words: [String], remedy: String) throws {
    let run = try scene().run(words)
    #expect(run.status == 3)
    #expect(
      run.errors.contains("\(words.last ?? "") is an address") && run.errors.contains(remedy), "\(run.errors)"
    )
  }

  @Test("--list takes names by lines or NULs, of a file or of standard input, beside words")
  func lists() throws {
    let galleryctl = try scene()
    _ = try galleryctl.file("lines.txt", "set/Ann/1.jpg\n\nnosuch.jpg\nset/Bob".utf8)
    let run = try galleryctl("query", "--json", "--list", "lines.txt", "ok.jpg")
    #expect(run.status == 3)
    #expect(
      try run.json([Reply].self).map(\.photo) == ["ok.jpg", "set/Ann/1.jpg", "nosuch.jpg", "set/Bob/1.jpg"])
    _ = try galleryctl.file("windows.txt", "set/Ann/1.jpg\r\n\r\nset/Bob\r\n".utf8)
    let windows = try galleryctl("query", "--json", "--list", "windows.txt")
    #expect(try windows.json([Reply].self).map(\.photo) == ["set/Ann/1.jpg", "set/Bob/1.jpg"])
    let made = try galleryctl.shell(
      #"mkdir -p odd/Cy && cp set/Bob/1.jpg "$(printf 'odd/Cy/a\nb\374.jpg')" && cp "$PHOTO" odd/Cy/2.jpg"#)
    #expect(made.status == 0)
    for line in [
      "find odd -type f -print0 | galleryctl detect --list -",
      "galleryctl detect --list <(find odd -type f -print0)",
      "find odd -type f -print0 >nul.txt; galleryctl detect --list nul.txt",
      "echo odd | galleryctl detect --list -",
    ] {
      let run = try galleryctl.shell(line)
      #expect(run.status == 0 && run.text.contains("2 faces in 2 photos"), "\(line): \(run.text)")
    }
    let added = try galleryctl.shell(
      "printf 'set/Ann/1.jpg\\nset/Bob\\n' | galleryctl -g new add --list - && galleryctl -g new list --names"
    )
    #expect(added.status == 0 && added.text.hasSuffix("Ann\nBob\n"), "\(added.text)")
    _ = try galleryctl.file("blank.txt", "\n\n".utf8)
    for (file, sentence) in [
      ("blank.txt", "The list blank.txt names no photo."),
      ("nowhere.txt", "The list nowhere.txt cannot be read: No such file or directory."),
      ("set", "The list set cannot be read: Is a directory."),
    ] {
      let run = try galleryctl("detect", "--list", file)
      #expect(run.status == 3 && run.errors == "error: \(sentence)\n")
    }
    for shell in ["bash", "zsh", "fish"] {
      #expect(try galleryctl("completions", shell).output.contains(shell == "fish" ? "-l list " : "--list "))
    }
  }

  @Test("--annotate takes no photo's place, of a folder neither, where others could be drawn")
  func annotated() throws {
    let galleryctl = try scene()
    let photo = galleryctl.folder.appending(path: "set/Ann/1.jpg")
    let before = try Data(contentsOf: photo)
    #expect(try galleryctl("detect", "--annotate", "set/Ann/1.jpg", "set").status == 2)
    #expect(try Data(contentsOf: photo) == before)
  }
}
