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
    try Data().write(to: old)
    #expect(try galleryctl("split", "Joe Biden", "Somebody", "3").status == 0)
    let after = try galleryctl("check", "--sheets", "doubtful")
    #expect(after.errors.contains("no face is doubtful: no sheet was drawn\n"), "\(after.errors)")
    for file in [sheet, old] { #expect(!FileManager.default.fileExists(atPath: file.path)) }
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
