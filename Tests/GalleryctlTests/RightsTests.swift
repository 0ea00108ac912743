import Foundation
import Testing

@Suite(
  "A gallery that may be read and not written", .needsPhotos,
  .enabled(
    if: getuid() != 0 || access("/usr/bin/setpriv", X_OK) == 0,
    "the superuser may write everything, and setpriv is not installed"))
struct RightsTests {
  /// A gallery of two people that nobody may change.
  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "Barack Obama", Fixtures.photo("obama.jpg"))
    try galleryctl("add", "--name", "Joe Biden", Fixtures.photo("biden.jpg"))
    try close(galleryctl)
    return galleryctl
  }

  private func close(_ galleryctl: Galleryctl) throws {
    #expect(try galleryctl.shell("chmod 444 gallery/*; chmod 555 gallery; chmod 755 .").status == 0)
  }

  private func open(_ galleryctl: Galleryctl) throws {
    #expect(try galleryctl.shell("chmod 755 gallery; chmod 644 gallery/*").status == 0)
  }

  /// Runs as somebody who may not write; everybody but the superuser is bound by rights.
  private func run(
    _ galleryctl: Galleryctl, _ words: String, temporary: String = "$PWD/tmp"
  ) throws -> (status: Int32, text: String) {
    let other = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
    let run = try galleryctl.shell(
      "mkdir -p tmp; chmod 777 tmp; TMPDIR=\(temporary) \(other)\"$G\" \(words)")
    return (run.status, run.text)
  }

  @Test("it is listed, asked, checked and exported, and follows what its owner changes")
  func reading() throws {
    let galleryctl = try filled()
    let before = try galleryctl.shell("ls -l --time-style=full-iso gallery; sha256sum gallery/*").text
    let list = try run(galleryctl, "list")
    #expect(
      list.status == 0 && list.text.contains("Joe Biden") && list.text.contains("2 people, 2 faces"),
      "\(list)")
    let query = try run(galleryctl, "query -q '\(Fixtures.photo("obama2.jpg"))'")
    #expect(query.status == 0 && query.text.contains("1 of 1 face named"), "\(query)")
    let check = try run(galleryctl, "check -q")
    #expect(check.status == 0 && check.text.contains("all is well"), "\(check)")
    for words in ["show 'Joe Biden'", "info"] {
      let other = try run(galleryctl, words)
      #expect(other.status == 0, "\(words): \(other)")
    }
    _ = try galleryctl.shell("mkdir out; chmod 777 out")
    let export = try run(galleryctl, "export -q out/faces.jsonl")
    #expect(export.status == 0, "\(export)")
    #expect(try galleryctl.shell("grep -c '\"vector\"' out/faces.jsonl").text == "2\n")
    #expect(try galleryctl.shell("ls -l --time-style=full-iso gallery; sha256sum gallery/*").text == before)
    for temporary in ["/nowhere", "/proc"] {
      let unplaced = try run(galleryctl, "list", temporary: temporary)
      #expect(
        unplaced.status == 4 && unplaced.text.contains("lock.mdb cannot be read and written")
          && unplaced.text.contains("no copy of the gallery could be made in \(temporary)"), "\(unplaced)")
    }
    // Nothing is left of the copies.
    #expect(try galleryctl.shell("ls -A tmp").text.isEmpty)

    try open(galleryctl)
    #expect(try galleryctl("add", "--name", "Eileen Collins", Fixtures.photo("astronaut.png")).status == 0)
    try close(galleryctl)
    #expect(try run(galleryctl, "list").text.contains("3 people, 3 faces"))
    try open(galleryctl)
  }

  @Test("an index that may not be read is not damaged: one is made, for the check and in the backup")
  func unreadableIndex() throws {
    let galleryctl = try filled()
    _ = try galleryctl.shell("chmod 400 gallery/index.snapshot; mkdir out; chmod 777 out")
    if getuid() != 0 { _ = try galleryctl.shell("chmod 000 gallery/index.snapshot") }
    let check = try run(galleryctl, "check -q")
    #expect(
      check.status == 0 && check.text.contains("all is well")
        && check.text.contains("The saved index was not checked"), "\(check)")
    #expect(try run(galleryctl, "info --json").text.contains("\"unreadable\""))
    let backup = try run(galleryctl, "backup -q out/copy")
    #expect(backup.status == 0, "\(backup)")
    _ = try galleryctl.shell("chmod -R a+rX out")
    #expect(try galleryctl("check", "-q", "--gallery", "out/copy").status == 0)
    #expect(try galleryctl("list", "--gallery", "out/copy").output.contains("2 people, 2 faces"))
    try open(galleryctl)
  }

  @Test("keys to which everybody may write are not believed, and are not to be made anew for that")
  func exposedKeys() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.shell(
      #""$G" keys add --role read; chmod o+w gallery/keys.json; "$G" keys list; echo "was $?""#)
    #expect(run.text.contains("chmod o-w") && run.text.contains("was 4"), "\(run)")
    #expect(!run.text.contains("make new keys"), "\(run)")
  }

  @Test("what is refused names the file and the right that is missing")
  func refusals() throws {
    let galleryctl = try filled()
    for words in [
      "rename 'Joe Biden' Joe", "remove --yes 'Joe Biden'",
      "add -q --name Joe '\(Fixtures.photo("biden.jpg"))'",
    ] {
      let refused = try run(galleryctl, words)
      #expect(refused.status == 4, "\(words): \(refused)")
      #expect(
        refused.text.contains("gallery/data.mdb cannot be written: permission denied for user"),
        "\(words): \(refused)")
    }
    for (right, file, phrase) in [
      ("000", "gallery/data.mdb", "gallery/data.mdb cannot be read: permission denied for user"),
      ("000", "gallery", "gallery cannot be entered: permission denied for user"),
      ("600", "gallery", "gallery cannot be entered: permission denied for user"),
    ] {
      _ = try galleryctl.shell("chmod \(right) \(file)")
      for words in ["list", "query '\(Fixtures.photo("obama2.jpg"))'", "check", "export e.npy"] {
        let refused = try run(galleryctl, words)
        #expect(refused.status == 4 && refused.text.contains(phrase), "\(words): \(refused)")
        #expect(!refused.text.contains("no gallery"), "\(refused)")
      }
      _ = try galleryctl.shell("chmod 755 gallery; chmod 444 gallery/data.mdb")
    }
    try open(galleryctl)
    // A folder whose names may not be read is one all the same.
    _ = try galleryctl.shell("chmod 711 gallery")
    #expect(try run(galleryctl, "list").text.contains("2 people, 2 faces"))
    #expect(try run(galleryctl, "list -g nowhere").text.contains("There is no gallery at"))
  }
}
