import Console
import FaceGallery
import Foundation

/// `galleryctl check`: is every record of the gallery sound?
enum CheckCommand: Subcommand {
  static let repair = Flag(
    "--repair", help: "Rebuild what is derived from people and faces: lists, change log, index.")
  static let sample = ValueOption<Int>(
    "--sample", placeholder: "N",
    help: "Measure the index's recall on N faces; the default is 100, 0 is none.",
    where: ("from 0 to 100000", { (0...100_000).contains($0) }))

  static let description = CommandDescription(
    name: "check",
    summary: "Reads everything in the gallery, says what is wrong and how to mend it.",
    discussion: """
      Checked are every record of a person and a face, every reference in both directions, the length of every
      embedding, kept pictures, the change log, and of the index its checksums, its graph, that it holds exactly the
      stored embeddings, and its recall on a sample. Others may use the gallery meanwhile. A repair takes nothing
      away but what belongs to nobody; make a backup first. Exit status 4 says that something is (still) wrong.
      """,
    options: [repair, sample],
    examples: [
      .init("galleryctl check", "reads and reports"),
      .init("galleryctl check --repair --json", "mends what can be mended, for scripts"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let gallery = try arguments.existingGallery()
    let progress = ProgressBar(
      "checking", total: try gallery.info().faces, unit: "faces", enabled: arguments.showsProgress)
    let report = try gallery.check(repair: arguments[repair], recallSample: arguments[sample] ?? 100) {
      done, _ in
      progress.update(done)
    }
    progress.finish()
    try gallery.close()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(Record(healthy: report.isHealthy, report: report)))
    } else {
      Terminal.print(text(report))
    }
    return report.isHealthy ? .success : .trouble
  }

  private struct Record: Encodable {
    let healthy: Bool
    let report: HealthReport
  }

  private static func text(_ report: HealthReport) -> String {
    var facts = [
      (
        "read",
        "\(Format.count(report.people, "person", plural: "people")), \(Format.count(report.faces, "face")), "
          + "\(Format.count(report.thumbnails, "picture")), \(Format.count(report.changes, "change"))"
      )
    ]
    if let links = report.links { facts.append(("index", Format.count(links, "link"))) }
    if let recall = report.recall { facts.append(("recall", Format.fixed(recall * 100, 1) + " %")) }
    let head = Facts(facts).text
    guard !report.findings.isEmpty else { return head + "all is well\n" }
    var table = Table(
      .left("part"), .right("places"), .left("what is wrong", limit: 90), .left("mend", limit: 90))
    for finding in report.findings {
      table.append([
        finding.part.rawValue, String(finding.count), finding.message,
        finding.isRepaired ? "repaired" : finding.mend,
      ])
    }
    return head + table.text
  }
}
