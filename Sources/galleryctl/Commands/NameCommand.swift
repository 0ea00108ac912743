import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl name`: says who a group of faces without a name is.
enum NameCommand: Subcommand {
  static let except = ValueOption<String>(
    "--except", placeholder: "FACES", help: "Faces of the group that are somebody else's, as 12,15,19.")

  static let description = CommandDescription(
    name: "name",
    summary: "Gives the faces of a group to a person, new or known.",
    discussion: "The groups are those that `cluster` found last; `cluster --last` shows them again.",
    positionals: [
      .init("GROUP", help: "The group's number, as `cluster` shows it."),
      .init(
        "PERSON", help: "The person's name; one who is there already gets the faces as well.",
        lister: ListCommand.lister),
    ],
    options: [except],
    examples: [
      .init("galleryctl name 17 \"Ada Lovelace\"", "turns group 17 into a person"),
      .init("galleryctl name 17 \"Ada Lovelace\" --except 21,40", "leaves two faces without a name"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let word = arguments.positionals[0]
    guard let group = UInt64(plain: word.hasPrefix("#") ? word.dropFirst() : word[...]) else {
      throw UsageError("GROUP is a number, as `galleryctl cluster` shows it, not \"\(word)\".")
    }
    let excluded = try (arguments[except] ?? "").split(
      separator: ",", omittingEmptySubsequences: arguments[except] == nil
    ).map { word in
      guard let face = UInt64(plain: word.trimmingCharacters(in: .whitespaces)) else {
        throw UsageError("--except takes numbers of faces, not \"\(word)\".")
      }
      return FaceID(rawValue: face)
    }
    let gallery = try arguments.existingGallery()
    let given = arguments.positionals[1]
    let known = try gallery.somebody(calledOrNew: given)
    // A number means the same person whatever the name has become; a name is whoever has it when the change is made.
    let receiver: FaceReceiver =
      if let known, Gallery.isNumber(given) { .person(known.id) } else { .named(known?.name ?? given) }
    guard let person = try gallery.give(group: group, to: receiver, except: Set(excluded)).person else {
      throw InputError("the group was given to nobody.")
    }
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(PersonRecord(person), warnings: warnings))
    } else {
      Terminal.print(
        "group \(group) is \(person.name), who has \(Format.count(person.faceCount, "face")) now\n")
    }
    return .success
  }
}
