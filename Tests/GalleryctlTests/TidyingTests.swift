import Foundation
import Testing

@Suite("Renaming, merging, removing, looking", .needsPhotos)
struct TidyingTests {
  private func people(_ galleryctl: Galleryctl) throws -> [String: Int] {
    let people = try galleryctl("list", "--json").json([Replies.Person].self)
    return Dictionary(uniqueKeysWithValues: people.map { ($0.name, $0.faces) })
  }

  private func filled() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    try galleryctl("add", "--name", "B. Obama", Fixtures.photo("obama.jpg"))
    try galleryctl("add", "--name", "Obama", Fixtures.photo("obama3.jpg"))
    try galleryctl("add", "--name", "José Biden", Fixtures.photo("biden.jpg"))
    return galleryctl
  }

  @Test("rename; onto a taken name only with --merge, which joins the faces")
  func renameAndMerge() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("rename", "José Biden", "Joe Biden").status == 0)
    let unasked = try galleryctl("rename", "B. Obama", "Obama")
    #expect(unasked.status == 3)
    #expect(unasked.errors.contains("--merge"))
    #expect(try people(galleryctl) == ["B. Obama": 1, "Obama": 1, "Joe Biden": 1])
    #expect(try galleryctl("rename", "--merge", "B. Obama", "Obama").status == 0)
    #expect(try people(galleryctl) == ["Obama": 2, "Joe Biden": 1])
    #expect(try galleryctl("rename", "Obma", "X").errors.contains("did you mean \"Obama\"?"))
  }

  @Test("remove a face, then a person; removed people are not named any more")
  func remove() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("remove", "--face", "3").status == 0)
    #expect(try people(galleryctl)["José Biden"] == 0)
    #expect(try galleryctl("remove", "--face", "3").status == 3)
    #expect(try galleryctl("remove", "Obama", "B. Obama").status == 0)
    #expect(try people(galleryctl) == ["José Biden": 0])
    let run = try galleryctl("query", Fixtures.photo("obama2.jpg"))
    #expect(run.status == 1)
    #expect(run.output.contains("unknown"))
  }

  @Test("tag tags, query --where looks among those tagged, split makes a person of some faces")
  func tagAndSplit() throws {
    let galleryctl = try filled()
    #expect(
      try galleryctl("tag", "José Biden", "friends", "team=blue").output == "José Biden: friends, team=blue\n"
    )
    #expect(
      try galleryctl("tag", "--face", "1", "team=red", "--json").json([String: String].self) == [
        "team": "red"
      ])
    #expect(try galleryctl("show", "José Biden").output.contains("tags: friends, team=blue"))
    let photo = Fixtures.photo("obama2.jpg")
    let red = try galleryctl("query", "--where", "team=red", "--json", photo).json([Replies.Photo].self)
    #expect(red.first?.faces?.first?.answer.candidates.map(\.name) == ["B. Obama"])
    let both = try galleryctl("query", "--where", "team", "--where", "friends", "--json", photo).json(
      [Replies.Photo].self)
    #expect(both.first?.faces?.first?.answer.candidates.map(\.name) == ["José Biden"])
    let green = try galleryctl("query", "--where", "team=green", photo)
    #expect(green.status == 1 && green.errors.contains("nobody is tagged team=green"))
    #expect(try galleryctl("query", "--where", "=x", photo).status == 2)
    #expect(try galleryctl("tag", "--remove", "José Biden", "friends").output == "José Biden: team=blue\n")
    #expect(
      try galleryctl("tag", "--remove", "José Biden", "nosuchtag").output
        == "nothing was removed: no such tag\nJosé Biden: team=blue\n")
    #expect(try galleryctl("tag", "Nobody", "friends").status == 3)
    #expect(
      try galleryctl("rename", "José Biden", "José Biden").output
        == "José Biden is the name already, 1 face\n")

    try galleryctl("rename", "--merge", "José Biden", "Obama")
    #expect(try galleryctl("split", "Obama", "Biden", "x").status == 2)
    #expect(try galleryctl("split", "Obama", "Biden", "1").status == 3)
    #expect(try galleryctl("split", "Obama", "Biden", "3").output == "Biden, no. 4, has 1 face of Obama\n")
    #expect(try people(galleryctl) == ["B. Obama": 1, "Obama": 1, "Biden": 1])
    let foreign = try galleryctl("split", "Biden", "Other", "1")
    #expect(
      foreign.errors == "error: Face 1 is not Biden's; `galleryctl show PERSON` lists a person's faces.\n")
    let last = try galleryctl("split", "Biden", "Other", "3")
    #expect(last.output.contains("1 face of Biden, who has no face left"))
    let taken = try galleryctl("split", "Other", "Biden", "3")
    #expect(taken.errors.contains("choose another name; `galleryctl rename --merge`"), "\(taken.errors)")
  }

  @Test("everybody is removed by --all only, and undo brings them back")
  func removeAll() throws {
    let galleryctl = try filled()
    let before = try people(galleryctl)
    #expect(try galleryctl("remove", "--all").output == "removed everybody: 3 faces\n")
    #expect(try people(galleryctl).isEmpty)
    #expect(try galleryctl("info").output.contains("3 people and 3 faces, kept until"))
    #expect(try galleryctl("undo", "no-such-removal").status == 2)
    #expect(try galleryctl("undo", "4711").status == 3)
    #expect(try galleryctl("undo").output == "brought back 3 people and 3 faces\n")
    #expect(try people(galleryctl) == before)
    // One person under two names.
    let answer = try galleryctl("query", Fixtures.photo("obama2.jpg")).output
    #expect(answer.contains(/B\. Obama or Obama|Obama or B\. Obama/), "\(answer)")
    #expect(try galleryctl("remove", "--all", "--purge", "--json").status == 0)
    let run = try galleryctl("undo")
    #expect(run.status == 3 && run.errors.contains("nothing to undo; removals can be undone for a day"))
  }

  @Test("people and faces come back one removal after the other, and not what was purged")
  func undoEach() throws {
    let galleryctl = try filled()
    let before = try people(galleryctl)
    try galleryctl("remove", "José Biden")
    try galleryctl("remove", "--face", "2")
    try galleryctl("remove", "B. Obama", "--purge")
    let info = try galleryctl("info").output
    #expect(
      info.contains("1 person and 1 face, kept until") && info.contains("  1 face, kept until"))
    #expect(try galleryctl("undo").output == "brought back 1 face\n")
    #expect(try galleryctl("undo").output == "brought back 1 person and 1 face\n")
    #expect(try galleryctl("undo").status == 3)
    #expect(try people(galleryctl) == before.filter { $0.key != "B. Obama" })
  }

  @Test("one unknown name among several removes nobody")
  func removeNobody() throws {
    let galleryctl = try filled()
    #expect(try galleryctl("remove", "Obama", "Nobody").status == 3)
    #expect(try people(galleryctl).count == 3)
  }

  @Test("show lists a person's faces with their photos, by name and by number")
  func show() throws {
    let galleryctl = try filled()
    let run = try galleryctl("show", "José Biden")
    #expect(run.status == 0)
    #expect(run.output.contains("biden.jpg"))
    #expect(try galleryctl("show", "#1").output.hasPrefix("B. Obama"))
  }

  @Test("info counts; doctor finds weights and gallery healthy")
  func infoAndDoctor() throws {
    let galleryctl = try filled()
    let info = try galleryctl("info", "--json").json(Replies.Info.self)
    #expect((info.people, info.faces) == (3, 3))
    #expect(try galleryctl("info").output.contains("people"))
    let doctor = try galleryctl("doctor")
    #expect(doctor.status == 0, "\(doctor.output)")
    #expect(doctor.output.contains("3 people, 3 faces"))
  }

  @Test("the gallery's folder is --gallery, else $GALLERYCTL_GALLERY, else ./gallery")
  func galleryFolder() throws {
    let galleryctl = try Galleryctl()
    let photo = Fixtures.photo("obama.jpg")
    try galleryctl("add", "--name", "A", photo)
    try galleryctl("add", "--name", "B", photo, environment: ["GALLERYCTL_GALLERY": "second"])
    try galleryctl("--gallery", "third", "add", "--name", "C", photo)
    #expect(try galleryctl("list", "--json").json([Replies.Person].self).map(\.name) == ["A"])
    #expect(try galleryctl("list", "--json", "-g", "second").json([Replies.Person].self).map(\.name) == ["B"])
    #expect(
      try galleryctl("list", "--json", environment: ["GALLERYCTL_GALLERY": "third"])
        .json([Replies.Person].self).map(\.name) == ["C"])
  }
}
