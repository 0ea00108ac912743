import Console
import FaceGallery
import Foundation

/// `galleryctl remove`: forgets people or single faces.
enum RemoveCommand: Subcommand {
  static let face = Flag("--face", help: "The words are numbers of faces, as `show` lists them, not people.")
  static let unnamed = Flag("--unnamed", help: "Remove every face without a name.")
  static let all = Flag("--all", help: "Remove everybody; `undo` brings them back for a day.")
  static let purge = Flag(
    "--purge", help: "With --all: keep no copy for `undo`, and delete those of earlier removals.")

  static let description = CommandDescription(
    name: "remove",
    summary: "Removes people with all their faces, or single faces.",
    discussion: """
      Several are removed in one step: all of them or, when anything is wrong, none. Before --all removes everybody, the
      gallery is copied into its folder "removed", where the copy stays for a day. `compact` takes every trace of removed
      people out of the gallery's files, and these copies with it.
      """,
    positionals: [
      .init(
        "PERSON", help: "Names, or #NUMBERs as `list` shows them; with --face, faces.", count: 0...(.max),
        lister: ListCommand.lister)
    ],
    options: [face, unnamed, all, purge],
    examples: [
      .init("galleryctl remove \"Ada Lovelace\"", "forgets a person"),
      .init("galleryctl remove --face 12 13", "forgets two faces"),
      .init("galleryctl remove --unnamed", "forgets the faces that nobody named"),
      .init("galleryctl remove --all", "forgets everybody; galleryctl undo brings them back"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let ways = [face, unnamed, all].count { arguments[$0] }
    guard ways <= 1, arguments.positionals.isEmpty == (arguments[unnamed] || arguments[all]) else {
      throw UsageError("remove needs people, faces with --face, or --unnamed or --all alone.")
    }
    guard !arguments[purge] || arguments[all] else { throw UsageError("--purge goes with --all only.") }
    let gallery = try arguments.existingGallery()
    var record = Record()
    if arguments[all] {
      // Their names are not listed: they may be a million.
      record.faces = try gallery.removeAllPeople(purge: arguments[purge]).faces
    } else if arguments[unnamed] {
      record.faces = try gallery.removeUnnamed()
    } else if arguments[face] {
      let faces = try arguments.positionals.map { try gallery.face(called: $0) }
      try gallery.remove(faces)
      record.faces = Set(faces).count
    } else {
      // Everybody is looked up before anybody is removed: a typing error removes nobody.
      let people = try arguments.positionals.map { try gallery.person(called: $0) }
      record.faces = try gallery.remove(people.map(\.id))
      for person in people where !record.people.contains(person.name) { record.people.append(person.name) }
    }
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(record, warnings: warnings))
    } else {
      let whom =
        arguments[all]
        ? "everybody: " : record.people.isEmpty ? "" : record.people.joined(separator: ", ") + ": "
      Terminal.print("removed \(whom)\(Format.count(record.faces, "face"))\n")
    }
    return .success
  }

  private struct Record: Encodable {
    var people: [String] = []
    var faces = 0
  }
}
