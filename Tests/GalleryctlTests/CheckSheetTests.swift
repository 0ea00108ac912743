import Foundation
import Testing

@Suite("Contact sheets of faces that may be under a wrong name: check --sheets", .needsPhotos)
struct CheckSheetTests {
  private struct Health: Decodable {
    struct Review: Decodable {
      struct Member: Decodable {
        let face: UInt64
        let name: String
      }
      struct Suspicion: Decodable {
        let member: Member
        let own: Member
        let other: Member
      }
      let suspicious: [Suspicion]
    }
    let review: Review
  }

  /// A gallery in which a photo of Obama is Biden's.
  private func mislabelled(_ galleryctl: Galleryctl, _ options: String...) throws {
    for (name, file) in [
      ("Barack Obama", "obama.jpg"), ("Joe Biden", "biden.jpg"), ("Joe Biden", "obama2.jpg"),
    ] {
      let photo = try galleryctl.copy(file, to: file)
      #expect(try galleryctl.run(["add", "--name", name, photo] + options).status == 0)
    }
  }

  /// Width and height of a PNG.
  private func size(_ png: URL) throws -> [Int] {
    let bytes = [UInt8](try Data(contentsOf: png))
    return [16, 20].map { bytes[$0..<$0 + 4].reduce(0) { $0 << 8 | Int($1) } }
  }

  @Test("the wrong face is drawn beside its person's and the other's; when it is right, the sheet goes")
  func sheet() throws {
    let galleryctl = try Galleryctl()
    try mislabelled(galleryctl, "--keep-thumbnails")
    for file in ["obama.jpg", "obama2.jpg", "biden.jpg"] {
      try FileManager.default.removeItem(at: galleryctl.folder.appending(path: file))
    }
    let run = try galleryctl("check", "--sheets", "doubtful", "--json")
    #expect(run.status == 0)
    // Biden's own photo is no closer to Obama's than to the wrong one, or it is doubtful as well.
    let found = try run.json(Health.self).review.suspicious
    let first = try #require(found.first)
    #expect(first.member.name == "Joe Biden" && first.member.face == 3)
    #expect(first.own.face == 2 && first.own.name == "Joe Biden")
    #expect(first.other.face == 1 && first.other.name == "Barack Obama")
    #expect(run.errors.contains("wrote 1 sheet of 1 doubtful face to doubtful\n"), "\(run.errors)")
    let sheet = galleryctl.folder.appending(path: "doubtful/doubtful-1.png")
    // Three cells of 160 pixels with gaps of 10.
    #expect(try size(sheet)[0] == 520)
    let old = galleryctl.folder.appending(path: "doubtful/doubtful-2.png")
    try FileManager.default.copyItem(at: sheet, to: old)
    // Sheets go up to the first name that is no sheet of ours.
    let photo = galleryctl.folder.appending(path: "doubtful/doubtful-3.png")
    try FileManager.default.copyItem(atPath: Fixtures.photo("astronaut.png"), toPath: photo.path)
    #expect(try galleryctl("split", "Joe Biden", "Somebody", "3").status == 0)
    let after = try galleryctl("check", "--sheets", "doubtful")
    #expect(after.errors.contains("no face is doubtful: no sheet was drawn\n"), "\(after.errors)")
    for file in [sheet, old] { #expect(!FileManager.default.fileExists(atPath: file.path)) }
    #expect(FileManager.default.fileExists(atPath: photo.path))
  }

  @Test(
    "nothing is written over that is no sheet, nor into a gallery",
    arguments: ["photo", "link", "pipe", "gallery"])
  func foreign(_ kind: String) throws {
    let galleryctl = try Galleryctl()
    try mislabelled(galleryctl)
    let folder = kind == "gallery" ? "gallery" : "sheets"
    let before =
      switch kind {
      case "photo": "mkdir sheets; cp '\(Fixtures.photo("astronaut.png"))' sheets/doubtful-1.png"
      case "link":
        "mkdir sheets; cp '\(Fixtures.photo("astronaut.png"))' a.png; ln -s ../a.png sheets/doubtful-1.png"
      case "pipe": "mkdir sheets; mkfifo sheets/doubtful-1.png"
      default: "true"
      }
    let state = "ls -l --time-style=full-iso \(folder); cat a.png sheets/*.png | sha256sum"
    let there =
      switch kind {
      case "pipe": "ls -l --time-style=full-iso sheets"
      case "gallery": "ls gallery | grep -v lock"
      default: state
      }
    _ = try galleryctl.shell(before)
    let old = try galleryctl.shell(there).text
    let run = try galleryctl("check", "-q", "--sheets", folder)
    #expect(run.status == 3, "\(run.errors)")
    #expect(
      run.errors.contains(
        kind == "gallery"
          ? "gallery is a gallery, or lies in one: name another place"
          : "doubtful-1.png is there, and was not made by galleryctl"),
      "\(run.errors)")
    #expect(run.output.contains("read"), "what was found is said all the same: \(run.output)")
    #expect(try galleryctl.shell(there).text == old)
  }

  @Test("crops take no other picture's place")
  func crops() throws {
    let galleryctl = try Galleryctl()
    let photo = try galleryctl.copy("obama.jpg", to: "obama.jpg")
    #expect(try galleryctl("detect", "--crops", ".", photo).status == 0)
    #expect(try galleryctl("detect", "--crops", ".", photo).status == 0)
    _ = try galleryctl.shell("cp '\(Fixtures.photo("astronaut.png"))' obama-1.png")
    let run = try galleryctl("detect", "--crops", ".", photo)
    #expect(
      run.status == 3 && run.errors.contains("obama-1.png is there, and was not made by"), "\(run.errors)")
    #expect(try galleryctl.shell("cmp obama-1.png '\(Fixtures.photo("astronaut.png"))'").status == 0)
  }

  @Test("without thumbnails the photos serve; without either it is said")
  func pictures() throws {
    let galleryctl = try Galleryctl()
    try mislabelled(galleryctl)
    #expect(try galleryctl("check", "--sheets", "a").errors.contains("wrote 1 sheet of 1 doubtful face"))
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "obama.jpg"))
    // The other's picture may be missing.
    #expect(try galleryctl("check", "--sheets", "b").errors.contains("wrote 1 sheet of 1 doubtful face"))
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "obama2.jpg"))
    let run = try galleryctl("check", "--sheets", "c")
    #expect(run.status == 0)
    #expect(
      run.errors.contains("1 doubtful face on no sheet: no thumbnail was kept (add --keep-thumbnails)"),
      "\(run.errors)")
    #expect(
      !FileManager.default.fileExists(atPath: galleryctl.folder.appending(path: "c/doubtful-1.png").path))
  }

  @Test("sheets need the review")
  func contradiction() throws {
    #expect(try Galleryctl()("check", "--no-review", "--sheets", "a").status == 2)
  }
}
