import Foundation
import TestSupport
import Testing

@Suite("galleryctl sync", .needsPhotos, .serialized)
struct SyncCommandTests {
  private struct Record: Decodable {
    struct Move: Decodable {
      let photo: String
      let name: String?
    }
    let dryRun: Bool
    let added, changed, moved, missing, unchanged, removedFaces: Int
    let moves: [Move]
  }

  private func scene() throws -> Galleryctl {
    let galleryctl = try Galleryctl()
    _ = try galleryctl.copy("obama.jpg", to: "people/Barack Obama/1.jpg")
    _ = try galleryctl.copy("biden.jpg", to: "people/Joe Biden/1.jpg")
    return galleryctl
  }

  @Test("a plan is shown and nothing done, then it is done, then there is nothing to do")
  func plan() throws {
    let galleryctl = try scene()
    let plan = try galleryctl("sync", "--dry-run", "people", "--json").json(Record.self)
    #expect(plan.dryRun && plan.added == 2)
    #expect(!FileManager.default.fileExists(atPath: galleryctl.folder.appending(path: "gallery").path))
    let first = try galleryctl("sync", "people")
    #expect(first.status == 0 && first.output.contains("2 new photos"), "\(first)")
    let second = try galleryctl("sync", "people", "--json").json(Record.self)
    #expect(second.added == 0 && second.unchanged == 2 && !second.dryRun)
    let photo = galleryctl.folder.appending(path: "people/Joe Biden/1.jpg")
    let target = galleryctl.folder.appending(path: "people/Barack Obama/2.jpg")
    try FileManager.default.moveItem(at: photo, to: target)
    let third = try galleryctl("sync", "people", "--json").json(Record.self)
    #expect(third.moved == 1 && third.moves.first?.name == "Barack Obama")
    try FileManager.default.removeItem(at: target)
    let told = try galleryctl("sync", "people")
    #expect(told.output.contains("1 missing (--prune removes their faces)"))
    let fourth = try galleryctl("sync", "--prune", "people", "--json").json(Record.self)
    #expect(fourth.missing == 1 && fourth.removedFaces == 1)
    #expect(try galleryctl("list", "--names").output == "Barack Obama\n")
  }

  @Test("remove says that a photo which is left in a synchronised folder comes back")
  func removed() throws {
    struct Removal: Decodable {
      let faces: Int
      let warnings: [String]
    }
    let galleryctl = try scene()
    let sentence = "The next sync adds 1 photo of them again: take the files out of its folders first."
    // Nothing is noted of a file that was written a moment ago.
    let noted = galleryctl.folder.appending(path: "gallery/photos.cache").path
    #expect(
      eventually {
        _ = try? galleryctl("sync", "people")
        return FileManager.default.fileExists(atPath: noted)
      })
    let trial = try galleryctl("remove", "Joe Biden", "--dry-run", "--json").json(Removal.self)
    #expect(trial.faces == 1 && trial.warnings == [sentence])
    let removed = try galleryctl("remove", "Joe Biden")
    #expect(
      removed.output == "removed Joe Biden: 1 face\n" && removed.errors.contains(sentence), "\(removed)")
    #expect(try galleryctl("sync", "people").output.contains("1 new photo"))
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "people/Joe Biden"))
    #expect(try !galleryctl("remove", "Joe Biden").errors.contains("The next sync"))
  }

  @Test(
    "a photo that the system does not let be read is no photo that is refused for good",
    .enabled(if: Strace.works, "strace is not installed, or may not trace: apt-get install strace"))
  func failing() throws {
    let galleryctl = try scene()
    let failed = try galleryctl.shell(
      #"strace -f -qq -o /dev/null -P "$PWD/people/Joe Biden/1.jpg" -e inject=openat:error=EIO "$G" sync people"#
    )
    #expect(failed.status == 3 && failed.text.contains("cannot be read"), "\(failed)")
    #expect(try galleryctl("list", "--names").output == "Barack Obama\n")
    #expect(try galleryctl("sync", "people").status == 0)
    #expect(try galleryctl("list", "--names").output == "Barack Obama\nJoe Biden\n")
  }

  @Test("a folder that is not there, or is empty where photos were, is refused")
  func refused() throws {
    let galleryctl = try scene()
    #expect(try galleryctl("sync", "people").status == 0)
    let nowhere = try galleryctl("sync", "--prune", "nowhere")
    #expect(nowhere.status == 3 && nowhere.errors.contains("nowhere"))
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "people/Barack Obama"))
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "people/Joe Biden"))
    let empty = try galleryctl("sync", "--prune", "people")
    #expect(empty.status == 3 && empty.errors.contains("holds no photos at all"), "\(empty)")
    #expect(try galleryctl("list", "--names").output == "Barack Obama\nJoe Biden\n")
  }

  @Test("--watch follows what is added, moved and deleted")
  func watch() throws {
    let galleryctl = try scene()
    let (process, output, _) = try galleryctl.start(["sync", "--watch", "--prune", "people"])
    defer {
      process.terminate()
      process.waitUntilExit()
      withExtendedLifetime(output) {}
    }
    func names() throws -> String {
      let run = try galleryctl("list", "--names")
      return run.status == 0 ? run.output : ""
    }
    #expect(try eventually { try names() == "Barack Obama\nJoe Biden\n" })
    _ = try galleryctl.copy("astronaut.png", to: "people/new/Eileen Collins/1.png")
    #expect(try eventually { try names() == "Barack Obama\nEileen Collins\nJoe Biden\n" })
    try FileManager.default.moveItem(
      at: galleryctl.folder.appending(path: "people/Joe Biden"),
      to: galleryctl.folder.appending(path: "people/Joseph Biden"))
    #expect(try eventually { try names() == "Barack Obama\nEileen Collins\nJoseph Biden\n" })
    try FileManager.default.removeItem(at: galleryctl.folder.appending(path: "people/new"))
    #expect(try eventually { try names() == "Barack Obama\nJoseph Biden\n" })
    #expect(process.isRunning)
  }
}
