import Console
import FaceGallery
import GalleryRecords

/// `galleryctl compact`: leaves out of the files what was removed.
enum CompactCommand: Subcommand {
  static let description = CommandDescription(
    name: "compact",
    summary:
      "Writes the gallery's files anew without what was removed: they shrink, and no trace of it is left.",
    discussion: """
      Every program that uses the gallery must have ended; a server compacts its galleries itself, by `serve --compact-at`
      or POST /api/v1/compact. The disk needs room for a second copy. Interrupted at any
      point, it leaves a whole gallery. What the file system keeps of deleted files is beyond its reach.
      """,
    examples: [.init("galleryctl compact", "after many removals, or when somebody asked to be forgotten")])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let progress = ProgressBar("writing", total: nil, unit: "MB", enabled: arguments.showsProgress)
    let report = try Gallery.compact(at: arguments.galleryURL) { progress.update($0 / 1_000_000) }
    progress.finish()
    for warning in report.warnings { Terminal.warn(warning) }
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(CompactionRecord(report)))
    } else {
      Terminal.print("\(Format.bytes(report.bytesBefore)) before, \(Format.bytes(report.bytesAfter)) now\n")
    }
    return .success
  }
}
