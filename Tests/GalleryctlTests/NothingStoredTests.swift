import Foundation
import Testing

@Suite("Commands that cannot do what was asked", .needsPhotos)
struct NothingStoredTests {
  @Test("a command that has nothing to store leaves no gallery behind, and the folder that was there before")
  func noGallery() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.copy("obama.jpg", to: "DCIM/IMG_1001.jpg")
    _ = try galleryctl.file("broken/Ada/1.jpg", Data("text".utf8))
    _ = try galleryctl.shell("mkdir there")
    for words in [
      ["add", "DCIM"], ["add", "--name", "Ada", "broken/Ada/1.jpg"], ["sync", "--yes", "nosuch"],
      ["sync", "--yes", "DCIM"], ["sync", "--yes", "broken"], ["import", "nosuch.npy"],
    ] {
      for gallery in ["new", "there"] {
        let run = try galleryctl.run(words + ["-g", gallery])
        #expect(run.status != 1 && run.status != 2, "\(words): \(run.errors)")
      }
      let left = try galleryctl.shell("export LC_ALL=C; ls -A; ls -A there").text
      #expect(left == "DCIM\nbroken\nthere\n", "\(words): \(left)")
    }
    // With something stored, or where there was a gallery, it stays.
    #expect(try galleryctl("add", "-q", "-g", "new", "--name", "Ada", "DCIM/IMG_1001.jpg").status == 0)
    #expect(try galleryctl("add", "-q", "-g", "new", "DCIM").status == 3)
    #expect(try galleryctl("list", "-g", "new", "--names").output == "Ada\n")
  }

  @Test("a place where nothing can be written is bad input, whatever is to be written there")
  func places() throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.photo("obama.jpg")
    #expect(try galleryctl("add", "-q", "--name", "Ada", photo).status == 0)
    _ = try galleryctl.file("file", Data())
    for words in [
      ["export", "nodir/x.npy"], ["export", "nodir/x.jsonl"], ["export", "file/x.safetensors"],
      ["backup", "file/x"], ["backup", "/proc/nowhere/x"], ["detect", "--annotate", "nodir/x.png", photo],
      ["detect", "--crops", "file/x", photo], ["manual", "--write", "nodir"],
    ] {
      let run = try galleryctl.run(words)
      #expect(run.status == 3 && run.errors.hasPrefix("error: "), "\(words): \(run.status) \(run.errors)")
    }
    // The gallery that is not there is no output.
    #expect(try galleryctl("export", "-g", "nowhere", "nodir/x.npy").status == 4)
  }

  @Test("verify uses the engine of the standard gallery, and another one where that cannot be opened")
  func verifyBesideGallery() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.file("gallery/data.mdb", Data(count: 1 << 16))
    _ = try galleryctl.file("gallery/index.lock", Data())
    let photos = [Fixtures.photo("obama.jpg"), Fixtures.photo("obama2.jpg")]
    let run = try galleryctl.run(["verify"] + photos)
    #expect(run.status == 0 && run.output.hasPrefix("the same person"), "\(run.errors)")
    #expect(run.errors.hasPrefix("warning: the engine is sface, as gallery"), "\(run.errors)")
    let silent = try galleryctl.run(["verify", "--engine", "sface"] + photos)
    #expect(silent.status == 0 && silent.errors.isEmpty, "\(silent.errors)")
    // One that was named is meant.
    #expect(try galleryctl.run(["verify", "-g", "gallery"] + photos).status == 4)
    #expect(
      try galleryctl.run(["verify"] + photos, environment: ["GALLERYCTL_GALLERY": "gallery"]).status == 4)
  }

  @Test(
    "the answers of a query fit the terminal, and names are whole in one of 80 columns",
    arguments: [40, 60, 80, 100])
  func narrowTerminal(columns: Int) throws {
    let galleryctl = try Galleryctl()
    #expect(try galleryctl("add", "-q", "--name", "Barack Obama", Fixtures.photo("obama.jpg")).status == 0)
    #expect(try galleryctl("add", "-q", "--name", "Joe Biden", Fixtures.photo("biden.jpg")).status == 0)
    let run = try galleryctl.shell(
      "cp '\(Fixtures.photo("obama2.jpg"))' probe.jpg; "
        + "script -qec 'stty cols \(columns); \"$G\" query -q --k 2 probe.jpg' /dev/null </dev/null | tr -d '\\r'"
    )
    let table = run.text.split(separator: "\n").filter { !$0.contains("named; threshold") }
    #expect(table.count >= 4, "\(run.text)")
    #expect(table.allSatisfy { $0.count <= columns }, "\(run.text)")
    #expect(
      columns < 80 || run.text.contains("Barack Obama") && run.text.contains("Joe Biden"), "\(run.text)")
  }
}
