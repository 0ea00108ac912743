import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl create`: makes an empty gallery.
enum CreateCommand: Subcommand {
  static let description = CommandDescription(
    name: "create",
    summary: "Makes an empty gallery: in a folder, or in a database of a PostgreSQL server.",
    discussion: """
      In a folder the first add does that, too. A server keeps a gallery in a schema, which gallery=NAME in the address names (facegallery by
      default); it needs pgvector. Passwords belong in ~/.pgpass, or the file that PGPASSFILE names.
      """,
    positionals: [
      .init(
        "PLACE",
        help: "A folder, or an address such as postgresql://user@host/database; --gallery by default.",
        count: 0...1)
    ],
    examples: [
      .init(
        "galleryctl create \"postgresql://db1,db2/faces?target_session_attrs=read-write\"",
        "a schema of a database that several machines use"),
      .init("galleryctl create family", "a folder of this machine"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let place =
      try arguments.positionals.first.map { try Arguments.galleryURL(of: $0) } ?? arguments.galleryURL
    guard !Gallery.exists(at: place) else {
      // Where nobody can be asked, the opening says why.
      _ = try Gallery.open(at: place, options: GalleryOptions(access: .readOnly))
      throw InputError("there is a gallery at \(Gallery.place(of: place)) already.")
    }
    let gallery = try Gallery.open(at: place)
    let info = try gallery.info()
    _ = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(GalleryRecord(info, withPaths: true)))
    } else {
      Terminal.print("made the gallery \(gallery.place)\n")
    }
    return .success
  }
}
