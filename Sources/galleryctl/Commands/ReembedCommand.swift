import Console
import FaceEngine
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl reembed`: goes over to another engine.
enum ReembedCommand: Subcommand {
  static let photos = ValueOption<String>(
    "--photos", placeholder: "DIR",
    help:
      "Look here for photos that do not lie where they were; they are recognised whatever they are called.")
  static let dropMissing = Flag(
    "--drop-missing",
    help: "Remove the faces whose photo is missing or damaged; else they stop the change.")
  static let dropUnfound = Flag(
    "--drop-unfound",
    help:
      "Remove the faces that the new engine does not find in their photos, which are there; else they stop the change."
  )
  static let foldersGone = Flag(
    "--folders-gone",
    help:
      "With --drop-missing: also where a folder is not there or holds no photo, as when its disk is not mounted, or a file in a photo's place cannot be read to its end."
  )

  static let description = CommandDescription(
    name: "reembed",
    summary: "Embeds every face anew with another engine, from its photo; people and names stay.",
    discussion: """
      Faces are not looked for again where their landmarks on record fit the engine; else the same face is found in its
      photo by where its eyes are. The gallery stays what it was, and in use, until all new embeddings are there; then they are put in place at once. An interrupted run goes on where it
      was. Faces that could not be embedded anew are listed with the reason; then nothing is changed, and the exit status is 1,
      or 3 where the system did not let one of them be looked at.
      """,
    options: [
      photos, dropMissing, dropUnfound, foldersGone, PhotoThreads.option, PhotoLimit.option, Report.csv,
    ],
    examples: [
      .init(
        "galleryctl reembed --engine sface", "from dlib's engine, the default before, to YuNet and SFace"),
      .init("galleryctl reembed --augment flip", "with the mirror image of each face as well"),
      .init("galleryctl reembed --engine vgg16:vgg_embedding.safetensors", "photos lie where they were"),
      .init(
        "galleryctl reembed --engine resnet --photos old/ --drop-missing --folders-gone",
        "finds moved photos, gives up faces without one"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard arguments[dropMissing] || arguments[dropUnfound] || !arguments[foldersGone] else {
      throw UsageError("--folders-gone goes with --drop-missing or --drop-unfound only.")
    }
    let threads = PhotoThreads.count(arguments)
    // A gallery that is not there is told before the engine is loaded.
    _ = try arguments.existingGallery().finish()
    let engine = try arguments.engine(threads: threads)
    let options = ReembeddingOptions(
      photos: arguments[photos].map { URL(typed: $0, directoryHint: .isDirectory) },
      dropsMissing: arguments[dropMissing], dropsUnfound: arguments[dropUnfound],
      takesFoldersAsGone: arguments[foldersGone], decoder: arguments.decoder)
    var shown: (phase: ReembeddingProgress.Phase, bar: ProgressBar)?
    let interruption = InterruptionNote(
      "Interrupted: the same command goes on with the embeddings made so far; until it ends the gallery is as it was."
    )
    let report = try Gallery.reembed(at: arguments.galleryURL, with: engine, options: options) { progress in
      if shown?.phase != progress.phase {
        shown?.bar.finish()
        shown = (progress.phase, bar(progress, arguments))
      }
      shown?.bar.update(progress.done)
    }
    interruption.cancel()
    shown?.bar.finish()
    for warning in report.warnings { Terminal.warn(warning) }
    let uncalibrated = report.isSwitched ? lackOfThresholds(engine) : nil
    if let uncalibrated { Terminal.warn(uncalibrated) }
    if arguments[SharedOptions.json] {
      Terminal.print(
        try JSONOutput.text(ReembeddingRecord(report, warnings: uncalibrated.map { [$0] } ?? [])))
    } else {
      Terminal.print(text(report))
    }
    if report.isSwitched || report.hadEngine { return .success }
    return report.missing.contains { $0.cause == .system } ? .badInput : .no
  }

  /// What an engine without measured thresholds needs; nil for one that has them.
  private static func lackOfThresholds(_ engine: FaceEngine) -> String? {
    guard !engine.operatingPoint.isCalibrated else { return nil }
    // Those of the program's own engines are part of it.
    let way =
      engine.configuration.engine.hasBuiltInThresholds
      ? "" : ", or `galleryctl eval --store FILE` measures them"
    return "The new engine has no measured thresholds: query, verify and cluster need --threshold\(way)."
  }

  /// What helps against what stands in the way.
  private static func remedy(_ cause: ReembeddingReport.MissingFace.Cause) -> String {
    switch cause {
    case .photo: "give --photos DIR where the photos are, or --drop-missing"
    case .unfound: "--drop-unfound removes the faces that the new engine does not find"
    case .system:
      "where the system was in the way, see to what it lacks and run it again; --folders-gone says that folders are gone for good"
    }
  }

  private static func bar(_ progress: ReembeddingProgress, _ arguments: Arguments) -> ProgressBar {
    let (title, unit) =
      switch progress.phase {
      case .embedding: ("embedding", "photos")
      case .searching: ("searching", "files")
      case .indexing: ("indexing", "faces")
      }
    return ProgressBar(title, total: progress.total, unit: unit, enabled: arguments.showsProgress)
  }

  private static func text(_ report: ReembeddingReport) -> Report {
    var table = Table(
      .right("face"), .left("person", limit: 40), .left("photo", limit: 60), .left("why", limit: 60))
    for face in report.missing {
      table.append(["\(face.face)", face.name ?? "–", face.path ?? "–", face.reason])
    }
    let text = Report(table)
    let all = Format.count(report.embedded + report.resumed, "face")
    if report.hadEngine {
      return text + "the gallery already uses this engine\n"
    }
    if !report.isSwitched {
      let remedies = Set(report.missing.map(\.cause)).map(remedy).sorted().joined(separator: "; ")
      return text + "\(all) embedded anew and kept for the next run, "
        + "\(Format.count(report.missing.count, "face")) not: nothing was changed; \(remedies)\n"
    }
    let dropped = report.dropped > 0 ? ", \(report.dropped) dropped" : ""
    return text + "\(all) embedded anew\(dropped); the gallery is the new engine's\n"
  }
}
