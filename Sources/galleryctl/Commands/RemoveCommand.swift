import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl remove`: forgets people or single faces.
enum RemoveCommand: Subcommand {
  static let face = Flag("--face", help: "The words are numbers of faces, as `show` lists them, not people.")
  static let unnamed = Flag("--unnamed", help: "Remove every face without a name.")
  static let all = Flag("--all", help: "Remove everybody.")
  static let purge = Flag(
    "--purge", help: "Keep nothing for `undo`, also of earlier removals of the same people or faces.")

  static let dryRun = Flag("--dry-run", help: "Say what would be removed, and remove nothing.")
  static let yes = Flag("--yes", "-y", help: "Do not ask, as is done in a terminal otherwise.")

  static let description = CommandDescription(
    name: "remove",
    summary: "Removes people with all their faces, or single faces.",
    discussion: """
      Several are removed in one step: all of them or, when anything is wrong, none. For a day `undo` brings them back,
      unless --purge is given. `compact` takes every trace of removed people out of the gallery's files. A photo that
      is left in a folder that `sync` reads is added again by the next one.
      """,
    positionals: [
      .init(
        "PERSON", help: "Names, or id:NUMBERs as `list` shows them; with --face, faces.", count: 0...(.max),
        lister: ListCommand.lister)
    ],
    options: [face, unnamed, all, purge, dryRun, yes],
    examples: [
      .init("galleryctl remove \"Ada Lovelace\"", "removes a person; galleryctl undo brings her back"),
      .init("galleryctl remove --face 12 13", "removes two faces"),
      .init("galleryctl remove --unnamed", "removes the faces that nobody named"),
      .init("galleryctl remove --all", "removes everybody; --purge does it for good"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let ways = [face, unnamed, all].count { arguments[$0] }
    guard ways <= 1, arguments.positionals.isEmpty == (arguments[unnamed] || arguments[all]) else {
      throw UsageError("remove needs people, faces with --face, or --unnamed or --all alone.")
    }
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
    let returning = try gallery.returningPhotos { try faces(of: target, gallery) }
    var warnings: [String] = []
    if !record.dryRun {
      let question = "Remove \(whom)\(Format.count(record.faces, "face"))?"
      let seen = arguments[yes] ? [] : try faces(of: target, gallery)
      let answer = arguments[yes] ? nil : Terminal.confirm(question)
      guard answer ?? true else {
        Terminal.print("nothing was removed\n")
        return .no
      }
      // While somebody thinks about it, others may give them other faces.
      if answer == true, try faces(of: target, gallery) != seen {
        Terminal.warn("Their faces are others by now: nothing was removed; look again.")
        return .no
      }
      record.faces = try remove(target, purge: arguments[purge], gallery)
      warnings = gallery.finish()
    }
    if returning > 0 {
      let sentence =
        "The next sync adds \(Format.count(returning, "photo")) of them again: take the files out of its folders first."
      Terminal.warn(sentence)
      warnings.append(sentence)
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

  /// The faces that would go now.
  private static func faces(of target: Target, _ gallery: Gallery) throws -> Set<FaceID> {
    switch target {
    case .everybody: return Set(try gallery.faces(limit: .max).faces.map(\.id))
    case .unnamed: return Set(try gallery.unnamedFaces())
    case .faces(let faces): return Set(faces)
    case .people(let people):
      var faces: Set<FaceID> = []
      for person in people { faces.formUnion(try gallery.faces(of: person.id).map(\.id)) }
      return faces
    }
  }

  /// Removes, and says how many faces went.
  private static func remove(_ target: Target, purge: Bool, _ gallery: Gallery) throws -> Int {
    switch target {
    case .everybody: return try gallery.removeAllPeople(purge: purge).faces
    case .unnamed: return try gallery.removeUnnamed(purge: purge)
    case .faces(let faces):
      try gallery.remove(faces, purge: purge)
      return Set(faces).count
    case .people(let people): return try gallery.remove(people, purge: purge)
    }
  }
}
