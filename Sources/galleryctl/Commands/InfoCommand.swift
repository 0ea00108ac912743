import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl info`: what is in the gallery, and how does its index stand?
enum InfoCommand: Subcommand {
  static let description = CommandDescription(
    name: "info",
    summary: "Shows the gallery's size, engine, index and snapshot.",
    examples: [.init("galleryctl info --json", "for scripts")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let info = try gallery.info()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(GalleryRecord(info, withPaths: true)))
      return .success
    }
    let choice = try gallery.engineSpecification()
    let engine = info.fingerprint.map { Self.engine($0, choice) }
    let facts = Facts(
      [
        (info.server == nil ? "folder" : "address", gallery.place),
        ("identity", info.uuid.uuidString.lowercased()),
        ("made", Timestamp.text(info.created)),
        ("people", String(info.people)),
        ("faces", "\(info.faces), of which \(info.unnamedFaces) have no name"),
        ("thumbnails", String(info.thumbnails)),
        ("last change", String(info.sequence)),
        ("engine", engine ?? "not fixed before the first face"),
        (
          "database",
          Format.bytes(info.databaseBytes)
            + (info.server == nil ? ", of which \(Format.bytes(info.freeBytes)) are free" : "")
        ),
      ]
        + (info.replication.map { [("copy of", "\($0.server), with \($0.commits) of its commits")] } ?? [])
        + (info.server.map { server in
          [
            ("server", "\(server.version), pgvector \(server.vectorVersion)"), ("schema", server.schema),
            ("commits", ServerText.role(server)),
            ("index", "none: the database compares all embeddings"),
          ]
        } ?? index(info)) + removals(info))
    Terminal.print(facts.text)
    return .success
  }

  private static func removals(_ info: GalleryInfo) -> [(String, String)] {
    info.removals.map { removal in
      (
        "removed",
        "\(PeopleAndFaces.text(people: removal.people, faces: removal.faces)), "
          + "kept until \(Timestamp.text(removal.expires)): galleryctl undo \(removal.number)"
      )
    }
  }

  /// How the index stands, in memory and in its file.
  private static func index(_ info: GalleryInfo) -> [(String, String)] {
    let snapshot = info.snapshot
    return [
      (
        "index",
        "\(info.index.isReady ? "graph" : "exact scan, graph not ready"), \(Format.count(info.index.count, "face")), "
          + "M \(info.index.M), efConstruction \(info.index.efConstruction), \(Format.bytes(info.index.memoryBytes))"
      ),
      ("tail", "\(Format.count(info.tail, "change")) after the index"),
      (
        "snapshot",
        snapshot.state.rawValue + (snapshot.bytes.map { ", \(Format.bytes($0))" } ?? "")
          + (snapshot.sequence.map { ", up to change \($0)" } ?? "")
          + (snapshot.problem.map { ": \($0)" } ?? "")
      ),
    ]
  }

  /// The engine in a line; --json has the whole fingerprint.
  private static func engine(_ print: EngineFingerprint, _ choice: EngineSpecification?) -> String {
    "\(choice?.description ?? print.word), \(print.dimension) numbers, weights \(print.weightsDigest.prefix(12))…"
  }
}
