import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl copy`: takes a gallery from a folder to PostgreSQL, or back.
enum CopyCommand: Subcommand {
  static let description = CommandDescription(
    name: "copy",
    summary: "Copies a gallery from a folder to a database in PostgreSQL, or back.",
    discussion: """
      All numbers, times, tags, thumbnails, the log of changes and what can be undone are copied, and compared at the
      end; nobody can open the copy before. One that was interrupted goes on when the same is said again. Keys of a
      server and the audit log are no part of it: with an audit log it is refused.
      """,
    positionals: [
      .init("SOURCE", help: "A folder, or an address such as postgresql://user@host/database."),
      .init("TARGET", help: "The other one of the two, where no gallery is yet."),
    ],
    examples: [
      .init(
        "galleryctl copy ./gallery postgresql://db1,db2/faces", "for several machines from here on"),
      .init("galleryctl copy postgresql://db1,db2/faces ./gallery", "back to a folder of this machine"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let (source, target) = (
      try Arguments.galleryURL(of: arguments.positionals[0]),
      try Arguments.galleryURL(of: arguments.positionals[1])
    )
    let copying = ProgressBar("copying", total: nil, unit: "faces", enabled: arguments.showsProgress)
    let comparing = ProgressBar("comparing", total: nil, unit: "faces", enabled: arguments.showsProgress)
    let report = try Gallery.copy(from: source, to: target) { isCompared, done, _ in
      if isCompared { copying.finish() }
      (isCompared ? comparing : copying).update(done)
    }
    copying.finish()
    comparing.finish()
    let record = MovedGalleryRecord(
      report, source: Gallery.place(of: source), target: Gallery.place(of: target))
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(record))
    } else {
      Terminal.print(
        "copied \(Format.count(report.people, "person", plural: "people")) and \(Format.count(report.faces, "face")) to "
          + "\(record.target), and compared all of it\n")
    }
    return .success
  }
}
