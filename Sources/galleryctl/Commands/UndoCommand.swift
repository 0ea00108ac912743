import Console
import FaceGallery
import GalleryRecords

/// `galleryctl undo`: brings back everybody whom `remove --all` took away.
enum UndoCommand: Subcommand {
  static let description = CommandDescription(
    name: "undo",
    summary: "Brings back everybody whom remove --all, or a request to delete all, has removed within a day.",
    discussion: """
      People come back with faces, thumbnails, tags and numbers. Whoever was added since stays, and a face that was added
      again since, under whatever name, is not added twice. `info` lists the copies that are kept. One person who was
      removed by name does not come back: restore a backup.
      """,
    positionals: [
      .init("COPY", help: "Which removal is undone, as `info` lists it; else the latest.", count: 0...1)
    ],
    examples: [.init("galleryctl undo", "everybody is there again")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let returned = try gallery.undoRemoval(arguments.positionals.first)
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(
        try JSONOutput.text(
          UndoRecord(people: returned.people, faces: returned.faces, skipped: returned.skipped),
          warnings: warnings))
    } else {
      let skipped =
        returned.skipped > 0 ? "; skipped \(Format.count(returned.skipped, "face")), added again since" : ""
      Terminal.print(
        "brought back \(Format.count(returned.people, "person", plural: "people")) and "
          + "\(Format.count(returned.faces, "face"))\(skipped)\n")
    }
    return .success
  }
}
