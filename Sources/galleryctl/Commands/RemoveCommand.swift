import Console
import FaceGallery
import Foundation

/// `galleryctl remove`: forgets people or single faces.
enum RemoveCommand: Subcommand {
  static let face = Flag("--face", help: "The words are numbers of faces, as `show` lists them, not people.")

  static let unnamed = Flag("--unnamed", help: "Remove every face without a name.")

  static let description = CommandDescription(
    name: "remove",
    summary: "Removes people with all their faces, or single faces.",
    discussion: "Several are removed in one step: all of them or, when anything is wrong, none.",
    positionals: [
      .init("PERSON", help: "Names, or #NUMBERs as `list` shows them; with --face, faces.", count: 0...(.max))
    ],
    options: [face, unnamed],
    examples: [
      .init("galleryctl remove \"Ada Lovelace\"", "forgets a person"),
      .init("galleryctl remove --face 12 13", "forgets two faces"),
      .init("galleryctl remove --unnamed", "forgets the faces that nobody named"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard arguments.positionals.isEmpty == arguments[unnamed] else {
      throw UsageError("remove needs people, faces with --face, or --unnamed alone.")
    }
    let gallery = try arguments.existingGallery()
    var record = Record()
    if arguments[unnamed] {
      record.faces = try gallery.removeUnnamed()
    } else if arguments[face] {
      let numbers = try arguments.positionals.map { word in
        guard let number = UInt64(word.drop { $0 == "#" }) else {
          throw UsageError("--face takes numbers of faces, not \"\(word)\".")
        }
        guard try gallery.face(FaceID(rawValue: number)) != nil else {
          throw InputError("there is no face \(number): see galleryctl show PERSON.")
        }
        return FaceID(rawValue: number)
      }
      try gallery.remove(numbers)
      record.faces = Set(numbers).count
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
      let whom = record.people.isEmpty ? "" : record.people.joined(separator: ", ") + ": "
      Terminal.print("removed \(whom)\(Format.count(record.faces, "face"))\n")
    }
    return .success
  }

  private struct Record: Encodable {
    var people: [String] = []
    var faces = 0
  }
}
