import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl list`: who is in the gallery?
enum ListCommand: Subcommand {
  /// What prints the names of people, for completions.
  static let lister = ["list", "--names"]

  static let names = Flag("--names", help: "Print names only, one a line, for other programs.")

  static let description = CommandDescription(
    name: "list",
    summary: "Lists the people of the gallery with their number of faces.",
    options: [names, Report.csv],
    examples: [
      .init("galleryctl list", "shows everybody, by name"),
      .init("galleryctl list --json", "the same as JSON"),
      .init("galleryctl list --csv > people.csv", "the same for a spreadsheet"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if arguments[names], arguments[Report.csv] {
      throw UsageError("--names and --csv contradict each other: give one of them.")
    }
    let gallery = try arguments.existingGallery()
    let people = try gallery.people().sortedByName()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(people.map(PersonRecord.init)))
      return .success
    }
    if arguments[names] {
      // What is left out makes no difference when a name is looked up; one that would be an option is told by its number.
      let words = people.map { person in
        let name = PrintableText.stripped(person.name)
        return name.hasPrefix("-") ? "id:\(person.id)" : name
      }
      Terminal.print(words.map { $0 + "\n" }.joined())
      return .success
    }
    var table = Table(.right("no."), .left("person"), .right("faces"), .left("since"))
    for person in people {
      table.append([
        person.id.description, person.name, String(person.faceCount), Timestamp.text(person.created),
      ])
    }
    let faces = people.reduce(0) { $0 + $1.faceCount }
    let unnamed = try gallery.unnamedFaces().count
    Terminal.print(
      Report(table)
        + "\(Format.count(people.count, "person", plural: "people")), \(Format.count(faces, "face"))"
        + (unnamed > 0 ? "; \(Format.count(unnamed, "face")) without a name: see galleryctl cluster" : "")
        + "\n")
    return .success
  }
}
