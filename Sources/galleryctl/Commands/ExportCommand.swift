import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl export`: embeddings, or marks in photos, for other programs.
enum ExportCommand: Subcommand {
  static let format = ValueOption<EmbeddingFormat>(
    "--format", placeholder: "FORMAT",
    help: "The form of the file; else its ending says: .npy, .jsonl, .safetensors.")

  static let regions = Flag(
    "--regions",
    help: "Mark the named faces for Lightroom, digiKam and other programs, in sidecars beside the photos.")
  static let inPlace = Flag(
    "--in-place",
    help: "With --regions: write the marks into the photos themselves; their pictures stay as they are.")
  static let dryRun = Flag(
    "--dry-run", help: "With --regions: say which files would be written, and write none.")

  static let description = CommandDescription(
    name: "export",
    summary: "Writes embeddings, or the names of faces in photos, for other programs.",
    discussion: """
      .npy is an array of float32, a row a face, and beside it NAME.json, or NAME.csv and NAME.engine.json with --format
      npy+csv, tells whose face each row is. .jsonl has a JSON object a line, .safetensors all in one file. The engine's
      fingerprint goes along, so that import takes nothing of another engine. docs/embedding-files.md has the fields.

      With --regions FILE is a folder, or left out: each photo in it from which named faces were added gets a sidecar,
      photo.jpg.xmp, in which the faces are marked. Marks that are there stay and get the gallery's names; photos that are gone, or
      changed since, are listed and passed over. Exit status 3 says that all were. docs/people.md says more.
      """,
    positionals: [
      .init(
        "FILE", help: "The file to be written; what is there is replaced when all is written.", count: 0...1)
    ],
    options: [format, regions, inPlace, dryRun],
    examples: [
      .init("galleryctl export faces.npy", "for NumPy, names in faces.json"),
      .init("galleryctl export faces.jsonl", "a JSON object a line"),
      .init("galleryctl export --format npy+csv faces.npy", "names in faces.csv, for spreadsheets"),
      .init("galleryctl export --regions", "marks and names faces in sidecars beside all photos"),
      .init("galleryctl export --regions --in-place people/", "writes them into the photos of a folder"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if arguments[regions] { return try writeRegions(arguments) }
    for flag in [inPlace, dryRun] where arguments[flag] {
      throw UsageError("\(flag.names[0]) is for --regions.")
    }
    guard let name = arguments.positionals.first else {
      throw UsageError("export needs FILE, or --regions: see --help.")
    }
    let url = URL(typed: name)
    guard let format = arguments[format] ?? EmbeddingFormat(ending: url) else {
      throw UsageError(
        "The format of \(url.lastPathComponent) is unknown: end its name in .npy, .jsonl or .safetensors, or use --format."
      )
    }
    let path = url.path(percentEncoded: false)
    let isStandardOutput = ReplacementFile.leads(path, to: STDOUT_FILENO)
    guard !isStandardOutput || !arguments[SharedOptions.json] else {
      throw UsageError("--json would be written among the embeddings on standard output; name a file.")
    }
    let gallery = try Gallery.open(at: arguments.galleryURL, options: GalleryOptions(access: .readOnly))
    let progress = ProgressBar(
      "exporting", total: try gallery.info().faces, unit: "faces", enabled: arguments.showsProgress)
    let report = try OutputPlace.naming(isTaking: { _ = try ReplacementFile(path) }) {
      try gallery.exportEmbeddings(to: url, format: format) { done, _ in progress.update(done) }
    }
    progress.finish()
    _ = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(ExportRecord(report)))
    } else {
      let text =
        "wrote \(Format.count(report.rows, "face")) of \(report.dimension) components to "
        + "\(report.files.joined(separator: ", ")), \(Format.bytes(report.bytes))\n"
      if !isStandardOutput {
        Terminal.print(text)
      } else if !ReplacementFile.leads(path, to: STDERR_FILENO) {
        Terminal.note(text)
      }
    }
    return .success
  }

  private static func writeRegions(_ arguments: Arguments) throws -> ExitCode {
    guard arguments[format] == nil else { throw UsageError("--format is for embeddings, not for --regions.") }
    let options = RegionExportOptions(
      folder: arguments.positionals.first.map { URL(typed: $0) }, inPlace: arguments[inPlace],
      dryRun: arguments[dryRun])
    if let folder = options.folder, !InputFile.exists(folder.path(percentEncoded: false)) {
      throw InputError("\(folder.relativePath) is not there: check the path.")
    }
    let gallery = try Gallery.open(at: arguments.galleryURL, options: GalleryOptions(access: .readOnly))
    var progress: ProgressBar?
    let report = try gallery.exportRegions(options: options) { done, total in
      let bar =
        progress ?? ProgressBar("marking", total: total, unit: "photos", enabled: arguments.showsProgress)
      progress = bar
      bar.update(done)
    }
    progress?.finish()
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(
        try JSONOutput.text(RegionExportRecord(report, dryRun: options.dryRun), warnings: warnings))
    } else {
      Terminal.print(text(report, options))
    }
    return report.skipped.isEmpty || report.unchanged + report.written.count > 0 ? .success : .badInput
  }

  private static func text(_ report: RegionExportReport, _ options: RegionExportOptions) -> String {
    var text = report.skipped.map {
      "not marked: \(PrintableText.of(ShownPath.short($0.photo))): \($0.reason)\n"
    }.joined()
    if options.dryRun {
      text += report.written.map { "\(PrintableText.of(ShownPath.short($0)))\n" }.joined()
    }
    return text
      + "\(Format.count(report.written.count, "file")) \(options.dryRun ? "would be written" : "written"); "
      + "the marks of \(Format.count(report.unchanged, "photo")) were complete, "
      + "\(Format.count(report.skipped.count, "photo")) not marked\n"
  }
}
