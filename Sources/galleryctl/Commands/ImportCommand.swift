import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl import`: embeddings of another gallery or program.
enum ImportCommand: Subcommand {
  static let sidecar = ValueOption<String>(
    "--sidecar", placeholder: "FILE",
    help: "The file that names the rows of an array (.json, .csv, .jsonl); else the one of the same name.")
  static let assumeEngine = Flag(
    "--assume-engine",
    help: "The file does not say which engine made its vectors: take them for vectors of the engine in use.")
  static let noIndex = Flag(
    "--no-index", help: "Leave the index to be brought up to date later, by the next process.")

  static let description = CommandDescription(
    name: "import",
    summary: "Adds embeddings from a file that export, or another program, wrote.",
    discussion: """
      A file made with another engine than the gallery's is refused. A row needs a person's name; photo,
      place in it and quality are taken along where they are there. A vector that the person has already is skipped, so
      an import that was interrupted is simply run again. An array is compared with its SHA-256 in the file that names its
      rows; where that is missing there is a warning. Exit status 3 says that the file has a mistake: the message
      tells the line; what was read before it may be in the gallery.
      """,
    positionals: [.init("FILE", help: "A file that ends in .npy, .jsonl or .safetensors.")],
    options: [sidecar, assumeEngine, noIndex],
    examples: [
      .init("galleryctl import --gallery copy faces.jsonl", "fills a new gallery from an export"),
      .init(
        "galleryctl import --assume-engine --sidecar names.csv vectors.npy",
        "vectors of your own program; names.csv has a column person"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    // Only a file that does not tell its engine needs one that is loaded.
    let new = try NewGallery(arguments)
    let gallery = try Gallery.open(at: arguments.galleryURL) { remembered in
      arguments[assumeEngine] ? try arguments.engine(remembered: remembered) : nil
    }
    defer {
      _ = gallery.finish()
      new.takeBack()
    }
    gallery.announceLeftovers()
    let options = ImportOptions(
      sidecar: arguments[sidecar].map { URL(typed: $0) }, assumesEngine: arguments[assumeEngine])
    let progress = ProgressBar("importing", total: nil, unit: "faces", enabled: arguments.showsProgress)
    let interruption = InterruptionNote(
      "Interrupted: what was imported so far is in the gallery; the same command imports the rest.")
    var report = try gallery.importEmbeddings(from: URL(typed: arguments.positionals[0]), options: options) {
      done, _ in
      progress.update(done)
    }
    interruption.cancel()
    progress.finish()
    for warning in report.warnings { Terminal.warn(warning) }
    // The faces are on disk: an index that cannot be brought up to date is a warning.
    // A server's gallery has none of its own.
    if !arguments[noIndex], report.added > 0, !Gallery.isOnServer(gallery.url) {
      do {
        try bringUpToDate(gallery, report, arguments)
      } catch {
        let sentence = "The faces are in the gallery, but the index could not be brought up to date: \(error)"
        Terminal.warn(sentence)
        report.warnings.append(sentence)
      }
    }
    report.warnings += gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(ImportRecord(report)))
    } else {
      Terminal.print(
        "added \(Format.count(report.added, "face")), \(report.skipped) skipped because they were there, "
          + "\(Format.count(report.newPeople, "new person", plural: "new people"))\n")
    }
    return .success
  }

  /// Small additions are followed when the gallery closes; after large ones the index is built with progress.
  private static func bringUpToDate(_ gallery: Gallery, _ report: ImportReport, _ arguments: Arguments) throws
  {
    let faces = try gallery.info().faces
    guard report.added > 10_000, report.added > faces / 2 else { return try gallery.saveSnapshot() }
    let progress = ProgressBar("indexing", total: faces, unit: "faces", enabled: arguments.showsProgress)
    try gallery.rebuildIndex { done, _ in progress.update(done) }
    progress.finish()
  }
}
