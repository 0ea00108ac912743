import Foundation
import Imaging
import Testing

@Suite("Bad input")
struct BadInputTests {
  @Test(
    "a photo that cannot be used has its own sentence and status 3; the others are still answered",
    .needsPhotos)
  func badPhotos() throws {
    let galleryctl = try Galleryctl()
    let whole = try Data(contentsOf: URL(filePath: Fixtures.photo("obama.jpg")))
    let bad = [
      // Within the head: one that is cut later is read as far as it goes.
      try galleryctl.file("truncated.jpg", whole.prefix(150)),
      try galleryctl.file("empty.jpg", []),
      try galleryctl.file("text.jpg", Array("not a picture".utf8)),
      try galleryctl.file("animation.gif", Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0]),
    ]
    let run = try galleryctl.run(["detect", "--json", "-q"] + bad + [Fixtures.photo("obama.jpg")])
    #expect(run.status == 3)
    let replies = try run.json([Replies.Detected].self)
    let sentences = replies.compactMap(\.error)
    #expect(sentences.count == bad.count)
    #expect(Set(sentences).count == bad.count)
    #expect(replies.last?.faces?.count == 1)
    #expect(run.errors.split(separator: "\n").count == bad.count)
  }

  @Test("a JPEG under a .png name is read by what it is", .needsPhotos)
  func wrongEnding() throws {
    let galleryctl = try Galleryctl()
    let photo = try galleryctl.copy("obama.jpg", to: "obama.png")
    #expect(try galleryctl("detect", "--json", photo).json([Replies.Detected].self).first?.faces?.count == 1)
  }

  @Test("a photo that is not there, and a folder without photos", .needsPhotos)
  func missing() throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl("detect", "nowhere.jpg")
    #expect(run.status == 3)
    #expect(run.errors == "error: nowhere.jpg is not there: check the path.\n")
    try FileManager.default.createDirectory(
      at: galleryctl.folder.appending(path: "nothing"), withIntermediateDirectories: true)
    #expect(try galleryctl("detect", "nothing").status == 3)
    #expect(try galleryctl("add", "nothing").status == 3)
  }

  @Test("refused photos are listed with the reason, and the rest is added", .needsPhotos)
  func refusals() throws {
    let galleryctl = try Galleryctl()
    let wall = RGBImage(width: 200, height: 200, red: 90, green: 120, blue: 150)
    _ = try galleryctl.file("people/Wall/wall.png", wall.pngData())
    _ = try galleryctl.file("people/Broken/broken.jpg", Array("?".utf8))
    _ = try galleryctl.copy("obama.jpg", to: "people/Barack Obama/1.jpg")
    let run = try galleryctl("add", "--json", "people")
    #expect(run.status == 0)
    let report = try run.json(Replies.Enrolment.self)
    #expect((report.added, report.refused) == (1, 2))
    let kinds = Dictionary(uniqueKeysWithValues: report.photos.map { ($0.name, $0.reasonKind) })
    #expect(kinds == ["Wall": "no-face", "Broken": "unreadable", "Barack Obama": nil])
    #expect(try galleryctl("list", "--json").json([Replies.Person].self).map(\.name) == ["Barack Obama"])
  }

  @Test("no gallery, no weights and a file in the gallery's place are trouble, status 4, with the remedy")
  func trouble() throws {
    let galleryctl = try Galleryctl()
    #expect(try galleryctl("list").status == 4)
    let weights = try galleryctl("detect", "--weights", "nowhere", "a.jpg")
    #expect(weights.status == 4)
    #expect(weights.errors.contains("is missing; run `galleryctl weights fetch`, or name the folder"))
    let file = try galleryctl.file("notes.txt", Array("notes".utf8))
    #expect(try galleryctl("list", "--gallery", file).status == 4)
  }

  @Test(
    "a name that cannot be a name is refused", .needsPhotos,
    arguments: ["  ", String(repeating: "x", count: 2000)])
  func names(name: String) throws {
    let run = try Galleryctl()("add", "--json", "--name", name, Fixtures.photo("obama.jpg"))
    #expect(run.status == 3)
    #expect(try run.json(Replies.Enrolment.self).photos.first?.reasonKind == "invalid-name")
  }

  @Test(
    "what is not understood is wrong usage, named, and never left out of account",
    arguments: [
      (["add", "--name", "", "a.jpg"], "--name"), (["add", "--name", "A", "--name", "B", "a.jpg"], "--name"),
      (["add", "--tag", "team=red", "--tag", "team=blue", "a.jpg"], "team"),
      (["add", "--tag", "", "a.jpg"], "--tag"),
      (["query", "--where", "", "a.jpg"], "--where"), (["query", "--where", "=red", "a.jpg"], "--where"),
      (["query", "--k", "", "a.jpg"], "--k"), (["query", "--k", "5x", "a.jpg"], "--k"),
      (["query", "--k", "1", "--k", "2", "a.jpg"], "--k"),
      (["query", "--threshold", "nan", "a.jpg"], "--threshold"),
      (["query", "--wher", "team=red", "a.jpg"], "--wher"), (["query", "a.jpg", ""], "query"),
      (["tag", "Ada", "team=red", "team=blue"], "team"),
      (["tag", "--remove", "Ada", "team=red"], "team=red"),
      (["tag", "--remove", "Ada"], "--remove"), (["name", "3", "Ada", "--except", "12,,13"], "--except"),
      (["name", "##3", "Ada"], "GROUP"), (["remove", ""], "remove"), (["remove"], "remove"),
      (["remove", "--all", "Ada"], "--all"), (["remove", "--all", "--unnamed"], "--all"),
      (["remove", "--face", "--unnamed"], "--unnamed"),
      (["undo", "a", "b"], "b"), (["undo", "07"], "07"), (["keys", "list", "--role", "admin"], "--role"),
      (["keys", "add", "--label", ""], "--label"), (["serve", "=folder"], "=folder"),
      (["serve", "name="], "name="),
      (["list", "everybody"], "everybody"), (["help", "list", "x"], "x"),
    ])
  func notUnderstood(words: [String], named: String) throws {
    let galleryctl = try Galleryctl()
    let run = try galleryctl.run(words)
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.contains(named), "\(run.errors)")
    // Not even an empty gallery was made.
    #expect(try FileManager.default.contentsOfDirectory(atPath: galleryctl.folder.path).isEmpty)
  }

  @Test("a variable that is not understood is wrong usage")
  func variables() throws {
    for (name, value) in [
      ("GALLERYCTL_KEEP_THUMBNAILS", "maybe"), ("GALLERYCTL_NO_KEYS", "2"), ("GALLERYCTL_PORT", "x"),
    ] {
      let run = try Galleryctl().run(["serve"], environment: [name: value])
      #expect(run.status == 2 && run.errors.contains(name))
    }
  }

  @Test(
    "what is wrong is named: the photo that is none, the file in a folder's place, the backup", .needsPhotos)
  func namedCauses() throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.photo("obama.jpg")
    let text = try galleryctl.file("text.jpg", "no photo".utf8)
    let verify = try galleryctl("verify", photo, text)
    #expect(verify.status == 3 && verify.errors.contains("text.jpg: "), "\(verify.errors)")
    let crops = try galleryctl("detect", "--crops", text, photo)
    #expect(
      crops.status == 3 && crops.output.isEmpty && crops.errors.contains("text.jpg")
        && crops.errors.contains("cannot be written: Not a directory"),
      "\(crops.output)\(crops.errors)")
    #expect(!crops.errors.contains("obama.jpg"), "\(crops.errors)")
    #expect(try galleryctl("add", "--name", "Obama", photo).status == 0)
    let own = try galleryctl("restore", "--replace", "gallery")
    #expect(own.status == 3 && own.errors.contains("is the gallery itself"), "\(own.errors)")
    let nowhere = try galleryctl("add", "-g", text + "/x", "--name", "Obama", photo)
    #expect(
      nowhere.status == 4
        && nowhere.errors.contains("text.jpg/x cannot be created: Not a directory"),
      "\(nowhere.errors)")
    let again = try galleryctl("add", "--name", "Barack", photo)
    #expect(again.output.contains("already in the gallery, as “Obama”"), "\(again.output)")
  }

  @Test("a picture that is too small to be a face is bad input", .needsPhotos)
  func tooSmall() throws {
    let galleryctl = try Galleryctl()
    #expect(try galleryctl("add", "--name", "Obama", Fixtures.photo("obama.jpg")).status == 0)
    let dot = try galleryctl.file("dot.png", Fixtures.dot)
    for words in [
      ["query", "--cropped", dot], ["detect", "--cropped", dot], ["add", "--cropped", "--name", "Dot", dot],
      ["verify", "--cropped", dot, Fixtures.photo("obama.jpg")],
    ] {
      let run = try galleryctl.run(words)
      #expect(run.status == 3, "\(words.first ?? ""): \(run.errors)")
    }
  }
}
