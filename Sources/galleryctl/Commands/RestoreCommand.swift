import Console
import FaceGallery
import Foundation
import Support

/// `galleryctl restore`: makes a backup the gallery again.
enum RestoreCommand: Subcommand {
  static let replace = Flag(
    "--replace", help: "Replace the existing gallery; every program that uses it must have ended.")

  static let description = CommandDescription(
    name: "restore",
    summary: "Checks a backup and puts it in the gallery's place; the backup stays.",
    discussion: """
      When anything is wrong, the gallery is left as it was. keys.json stays where it is. A gallery whose database is lost
      is replaced as well, with --replace.
      """,
    positionals: [.init("BACKUP", help: "A folder that backup wrote.")],
    options: [replace],
    examples: [
      .init("galleryctl restore backups/monday", "where there is no gallery yet"),
      .init("galleryctl restore --replace backups/monday", "replaces the existing gallery"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let backup = URL(typed: arguments.positionals[0], directoryHint: .isDirectory)
    let progress = ProgressBar("checking", total: nil, unit: "faces", enabled: arguments.showsProgress)
    let warnings = try restore(backup, to: arguments.galleryURL, replacing: arguments[replace]) {
      progress.update($0)
    }
    progress.finish()
    try CopyReport(of: arguments.galleryURL, warnings: warnings).print(as: "restored", arguments)
    return .success
  }

  private static func restore(
    _ backup: URL, to gallery: URL, replacing: Bool, progress: @escaping (Int) -> Void
  ) throws -> [String] {
    do throws(GalleryError) {
      return try Gallery.restore(from: backup, to: gallery, replacing: replacing) { done, _ in progress(done)
      }
    } catch {
      guard error.code == .invalidArgument || error.code == .notFound else { throw error }
      // The library speaks of its own argument.
      throw InputError(
        error.message.replacing("by restoring with `replacing`", with: "with --replace").replacing(
          "restore with `replacing`", with: "restore with --replace"))
    }
  }
}
