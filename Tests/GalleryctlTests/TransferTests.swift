import Foundation
import Testing

@Suite("Export and import", .needsPhotos)
struct TransferTests {
  private struct Export: Decodable {
    let files: [String]
    let rows, dimension: Int
  }

  private struct Import: Decodable { let rows, added, skipped, newPeople: Int }

  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "Barack Obama", Fixtures.photo("obama.jpg"))
    try galleryctl("add", "--name", "Joe Biden", Fixtures.photo("biden.jpg"))
    return galleryctl
  }

  @Test(
    "a gallery filled from an export answers as the one exported", arguments: ["npy", "jsonl", "safetensors"])
  func roundTrip(ending: String) throws {
    let galleryctl = try filled()
    let export = try galleryctl("export", "--json", "faces.\(ending)").json(Export.self)
    #expect((export.rows, export.dimension) == (2, 128))
    let report = try galleryctl("-g", "copy", "import", "--json", "faces.\(ending)").json(Import.self)
    #expect((report.added, report.skipped, report.newPeople) == (2, 0, 2))
    let photo = Fixtures.photo("obama2.jpg")
    #expect(try galleryctl("-g", "copy", "query", photo).output == galleryctl("query", photo).output)
    #expect(
      try galleryctl("-g", "copy", "import", "faces.\(ending)").output.hasPrefix(
        "added 0 faces, 2 skipped because they were there"))
    #expect(try galleryctl("-g", "copy", "check").status == 0)
  }

  @Test("CSV beside the array, for spreadsheets")
  func spreadsheet() throws {
    let galleryctl = try filled()
    let export = try galleryctl("export", "--format", "npy+csv", "--json", "faces.npy").json(Export.self)
    #expect(
      export.files.map { URL(filePath: $0).lastPathComponent } == [
        "faces.npy", "faces.csv", "faces.engine.json",
      ])
    let names = try String(contentsOf: galleryctl.folder.appending(path: "faces.csv"), encoding: .utf8)
    #expect(names.hasPrefix("person,face,added,photo,path,"))
    #expect(names.contains("\nJoe Biden,2,"))
    #expect(try galleryctl("-g", "copy", "import", "faces.npy").status == 0)
  }

  @Test("mistakes end with status 3 and one sentence that tells the line")
  func mistakes() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("export", "faces.xyz").status == 2)
    #expect(try galleryctl("import", "nothing.npy").status == 3)
    let file = try galleryctl.file("bad.jsonl", "{\"person\":\"A\",\"vector\":[1,2]}\n".utf8)
    let unasked = try galleryctl("import", file)
    #expect(unasked.status == 4)
    #expect(unasked.errors.contains("--assume-engine"))
    let wrong = try galleryctl("import", "--assume-engine", file)
    #expect(wrong.status == 3)
    #expect(wrong.errors.contains("line 1: the vector has 2 components"), "\(wrong.errors)")
    #expect(try galleryctl("-g", "none", "export", "faces.npy").status == 4)
    let missing = try galleryctl("import", "nowhere.npy")
    #expect(missing.status == 3 && missing.errors.contains("There is no file"))
  }
}
