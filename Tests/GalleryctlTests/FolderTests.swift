import Foundation
import Testing

/// Folders as people have them; each photo in them is one that can be added.
@Suite("Folders of photos", .needsPhotos)
struct FolderTests {
  private struct Report: Decodable {
    struct Photo: Decodable {
      let name: String?
      let photo: String
      let result: String
      let reasonKind: String?
    }
    struct LeftOut: Decodable {
      let kind: String
      let count: Int
      let paths: [String]
    }
    let added, refused: Int
    let photos: [Photo]
    let leftOut: [LeftOut]
  }

  private struct Understood: Decodable {
    struct Person: Decodable {
      let name: String?
      let photos: [String]
    }
    let people: [Person]
    let withoutName: [String]
    let dryRun: Bool
  }

  /// Photos of somebody, each another one.
  private func scene(_ paths: [String]) throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    let photo = try Data(contentsOf: URL(filePath: Fixtures.photo("obama.jpg")))
    for (number, path) in paths.enumerated() {
      _ = try galleryctl.file(path, Fixtures.another(photo, number: number))
    }
    return galleryctl
  }

  private func names(_ galleryctl: Galleryctl) throws -> [String] {
    try galleryctl("list", "--json").json([Replies.Person].self).map { "\($0.name) \($0.faces)" }
  }

  @Test("different people do not become one: numbered photos are named by folder, however they are given")
  func numbered() throws {
    for words in [["nm"], ["nm/Ann/", "nm/Bob/"], ["nm/Ann/1.jpg", "nm/Bob/1.jpg"]] {
      let galleryctl = try scene(["nm/Ann/1.jpg", "nm/Bob/1.jpg"])
      #expect(try galleryctl.run(["add"] + words).status == 0)
      #expect(try names(galleryctl) == ["Ann 1", "Bob 1"])
    }
  }

  @Test(
    "names of cameras and digits are nobody: refused with the remedy, and no gallery has somebody of that name"
  )
  func cameras() throws {
    let galleryctl = try scene(["DCIM/IMG_1001.jpg", "DCIM/IMG_1002.jpg", "DCIM/DSC00123.JPG", "DCIM/17.jpg"])
    let run = try galleryctl("add", "DCIM")
    #expect(run.status == 3)
    #expect(run.output.contains("0 added, 0 skipped, 4 refused"))
    #expect(run.output.contains("4 photos without a name: --name says who is on all photos of a command"))
    #expect(
      try galleryctl("add", "DCIM", "--json").json(Report.self).photos.allSatisfy {
        $0.reasonKind == "no-name"
      })
    // Nor is there a gallery yet.
    #expect(try galleryctl("list").status == 4)
    #expect(try galleryctl("add", "--name", "Ann", "DCIM").status == 0)
    #expect(try names(galleryctl) == ["Ann 4"])
    #expect(try galleryctl("-g", "other", "add", "--any-name", "DCIM/17.jpg").status == 0)
    #expect(try galleryctl("-g", "other", "list", "--names").output == "DCIM\n")
  }

  @Test(
    "a loop of links ends, each photo is added once, under its own folder's name; links are told with --verbose"
  )
  func loop() throws {
    let galleryctl = try scene(["loop/Ann/1.jpg", "loop/Bob/1.jpg"])
    for name in ["Ann", "Bob"] {
      try FileManager.default.createSymbolicLink(
        atPath: galleryctl.folder.path + "/loop/\(name)/up", withDestinationPath: "..")
    }
    let run = try galleryctl("add", "--verbose", "loop")
    #expect(run.status == 0)
    #expect(
      run.output.contains(
        "2 links lead to what is looked at anyway:\n  loop/Ann/up\n  loop/Bob/up\n"))
    #expect(try names(galleryctl) == ["Ann 1", "Bob 1"])
    let again = try galleryctl("add", "loop")
    #expect(again.output.contains("0 added, 2 skipped") && !again.output.contains("link"))
  }

  @Test("what is left out is said, by kind, by add, query and detect")
  func leftOut() throws {
    let galleryctl = try scene([
      "set/Ann/1.jpg", "set/@eaDir/1.jpg", "set/#recycle/1.jpg", "set/lost+found/1.jpg",
      "set/.Trash-1000/1.jpg",
      "set/__MACOSX/1.jpg", "set/Ann/._1.jpg", "set/Ann/Thumbs.db", "set/Ann/a.psd", "set/Ann/b.psd",
      "set/Ann/c.psd",
    ])
    let lines = [
      "4 files are no photos by their names: Thumbs.db, a.psd, b.psd, …\n",
      "1 hidden name left out: ._1.jpg\n",
      "5 folders of the system left out: #recycle, .Trash-1000, @eaDir, …\n",
    ]
    let run = try galleryctl("add", "set")
    #expect(run.status == 0 && lines.allSatisfy(run.output.contains), "\(run.output)")
    #expect(try names(galleryctl) == ["Ann 1"])
    for command in ["query", "detect"] {
      let run = try galleryctl(command, "set")
      #expect(run.status == 0 && lines.allSatisfy(run.errors.contains), "\(run.errors)")
      let all = try galleryctl(command, "-v", "set").errors
      #expect(all.contains("4 files are no photos by their names:\n  set/Ann/Thumbs.db\n"), "\(all)")
    }
    let report = try galleryctl("add", "--json", "set").json(Report.self)
    #expect(
      Dictionary(uniqueKeysWithValues: report.leftOut.map { ($0.kind, $0.count) }) == [
        "not-a-photo": 4, "hidden": 1, "system-folder": 5,
      ])
    #expect(report.leftOut.allSatisfy { $0.paths.count == $0.count })
  }

  @Test("names that are no UTF-8 are read, given outright or found in a folder, and shown escaped")
  func bytes() throws {
    let galleryctl = try Galleryctl()
    let made = try galleryctl.shell(
      #"mkdir -p "$(printf 'names/M\374ller')" && cp "$PHOTO" "$(printf 'names/M\374ller/1.jpg')""#)
    #expect(made.status == 0)
    let run = try galleryctl("add", "names", "--json").json(Report.self)
    #expect(run.added == 1 && run.photos.map(\.name) == [#"M\xFCller"#])
    #expect(run.photos[0].photo.hasSuffix(#"names/M\xFCller/1.jpg"#))
    for command in ["query", "detect", "add"] {
      let line = #"galleryctl \#(command) "$(printf 'names/M\374ller/1.jpg')" "$(printf 'names/M\374ller')""#
      let run = try galleryctl.shell(line)
      #expect(run.status == 0, "\(run.text)")
      #expect(command != "add" || run.text.contains("0 added, 2 skipped"))
    }
    #expect(
      try galleryctl.shell(#"galleryctl verify "$PHOTO" "$(printf 'names/M\374ller/1.jpg')""#).status == 0)
    // The photo is found again by the path in its record.
    let again = try galleryctl("reembed", "--augment", "flip")
    #expect(again.status == 0 && !again.output.contains("missing"), "\(again.output) \(again.errors)")
  }

  @Test("--dry-run says who is understood and changes nothing")
  func dryRun() throws {
    let galleryctl = try scene(["set/Ann/1.jpg", "set/Ann/2.jpg", "set/Bob/1.jpg", "set/DCIM/IMG_1.jpg"])
    let run = try galleryctl("add", "--dry-run", "set")
    #expect(run.status == 0)
    let rows = run.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows.contains(["Ann", "2", "set/Ann/1.jpg"]) && rows.contains(["Bob", "1", "set/Bob/1.jpg"]))
    #expect(rows.contains(["(refused:", "no", "name)", "1", "set/DCIM/IMG_1.jpg"]))
    let understood = try galleryctl("add", "--dry-run", "--json", "set").json(Understood.self)
    #expect(
      understood.people.map(\.name) == ["Ann", "Bob"] && understood.people.map(\.photos.count) == [2, 1])
    #expect(understood.withoutName.count == 1 && understood.dryRun)
    #expect(try galleryctl("add", "--dry-run", "set/DCIM").status == 3)
    #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.path + "/gallery"))
  }

  @Test("in a terminal the people are shown before several are added, and nobody is without a yes")
  func asked() throws {
    let galleryctl = try scene(["set/Ann/1.jpg", "set/Bob/1.jpg"])
    func terminal(_ answer: String, _ words: String) throws -> (status: Int32, signal: Bool, text: String) {
      try galleryctl.shell("printf '\(answer)\\n' | script -qec 'galleryctl add \(words)' /dev/null")
    }
    let no = try terminal("n", "set")
    #expect(no.status == 1)
    let question = try #require(no.text.firstRange(of: "Add these 2 people? [y/N]"))
    #expect(no.text[..<question.lowerBound].contains("set/Bob/1.jpg"))
    #expect(no.text.contains("nothing was added"))
    #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.path + "/gallery"))
    let one = try terminal("n", "set/Ann")
    #expect(one.status == 0 && !one.text.contains("Add these"))
    let yes = try terminal("y", "set")
    #expect(yes.status == 0, "\(yes.text)")
    #expect(try names(galleryctl) == ["Ann 1", "Bob 1"])
    #expect(try !terminal("n", "--yes set").text.contains("Add these"))
  }
}
