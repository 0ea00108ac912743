import Console
import FaceGallery
import Foundation
import GalleryRecords

/// `galleryctl check`: is every record of the gallery sound?
enum CheckCommand: Subcommand {
  static let repair = Flag(
    "--repair", help: "Rebuild what is derived from people and faces: lists, change log, index.")
  static let sample = ValueOption<Int>(
    "--sample", placeholder: "N",
    help: "Measure the index's recall on N faces; the default is \(Gallery.standardRecallSample), 0 is none.",
    in: OptionLimits.recallSample)
  static let noReview = Flag(
    "--no-review", help: "Do not look for duplicates and for faces that look like somebody else's.")
  static let margin = ValueOption<Double>(
    "--margin", placeholder: "S",
    help: "List a face only if it is closer to another person than to its own by more than this (default 0).",
    in: 0...2)
  static let duplicates = ValueOption<Double>(
    "--duplicates", placeholder: "S",
    help:
      "Similarity from which two faces are nearly the same picture (default: the engine's, such as 0.95 of sface).",
    in: 0...1)

  static let sheets = ValueOption<String>(
    "--sheets", placeholder: "DIR",
    help:
      "Draw the faces that may not be their person's into DIR, as doubtful-NUMBER.png, \(ReviewSheets.rows) a sheet, the worst first, "
      + "each beside the person's own most similar face and somebody else's.")

  static let description = CommandDescription(
    name: "check",
    summary: "Reads everything in the gallery, says what is wrong and the remedy.",
    discussion: """
      Checked are every record and its checksum, every reference in both directions, the length of every embedding,
      thumbnails, the change log, and of the index its checksums, its graph, that it holds exactly the stored
      embeddings, and its recall on a sample. Others may use the gallery meanwhile. A repair takes nothing away but
      what belongs to nobody, and adds checksums to records of older versions; make a backup first. Exit status 4 says
      that something is (still) wrong.

      Listed as well, without being wrong, are people of one name that is written differently, which older versions took
      for several, pictures that are in the gallery twice, faces that are closer to another person than to their own, and faces that are
      unlike their person's others: look at them, then use remove --face, split or rename --merge.
      """,
    options: [repair, sample, noReview, margin, duplicates, sheets, Report.csv],
    examples: [
      .init("galleryctl check", "reads and reports"),
      .init("galleryctl check --repair --json", "repairs what can be repaired, for scripts"),
      .init("galleryctl check --sheets doubtful/", "also draws the faces that may be under a wrong name"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if arguments[noReview], arguments[sheets] != nil {
      throw UsageError("--sheets and --no-review contradict each other: give one of them.")
    }
    let gallery = try arguments.existingGallery()
    let progress = ProgressBar(
      "checking", total: try gallery.info().faces, unit: "faces", enabled: arguments.showsProgress)
    let report = try gallery.check(
      repair: arguments[repair], recallSample: arguments[sample] ?? Gallery.standardRecallSample
    ) {
      done, _ in
      progress.update(done)
    }
    progress.finish()
    let review = arguments[noReview] || !report.isHealthy ? nil : try review(gallery, arguments)
    var failure: (any Error)?
    if let folder = arguments[sheets] {
      if let review {
        do { try ReviewSheets(review).write(gallery, to: folder, arguments) } catch { failure = error }
      } else {
        Terminal.warn("no sheet was drawn: faces are looked at only in a gallery that is sound.")
      }
    }
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(HealthRecord(report, review: review), warnings: warnings))
    } else {
      Terminal.print(
        text(report) + namesakes(report.namesakes) + (review.map { ReviewText($0).report } ?? ""))
    }
    // What was found is said all the same.
    if let failure { throw failure }
    return report.isHealthy ? .success : .trouble
  }

  private static func review(_ gallery: Gallery, _ arguments: Arguments) throws -> FaceReview {
    let progress = ProgressBar(
      "reviewing", total: try gallery.info().faces, unit: "faces", enabled: arguments.showsProgress)
    defer { progress.finish() }
    var options = ReviewOptions()
    if let similarity = arguments[duplicates] { options.duplicateSimilarity = Float(similarity) }
    if let margin = arguments[margin] { options.margin = Float(margin) }
    return try gallery.reviewFaces(options) { done, _ in progress.update(done) }
  }

  /// People who have one name, and how to make one person of them.
  private static func namesakes(_ groups: [[Person]]) -> Report {
    var table = ReviewText.table(
      .left("one name, written differently", limit: 80), .left("if they are one person", limit: 100))
    for group in groups {
      for other in group.dropFirst() {
        table.append([
          "\(other.name) (no. \(other.id)) and \(group[0].name) (no. \(group[0].id))",
          "galleryctl rename --merge id:\(other.id) id:\(group[0].id)",
        ])
      }
    }
    return Report(table, spaced: true)
  }

  private static func text(_ report: HealthReport) -> Report {
    var facts = [
      (
        "read",
        "\(Format.count(report.people, "person", plural: "people")), \(Format.count(report.faces, "face")), "
          + "\(Format.count(report.thumbnails, "thumbnail")), \(Format.count(report.changes, "change"))"
      )
    ]
    if report.withoutChecksum > 0 {
      facts.append(
        (
          "no checksum",
          "\(Format.count(report.withoutChecksum, "record")) of an older version; --repair adds them"
        ))
    }
    if let links = report.links { facts.append(("index", "graph, \(Format.count(links, "link"))")) }
    if let recall = report.recall { facts.append(("recall", Format.fixed(recall * 100, 1) + " %")) }
    let head = Facts(facts).text
    let remarks = report.remarks.map { $0 + "\n" }.joined()
    var table = Table(
      .left("part"), .right("places"), .left("what is wrong", limit: 90), .left("remedy", limit: 90))
    for finding in report.findings {
      table.append([
        finding.part.rawValue, String(finding.count), finding.message,
        finding.isRepaired ? "repaired" : finding.remedy.advice,
      ])
    }
    return head + remarks + Report(table) + (report.findings.isEmpty ? "all is well\n" : "")
  }
}
