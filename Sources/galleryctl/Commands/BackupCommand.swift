import Console
import FaceGallery
import Foundation
import Support

/// `galleryctl backup`: copies the gallery while it is in use.
enum BackupCommand: Subcommand {
  static let description = CommandDescription(
    name: "backup",
    summary: "Copies the gallery, as of its last change, into a new folder; others may go on using it.",
    discussion: """
      The copy is a gallery itself: look into it with --gallery, or put it back with restore. It has no free pages,
      and appears under its name only when it is complete and on disk.
      """,
    positionals: [.init("FOLDER", help: "A folder that does not exist yet, or is empty.")],
    examples: [
      .init("galleryctl backup backups/monday", "copies the gallery"),
      .init("galleryctl --gallery backups/monday check", "reads everything in the copy"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let folder = URL(typed: arguments.positionals[0], directoryHint: .isDirectory)
    let progress = ProgressBar("copying", total: nil, unit: "MB", enabled: arguments.showsProgress)
    try OutputPlace.naming(isTaking: { _ = try NewFolder(folder.path(percentEncoded: false)) }) {
      try gallery.backup(to: folder) { done, _ in progress.update(done / 1_000_000) }
    }
    progress.finish()
    try CopyReport(of: folder).print(as: "copied", arguments)
    return .success
  }
}
