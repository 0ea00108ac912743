import Console
import FaceGallery
import GalleryRecords

/// `galleryctl undo`: brings back who and what `remove` took away.
enum UndoCommand: Subcommand {
  static let description = CommandDescription(
    name: "undo",
    summary: "Brings back the people or faces of a removal within a day.",
    discussion: """
      They come back with faces, thumbnails, tags and numbers. Whoever was added since stays, and a face that was added
      again since, under whatever name, is not added twice. Run it again to undo the removal before; `info` lists all that
      can be undone.
      """,
    positionals: [
      .init("REMOVAL", help: "The number of the removal, as `info` lists it; else the latest.", count: 0...1)
    ],
    examples: [.init("galleryctl undo", "whoever was removed last is there again")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let number = try arguments.positionals.first.map { word in
      guard let number = UInt64(word), String(number) == word else {
        throw UsageError("REMOVAL is a number, as `galleryctl info` lists it, not \"\(word)\".")
      }
      return number
    }
    let gallery = try arguments.existingGallery()
    let returned = try gallery.undo(number)
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
        "brought back \(PeopleAndFaces.text(people: returned.people, faces: returned.faces))\(skipped)\n")
    }
    return .success
  }
}
