import Console
import FaceGallery
import Foundation

/// `galleryctl tag`: tags people or faces, for `query --where`.
enum TagCommand: Subcommand {
  static let face = Flag(
    "--face", help: "The first word is the number of a face, as `show` lists it, not a person.")
  static let remove = Flag("--remove", help: "Take the tags with these keys away.")

  static let description = CommandDescription(
    name: "tag",
    summary: "Tags a person or a face with tags or with KEY=VALUE; without any, shows the tags.",
    discussion: """
      A tag is a key without a value. A key has one value: another one replaces it. query --where finds a face by its
      own tags and by its person's.
      """,
    positionals: [
      .init(
        "PERSON", help: "A name, or id:NUMBER as `list` shows it; with --face, a face's number.",
        lister: ListCommand.lister),
      .init("TAG", help: "KEY or KEY=VALUE; with --remove, KEY.", count: 0...(.max)),
    ],
    options: [face, remove],
    examples: [
      .init("galleryctl tag \"Ada Lovelace\" friends born=1815", "a tag and a value"),
      .init("galleryctl tag --face 12 camera=door", "tags one face"),
      .init("galleryctl tag --remove \"Ada Lovelace\" friends", "takes a tag away"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let tags = try tags(arguments)
    let gallery = try arguments.existingGallery()
    let word = arguments.positionals[0]
    let name: String
    let before: [String: String]
    let result: [String: String]
    if arguments[face] {
      let id = try gallery.face(called: word)
      name = "face \(id)"
      before = try gallery.tags(of: id)
      result = tags.isEmpty ? before : try gallery.tag(id, tags)
    } else {
      let person = try gallery.somebody(called: word)
      name = person.name
      before = try gallery.tags(of: person.id)
      result = tags.isEmpty ? before : try gallery.tag(person, tags)
    }
    // The object of --json has the tags' keys as members: the warning is on standard error only.
    _ = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(result))
    } else {
      let note = arguments[remove] && result == before ? "nothing was removed: no such tag\n" : ""
      Terminal.print("\(note)\(name): \(result.isEmpty ? "no tags" : Tags.text(result))\n")
    }
    return .success
  }

  /// What is to be set, nil to be taken away.
  private static func tags(_ arguments: Arguments) throws(UsageError) -> [String: String?] {
    var tags: [TagCondition] = []
    for word in arguments.positionals.dropFirst() {
      guard let tag = TagCondition(argument: word) else {
        throw UsageError("a tag is KEY or KEY=VALUE, not \"\(word)\".")
      }
      tags.append(tag)
    }
    guard arguments[remove] else { return try Tags.byKey(tags).mapValues { .some($0 ?? "") } }
    guard !tags.isEmpty else { throw UsageError("--remove needs the KEYs of the tags to be taken away.") }
    if let tag = tags.first(where: { $0.value != nil }) {
      throw UsageError("--remove takes KEYs, not \"\(tag)\".")
    }
    return try Tags.byKey(tags)
  }
}

/// Tags as people read and write them.
enum Tags {
  /// The values of tags by their keys.
  ///
  /// - Throws: `UsageError` for a key with two values.
  static func byKey(_ tags: [TagCondition]) throws(UsageError) -> [String: String?] {
    var values: [String: String?] = [:]
    for tag in tags {
      if let before = values.updateValue(tag.value, forKey: tag.key), before != tag.value {
        throw UsageError("\(tag.key) is given twice, with different values: give it one.")
      }
    }
    return values
  }

  static func text(_ tags: [String: String]) -> String {
    tags.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
      .joined(separator: ", ")
  }
}
