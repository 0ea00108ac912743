import Console
import FaceGallery
import GalleryRecords

/// `galleryctl split`: some faces of a person are somebody else's.
enum SplitCommand: Subcommand {
  static let description = CommandDescription(
    name: "split",
    summary: "Moves some faces of a person to a new person.",
    discussion: "check lists faces that look like somebody else's; rename --merge is the way back.",
    positionals: [
      .init("PERSON", help: "A name, or id:NUMBER as `list` shows it.", lister: ListCommand.lister),
      .init("NAME", help: "The new person's name."),
      .init("FACE", help: "Numbers of faces, as `show` lists them.", count: 1...(.max)),
    ],
    examples: [
      .init("galleryctl split \"Lovelace\" \"Byron\" 12 13", "faces 12 and 13 are of Byron from now on")
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let person = try gallery.somebody(called: arguments.positionals[0])
    let faces = try arguments.positionals.dropFirst(2).map { try gallery.face(called: $0) }
    let name = arguments.positionals[1]
    try Gallery.checkNew(name)
    let made = try gallery.split(faces, of: person, into: name)
    let isEmpty = try gallery.faces(of: person.id).isEmpty
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(PersonRecord(made), warnings: warnings))
    } else {
      let rest = isEmpty ? ", who has no face left: `galleryctl remove` takes the name away" : ""
      Terminal.print(
        "\(made.name), no. \(made.id), has \(Format.count(made.faceCount, "face")) of \(person.name)\(rest)\n"
      )
    }
    return .success
  }
}
