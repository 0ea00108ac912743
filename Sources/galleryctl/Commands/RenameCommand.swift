import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl rename`: gives a person another name, or makes two people one.
enum RenameCommand: Subcommand {
  static let merge = Flag(
    "--merge", help: "When somebody has the new name already, make both one person, unasked.")

  static let description = CommandDescription(
    name: "rename",
    summary: "Renames a person; onto a name that is taken, merges the two.",
    positionals: [
      .init("PERSON", help: "A name, or id:NUMBER as `list` shows it.", lister: ListCommand.lister),
      .init("NAME", help: "The new name; id:NUMBER is that of somebody who is there."),
    ],
    options: [merge],
    examples: [
      .init("galleryctl rename \"A. Lovelace\" \"Ada Lovelace\"", "renames; asks before merging"),
      .init("galleryctl rename --merge Ada \"Ada Lovelace\"", "moves all faces to Ada Lovelace"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let person = try gallery.somebody(called: arguments.positionals[0])
    let name = arguments.positionals[1]
    let result: Person
    let other = try gallery.somebody(calledOrNew: name)
    if let other, other.id != person.id {
      guard try confirmed(arguments, person, other) else { return .no }
      result = try gallery.merge(person, into: other)
    } else {
      result = try gallery.rename(person, to: name)
    }
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(PersonRecord(result), warnings: warnings))
    } else {
      let isSame = other?.id == person.id && result.name == person.name
      let change = isSame ? "is the name already" : "is now \(result.name)"
      Terminal.print("\(person.name) \(change), \(Format.count(result.faceCount, "face"))\n")
    }
    return .success
  }

  private static func confirmed(_ arguments: Arguments, _ person: Person, _ other: Person) throws -> Bool {
    if arguments[merge] { return true }
    let question =
      "\(other.name) is there already with \(Format.count(other.faceCount, "face")): merge \(person.name) into it?"
    guard let answer = Terminal.confirm(question) else {
      throw InputError("\(other.name) is there already: add --merge to make both one person.")
    }
    return answer
  }
}
