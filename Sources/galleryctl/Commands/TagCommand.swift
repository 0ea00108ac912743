import Console
import FaceGallery
import Foundation

/// `galleryctl tag`: marks people or faces, for `query --where`.
enum TagCommand: Subcommand {
  static let face = Flag(
    "--face", help: "The first word is the number of a face, as `show` lists it, not a person.")
  static let remove = Flag("--remove", help: "Take the marks with these keys away.")

  static let description = CommandDescription(
    name: "tag",
    summary: "Marks a person or a face with tags or with KEY=VALUE; without any, shows the marks.",
    discussion: """
      A tag is a key without a value. A key has one value: another one replaces it. query --where finds a face by its
      own marks and by its person's.
      """,
    positionals: [
      .init("PERSON", help: "A name, or #NUMBER as `list` shows it; with --face, a face's number."),
      .init("MARK", help: "KEY or KEY=VALUE; with --remove, KEY.", count: 0...(.max)),
    ],
    options: [face, remove],
    examples: [
      .init("galleryctl tag \"Ada Lovelace\" friends born=1815", "a tag and a value"),
      .init("galleryctl tag --face 12 camera=door", "marks one face"),
      .init("galleryctl tag --remove \"Ada Lovelace\" friends", "takes a tag away"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let marks = try marks(arguments)
    let gallery = try arguments.existingGallery()
    let word = arguments.positionals[0]
    let name: String
    let result: [String: String]
    if arguments[face] {
      let id = try gallery.face(called: word)
      name = "face \(id)"
      result = marks.isEmpty ? try gallery.metadata(of: id) : try gallery.mark(id, marks)
    } else {
      let person = try gallery.person(called: word)
      name = person.name
      result = marks.isEmpty ? try gallery.metadata(of: person.id) : try gallery.mark(person.id, marks)
    }
    // The object of --json has the marks' keys as members: the warning is on standard error only.
    _ = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(result))
    } else {
      Terminal.print("\(name): \(result.isEmpty ? "no marks" : Marks.text(result))\n")
    }
    return .success
  }

  /// What is to be set, nil to be taken away.
  private static func marks(_ arguments: Arguments) throws(UsageError) -> [String: String?] {
    var marks: [MetadataCondition] = []
    for word in arguments.positionals.dropFirst() {
      guard let mark = MetadataCondition(word) else {
        throw UsageError("a mark is KEY or KEY=VALUE, not \"\(word)\".")
      }
      marks.append(mark)
    }
    guard arguments[remove] else { return try Marks.byKey(marks).mapValues { .some($0 ?? "") } }
    guard !marks.isEmpty else { throw UsageError("--remove needs the KEYs of the marks to be taken away.") }
    if let mark = marks.first(where: { $0.value != nil }) {
      throw UsageError("--remove takes KEYs, not \"\(mark)\".")
    }
    return try Marks.byKey(marks)
  }
}

/// Marks as people read and write them.
enum Marks {
  /// The values of marks by their keys.
  ///
  /// - Throws: `UsageError` for a key with two values.
  static func byKey(_ marks: [MetadataCondition]) throws(UsageError) -> [String: String?] {
    var values: [String: String?] = [:]
    for mark in marks {
      if let before = values.updateValue(mark.value, forKey: mark.key), before != mark.value {
        throw UsageError("\(mark.key) is given twice, with different values: give it one.")
      }
    }
    return values
  }

  static func text(_ marks: [String: String]) -> String {
    marks.sorted { $0.key < $1.key }.map { $0.value.isEmpty ? $0.key : "\($0.key)=\($0.value)" }
      .joined(separator: ", ")
  }
}
