import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl export`: embeddings for other programs.
enum ExportCommand: Subcommand {
  static let format = ValueOption<EmbeddingFormat>(
    "--format", placeholder: "FORMAT",
    help: "The form of the file; else its ending says: .npy, .jsonl, .safetensors.")

  static let description = CommandDescription(
    name: "export",
    summary: "Writes all embeddings, with names and places, to a file for other programs.",
    discussion: """
      .npy is an array of float32, a row a face, and beside it NAME.json, or NAME.csv and NAME.engine.json with --format
      npy+csv, tells whose face each row is. .jsonl has a JSON object a line, .safetensors all in one file. The engine's
      fingerprint goes along, so that import takes nothing of another engine. docs/embedding-files.md has the fields.
      """,
    positionals: [
      .init("FILE", help: "The file to be written; what is there is replaced when all is written.")
    ],
    options: [format],
    examples: [
      .init("galleryctl export faces.npy", "for NumPy, names in faces.json"),
      .init("galleryctl export faces.jsonl", "a JSON object a line"),
      .init("galleryctl export --format npy+csv faces.npy", "names in faces.csv, for spreadsheets"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let url = URL(filePath: arguments.positionals[0])
    guard let format = arguments[format] ?? EmbeddingFormat(ending: url) else {
      throw UsageError(
        "The format of \(url.lastPathComponent) is unknown: end its name in .npy, .jsonl or .safetensors, or use --format."
      )
    }
    let gallery = try Gallery.open(at: arguments.galleryURL, options: GalleryOptions(access: .readOnly))
    let progress = ProgressBar(
      "exporting", total: try gallery.info().faces, unit: "faces", enabled: arguments.showsProgress)
    let report = try gallery.exportEmbeddings(to: url, format: format) { done, _ in progress.update(done) }
    progress.finish()
    _ = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(ExportRecord(report)))
    } else {
      Terminal.print(
        "wrote \(Format.count(report.rows, "face")) of \(report.dimension) components to "
          + "\(report.files.joined(separator: ", ")), \(Format.bytes(report.bytes))\n")
    }
    return .success
  }
}
