import Console
import FaceGallery
import Foundation

/// `galleryctl restore`: makes a backup the gallery again.
enum RestoreCommand: Subcommand {
  static let replace = Flag(
    "--replace", help: "Give up the gallery that is there; every program that uses it must have ended.")

  static let description = CommandDescription(
    name: "restore",
    summary: "Checks a backup and puts it in the gallery's place; the backup stays.",
    discussion: "When anything is wrong, the gallery is left as it was.",
    positionals: [.init("BACKUP", help: "A folder that backup wrote.")],
    options: [replace],
    examples: [
      .init("galleryctl restore backups/monday", "where there is no gallery yet"),
      .init("galleryctl restore --replace backups/monday", "gives up the gallery that is there"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let backup = URL(filePath: arguments.positionals[0], directoryHint: .isDirectory)
    let isThere = FileManager.default.fileExists(
      atPath: arguments.galleryURL.appending(path: "data.mdb").path(percentEncoded: false))
    guard arguments[replace] || !isThere else {
      throw InputError(
        "There is a gallery at \(arguments.galleryURL.path(percentEncoded: false)) already; give it up with --replace, or "
          + "name another folder with --gallery.")
    }
    let progress = ProgressBar("checking", total: nil, unit: "faces", enabled: arguments.showsProgress)
    try Gallery.restore(from: backup, to: arguments.galleryURL, replacing: arguments[replace]) { done, _ in
      progress.update(done)
    }
    progress.finish()
    let restored = try Gallery.open(at: arguments.galleryURL, options: GalleryOptions(access: .readOnly))
    try CopyReport(restored.info()).print(as: "restored", arguments)
    return .success
  }
}
