import Foundation
import Testing

@Suite("People's names on the command line", .needsPhotos)
struct NameTests {
  /// Six people, of whom two pairs have one name, as the last program of format 1.4 left them.
  private func older() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    try FileManager.default.copyItem(
      at: Fixtures.root.appending(path: "Tests/FaceGalleryTests/Fixtures/gallery-1.4"),
      to: galleryctl.folder.appending(path: "gallery"))
    return galleryctl
  }

  private func names(_ galleryctl: Galleryctl) throws -> [String] {
    try galleryctl("list", "--json").json([Replies.Person].self).map(\.name)
  }

  @Test("people are listed in the order of the language, and found however their names are written")
  func lookingUp() throws {
    let galleryctl = try older()
    #expect(try names(galleryctl) == ["#2", "ANN  LEE", "Ann Lee", "Bob", "zoë\u{A0}ward", "Zoë Ward"])
    #expect(try galleryctl("show", "bOB").output.hasPrefix("Bob, no. 6, "))
    #expect(try galleryctl("show", "#2").output.hasPrefix("#2, no. 4, "))
    #expect(try galleryctl("show", "#6").output.hasPrefix("Bob, no. 6, "))
    #expect(try galleryctl("show", "id:2").output.hasPrefix("Ann Lee, no. 2, "))
    #expect(try galleryctl("show", "ANN  LEE").output.hasPrefix("ANN  LEE, no. 3, "))
    let several = try galleryctl("remove", "ann lee")
    #expect(several.status == 3)
    #expect(several.errors.contains("“Ann Lee” (id:2) and “ANN  LEE” (id:3)"))
    #expect(try galleryctl("show", "id:77").errors.contains("nobody has number 77"))
    #expect(try galleryctl("rename", "Bob", "id:77").status == 3)
  }

  @Test("check says which people have one name, and what it offers makes one of them")
  func merging() throws {
    let galleryctl = try older()
    let check = try galleryctl("check")
    #expect(check.status == 0)
    let offers = check.output.matches(of: /galleryctl (rename --merge id:\d+ id:\d+)/).map(\.1)
    #expect(offers.count == 2)
    for offer in offers {
      #expect(try galleryctl.run(offer.split(separator: " ").map(String.init)).status == 0)
    }
    #expect(try names(galleryctl) == ["#2", "Ann Lee", "Bob", "Zoë Ward"])
    #expect(try !galleryctl("check").output.contains("one name"))
  }

  @Test("what could turn a terminal's text is escaped for people, and kept in JSON")
  func escapes() throws {
    let galleryctl = try older()
    let name = "Mal\u{202E}eve"
    #expect(try galleryctl("rename", "Bob", name).output == "Bob is now Mal\\u202Eeve, 1 face\n")
    #expect(try galleryctl("list").output.contains("  Mal\\u202Eeve  "))
    #expect(try names(galleryctl).contains(name))
    #expect(try galleryctl("list", "--names").output.contains("\nMaleve\n"))
    #expect(try galleryctl("show", "maleve").output.hasPrefix("Mal\\u202Eeve, no. 6"))
    #expect(try galleryctl("show", "x\u{202E}").errors.contains("\"x\\u202E\""))
  }

  @Test("tags are found however they are written, and keep their keys as first written")
  func tags() throws {
    let galleryctl = try older()
    #expect(try galleryctl("tag", "bob", "Team=Red").output == "Bob: Team=Red\n")
    #expect(try galleryctl("tag", "id:6", "TEAM=Dark Blue").output == "Bob: Team=Dark Blue\n")
    let photo = Fixtures.photo("obama.jpg")
    let answer = try galleryctl("query", "--where", "team=dark  blue", "--json", photo).json(
      [Replies.Photo].self)
    #expect(answer.first?.faces?.first?.answer.candidates.map(\.name) == ["Bob"])
  }

  @Test("add --dry-run takes folders whose names are only written differently for one person")
  func understood() throws {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.copy("obama.jpg", to: "p/Zoë/1.jpg")
    _ = try galleryctl.copy("obama2.jpg", to: "p/ZOE\u{308}/1.jpg")
    _ = try galleryctl.copy("biden.jpg", to: "p/Bob/1.jpg")
    struct Understood: Decodable {
      struct Entry: Decodable {
        let photos: [String]
      }
      let people: [Entry]
    }
    let run = try galleryctl("add", "p", "--dry-run", "--json").json(Understood.self)
    #expect(run.people.map(\.photos.count).sorted() == [1, 2])
    #expect(try galleryctl("add", "p").output.contains("2 people"))
  }

  @Test("a name that would be an option is offered to completions by its number")
  func option() throws {
    let galleryctl = try Galleryctl()
    #expect(try galleryctl("add", "--name=--all", Fixtures.photo("obama.jpg")).status == 0)
    #expect(try galleryctl("list", "--names").output == "id:1\n")
    #expect(try galleryctl("remove", "--yes", "id:1").status == 0)
    #expect(try galleryctl("list", "--names").output == "")
  }

  @Test("a number where a name is given means that person, or is refused: nobody gets it for a name")
  func numbers() throws {
    let galleryctl = try Galleryctl()
    for (photo, name) in [("obama.jpg", "Ann"), ("biden.jpg", "Bob"), ("obama2.jpg", "Anne")] {
      #expect(try galleryctl("add", "--name", name, Fixtures.photo(photo)).status == 0)
    }
    for name in ["#1", "id:1", "#99", " id:99"] {
      let added = try galleryctl("add", "--name", name, Fixtures.photo("hanks.png"))
      #expect(added.status == 2 && added.errors.contains("by number"), "\(added.errors)")
      #expect(try galleryctl("split", "Ann", name, "1").status == 2)
    }
    for name in ["#99", "#1"] {
      let run = try galleryctl("rename", "--merge", "Bob", name)
      #expect(run.status == 2 && run.errors.contains("by number"), "\(run.errors)")
    }
    #expect(try galleryctl("rename", "Bob", "id:99").status == 3)
    #expect(try galleryctl("rename", "--merge", "Anne", "id:1").status == 0)
    #expect(try galleryctl("list", "--names").output == "Ann\nBob\n")
  }

  @Test(
    "bytes that are not UTF-8 are no name and no tag where they are typed: two of them might be one text"
  )
  func undecodable() throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.photo("obama.jpg")
    #expect(try galleryctl("add", "--name", "Ada", photo).status == 0)
    for words in [
      #"add --name $'\xff' '\#(Fixtures.photo("biden.jpg"))'"#,
      #"add --name '\xFF' '\#(Fixtures.photo("biden.jpg"))'"#,
      #"rename Ada $'Ad\xe9'"#, #"tag Ada $'k\xe9y=1'"#, #"tag Ada $'key=\xe9'"#,
    ] {
      let run = try galleryctl.shell("\"$G\" \(words)")
      #expect([2, 3].contains(run.status) && run.text.contains("not UTF-8"), "\(words): \(run)")
    }
    #expect(try galleryctl("list", "--names").output == "Ada\n")
  }

  @Test("nobody is called as people are meant by number, wherever the name comes from")
  func numbersForNames() throws {
    let galleryctl = try Galleryctl()
    for (folder, photo) in [
      ("id:2", "obama.jpg"), ("Carl", "biden.jpg"), ("ID: 7", "astronaut.png"), ("#1", "hanks.png"),
    ] {
      _ = try galleryctl.shell("mkdir -p 'q/\(folder)'; cp '\(Fixtures.photo(photo))' 'q/\(folder)/'")
    }
    for words in ["add --yes q", "sync q"] {
      let run = try galleryctl.shell("\"$G\" \(words)")
      #expect(run.text.contains("“id:2” means the person with this number"), "\(words): \(run)")
    }
    #expect(try galleryctl("list", "--names").output == "Carl\n")
    #expect(try galleryctl("export", "a.jsonl").status == 0)
    _ = try galleryctl.shell("sed 's/Carl/id:1/' a.jsonl > b.jsonl")
    let imported = try galleryctl("import", "-g", "other", "b.jsonl")
    #expect(
      imported.status != 0 && imported.errors.contains("means the person with this number"),
      "\(imported.errors)")
  }
}
