import Foundation
import TestSupport
import Testing

@Suite("galleryctl audit", .needsPhotos)
struct AuditCommandTests {
  private struct Entry: Decodable {
    let number: Int
    let who: String
    let by: String
    let event: String
    let key: String?
  }

  private struct State: Decodable {
    let on: Bool
    let lines: Int
  }

  private struct Verified: Decodable {
    struct Problem: Decodable {
      let line: Int?
      let message: String
    }
    let sound: Bool
    let lines: Int
    let problems: [Problem]
    let remarks: [String]
  }

  private func entries(_ galleryctl: Galleryctl) throws -> [Entry] {
    let run = try galleryctl("audit", "show", "--json")
    #expect(run.status == 0, "\(run.errors)")
    return try run.json([Entry].self)
  }

  @Test("every command that changes a gallery leaves a line, those that read leave none")
  func commands() throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.photo
    _ = try galleryctl.copy("camera.png", to: "people/Carl Maier/1.png")
    _ = try galleryctl.copy("biden.jpg", to: "people/Joe Biden/1.jpg")
    #expect(try galleryctl("add", photo("obama.jpg")).status == 0)
    #expect(try galleryctl("audit", "on", "--json").json(State.self).on)
    var count = 1
    /// Runs a command, which leaves some lines that say so.
    func run(_ words: String..., lines: ClosedRange<Int> = 1...1, event: String = "change") throws {
      let run = try galleryctl.run(words)
      #expect(run.status == 0, "\(words): \(run.errors)")
      let entries = try entries(galleryctl)
      #expect(lines.contains(entries.count - count), "\(words): \(entries.count - count) lines")
      for entry in entries.dropFirst(count) {
        #expect(entry.by == "galleryctl \(words[0])" && entry.who.hasPrefix("user:"), "\(words): \(entry)")
        #expect(entry.event == event, "\(words)")
      }
      count = entries.count
    }
    func read(_ words: String...) throws {
      #expect(try galleryctl.run(words).status == 0, "\(words)")
      #expect(try entries(galleryctl).count == count, "\(words)")
    }
    try run("add", photo("biden.jpg"))
    try run("add", "--unnamed", photo("group.jpg"))
    try run("sync", "people", lines: 1...4)
    try run("cluster", "--threshold", "-1", "--min-faces", "1")
    let groups = try galleryctl("cluster", "--last", "--json").output
    let group = try #require(groups.firstMatch(of: /"group" : (\d+)/)?.1)
    try run("name", String(group), "Somebody")
    try run("rename", "obama", "Barack Obama")
    try run("tag", "Barack Obama", "team=red")
    let face = try #require(
      try galleryctl("show", "Somebody", "--json").output.firstMatch(of: /"id" : (\d+)/)?.1)
    try run("split", "Somebody", "Another", String(face))
    try run("rename", "--merge", "Another", "Somebody")
    try read("export", "e.npy")
    try run("remove", "--yes", "Somebody")
    try run("import", "e.npy")
    try read("backup", "copy")
    try run("compact", event: "compaction")
    try read("check")
    try read("query", photo("obama2.jpg"))
    try read("list")
    try read("info")
    try run("remove", "--all", "--yes")
    try run("undo")
    try run("reembed", "--engine", "sface", "--augment", "flip", "--drop-missing", "--drop-unfound")
    let shown = try galleryctl("keys", "add", "--json").output
    let key = try #require(shown.firstMatch(of: /"id" : "([0-9a-f]+)"/)?.1)
    let added = try entries(galleryctl)
    #expect(added.count == count + 1 && added.last?.event == "key-added" && added.last?.key == String(key))
    count = added.count
    try run("keys", "revoke", String(key), event: "key-revoked")
    try run("restore", "copy", "--replace", event: "restoration")
    try run("add", photo("obama3.jpg"))
    let verified = try galleryctl("audit", "verify", "--json")
    #expect(verified.status == 0)
    #expect(try verified.json(Verified.self).lines == count)
    try run("audit", "off", event: "off")
    try read("add", photo("hanks.png"))
    let text = try String(
      contentsOf: galleryctl.folder.appending(path: "gallery/audit.jsonl"), encoding: .utf8)
    for word in ["Obama", "Somebody", "red", ".jpg"] { #expect(!text.contains(word), "\(word)") }
  }

  @Test("what was changed in the log is told, by check too, with exit status 4")
  func tampering() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.shell(
      #"""
      "$G" add -q --name Ada "$PHOTO"; "$G" audit on; "$G" rename Ada Ben; "$G" rename Ben Cy; "$G" rename Cy Di
      sed -i '2s/"people_changed":1/"people_changed":2/' gallery/audit.jsonl
      "$G" audit verify; echo "was $?"; "$G" check --no-review; echo "was $?"; "$G" audit show; echo "was $?"
      """#)
    #expect(run.text.contains("Line 2 was altered"), "\(run)")
    #expect(run.text.contains("audit") && run.text.components(separatedBy: "was 4").count == 4, "\(run)")
    #expect(try galleryctl("audit", "of").status == 2)
    #expect(try galleryctl("audit", "verify", "--last", "3").status == 2)
  }

  @Test("restoring beside short commands leaves a whole chain")
  func beside() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.shell(
      #"""
      "$G" add -q --name Ada "$PHOTO"; "$G" backup copy; "$G" audit on
      (for i in 1 2 3 4 5 6 7 8; do "$G" tag Ada n=$i >/dev/null 2>&1; done) &
      for i in 1 2 3 4 5; do "$G" restore copy --replace >/dev/null 2>&1; done
      wait; "$G" audit show | grep -c restoration; "$G" audit verify
      """#)
    #expect(run.status == 0 && run.text.hasSuffix("all is well\n"), "\(run)")
  }

  @Test("a last line that was taken out is put back, and verify and check say so")
  func lastLine() throws {
    let galleryctl = try Galleryctl()
    #expect(try galleryctl("add", "-q", "--name", "Ada", Fixtures.photo("obama.jpg")).status == 0)
    #expect(try galleryctl("audit", "on").status == 0)
    #expect(try galleryctl("rename", "Ada", "Ada King").status == 0)
    for words in ["audit verify", "check -q"] {
      let run = try galleryctl.shell(
        "cp gallery/audit.jsonl whole; sed -i '$d' gallery/audit.jsonl; \"$G\" \(words)")
      #expect(
        run.status == 0 && run.text.contains("Line 2 was missing at the end of the file"), "\(run.text)")
      #expect(try galleryctl.shell("cmp whole gallery/audit.jsonl").status == 0)
      #expect(try !galleryctl.shell("\"$G\" \(words)").text.contains("missing"))
    }
  }

  @Test("a compaction that cannot go on with the log is refused, with exit status 4")
  func refused() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.shell(
      #"""
      "$G" add -q --name Ada "$PHOTO"; "$G" audit on; "$G" tag Ada a=b; rm gallery/audit.jsonl
      "$G" compact; echo "was $?"; "$G" audit verify; echo "was $?"
      mkfifo gallery/audit.jsonl; "$G" list --names; "$G" tag Ada a=b; echo "was $?"
      """#)
    #expect(run.text.components(separatedBy: "was 4").count == 4, "\(run)")
    #expect(run.text.contains("is gone") && run.text.contains("is no regular file"), "\(run)")
  }

  @Test(
    "without room for the line nothing more is changed, and then none is missing",
    .enabled(if: Strace.works, "strace is not there or may not trace"))
  func full() throws {
    let galleryctl = try Galleryctl()
    let trace = "strace -f -qq -o /dev/null -P gallery/audit.jsonl -e trace=write -e inject=write"
    let run = try galleryctl.shell(
      #"""
      "$G" add -q --name Ada "$PHOTO"; "$G" audit on
      \#(trace):error=ENOSPC "$G" rename Ada Ben; echo "was $?"
      \#(trace):error=ENOSPC "$G" rename Ben Cy; echo "was $?"; "$G" list --names
      \#(trace):error=EIO:signal=KILL "$G" rename Ben Di; echo "was $?"
      wc -l < gallery/audit.jsonl; "$G" list --names; "$G" audit verify; wc -l < gallery/audit.jsonl
      """#)
    #expect(
      run.text.contains("The change was made") && run.text.contains("No space left on device"), "\(run)")
    #expect(run.text.components(separatedBy: "was 4").count == 3 && run.text.contains("was 137"), "\(run)")
    #expect(run.text.contains("was 4\nBen\n") && run.text.contains("\n2\nDi\n"), "\(run)")
    #expect(run.text.contains("all is well") && run.text.hasSuffix("\n3\n"), "\(run)")
  }
}
