import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl remove`: forgets people or single faces.
enum RemoveCommand: Subcommand {
  static let face = Flag("--face", help: "The words are numbers of faces, as `show` lists them, not people.")
  static let unnamed = Flag("--unnamed", help: "Remove every face without a name.")
  static let all = Flag("--all", help: "Remove everybody; `undo` brings them back for a day.")
  static let purge = Flag(
    "--purge", help: "With --all: keep no copy for `undo`, and delete those of earlier removals.")

  static let dryRun = Flag("--dry-run", help: "Say what would be removed, and remove nothing.")
  static let yes = Flag("--yes", "-y", help: "Do not ask, as is done in a terminal otherwise.")

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
        "PERSON", help: "Names, or id:NUMBERs as `list` shows them; with --face, faces.", count: 0...(.max),
        lister: ListCommand.lister)
    ],
    options: [face, unnamed, all, purge, dryRun, yes],
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
    let target = try target(arguments, gallery)
    var record = try record(of: target, gallery)
    record.dryRun = arguments[dryRun]
    let whom: String =
      if case .everybody = target {
        "everybody: "
      } else {
        record.people.isEmpty ? "" : record.people.joined(separator: ", ") + ": "
      }
    var warnings: [String] = []
    if !record.dryRun {
      let question = "Remove \(whom)\(Format.count(record.faces, "face"))?"
      let answer = arguments[yes] ? nil : Terminal.confirm(question)
      guard answer ?? true else {
        Terminal.print("nothing was removed\n")
        return .no
      }
      // While somebody thinks about it, others may give them more faces.
      if answer == true, let now = try? Self.record(of: Self.target(arguments, gallery), gallery),
        now.faces > record.faces
      {
        Terminal.warn("There are \(Format.count(now.faces, "face")) by now: nothing was removed; look again.")
        return .no
      }
      record.faces = try remove(target, purge: arguments[purge], gallery)
      warnings = gallery.finish()
    }
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(record, warnings: warnings))
    } else {
      Terminal.print(
        "\(record.dryRun ? "would remove" : "removed") \(whom)\(Format.count(record.faces, "face"))\n")
    }
    return .success
  }

  /// What is removed.
  private enum Target {
    case everybody, unnamed
    case faces([FaceID])
    case people([Person])
  }

  /// Everybody and everything is looked up before anything is removed: a typing error removes nobody.
  private static func target(_ arguments: Arguments, _ gallery: Gallery) throws -> Target {
    if arguments[all] { return .everybody }
    if arguments[unnamed] { return .unnamed }
    if arguments[face] { return .faces(try arguments.positionals.map { try gallery.face(called: $0) }) }
    return .people(try arguments.positionals.map { try gallery.somebody(called: $0) })
  }

  private static func record(of target: Target, _ gallery: Gallery) throws -> RemovalRecord {
    switch target {
    case .everybody:
      let info = try gallery.info()
      // Faces without a name stay.
      return RemovalRecord(peopleCount: info.people, faces: info.faces - info.unnamedFaces)
    case .unnamed: return RemovalRecord(faces: try gallery.unnamedFaces().count)
    case .faces(let faces): return RemovalRecord(faces: Set(faces).count)
    case .people(let people):
      var seen: Set<PersonID> = []
      let people = people.filter { seen.insert($0.id).inserted }
      return RemovalRecord(people: people.map(\.name), faces: people.reduce(0) { $0 + $1.faceCount })
    }
  }

  /// Removes, and says how many faces went.
  private static func remove(_ target: Target, purge: Bool, _ gallery: Gallery) throws -> Int {
    switch target {
    case .everybody: return try gallery.removeAllPeople(purge: purge).faces
    case .unnamed: return try gallery.removeUnnamed()
    case .faces(let faces):
      try gallery.remove(faces)
      return Set(faces).count
    case .people(let people): return try gallery.remove(people)
    }
  }
}
