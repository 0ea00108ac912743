import Console
import FaceGallery
import Foundation
import GalleryRecords
import Support

/// `galleryctl audit`: who changed what, and when.
enum AuditCommand: Subcommand {
  static let last = ValueOption<Int>(
    "--last", placeholder: "N", help: "With show: only the last N lines.", in: 1...1_000_000)

  private static let actions = ["on", "off", "show", "verify"]

  static let description = CommandDescription(
    name: "audit",
    summary: "Keeps a log of who changed the gallery, and when, and checks that nobody changed the log.",
    discussion: """
      ACTION is one of:
        on       starts the log: every change by any program adds a line to audit.jsonl in the gallery's folder
        off      stops the log; this is noted as its last line
        show     the lines: people and faces by number, no names
        verify   reads every line: each has the digest of the one before, and the gallery notes the last one

      A change is said to be done only when its line is on disk, and nothing is changed while a line cannot be written.
      Exit status 4 of verify says that something is wrong.
      """,
    positionals: [.init("ACTION", help: "on, off, show or verify.", choices: actions)],
    options: [last, Report.csv],
    examples: [
      .init("galleryctl audit on", "notes who changes what from here on"),
      .init("galleryctl audit show --last 20", "the latest changes"),
      .init("galleryctl audit verify", "is the log what was written?"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let action = arguments.positionals[0]
    if action != "show", arguments.has(last) { throw UsageError("--last goes with audit show only.") }
    guard actions.contains(action) else {
      let near = Suggestion.nearest(to: action, among: actions)
      throw UsageError(
        "audit takes on, off, show or verify, not \"\(action)\""
          + (near.map { "; did you mean \"\($0)\"?" } ?? "."))
    }
    let gallery = try arguments.existingGallery()
    switch action {
    case "on", "off":
      let state = try gallery.setAudit(action == "on")
      let warnings = gallery.finish()
      if arguments[SharedOptions.json] {
        Terminal.print(try JSONOutput.text(AuditStateRecord(state), warnings: warnings))
      } else {
        Terminal.print(
          "the audit log is \(state.isOn ? "on" : "off"), with \(Format.count(state.lines, "line"))\n")
      }
      return .success
    case "show": return try show(gallery, arguments)
    default: return try verify(gallery, arguments)
    }
  }

  private static func show(_ gallery: Gallery, _ arguments: Arguments) throws -> ExitCode {
    var entries: [AuditEntry] = []
    let limit = arguments[last] ?? .max
    let report = try gallery.verifyAudit { entry in
      entries.append(entry)
      if entries.count > 2 * min(limit, .max / 4) { entries.removeFirst(entries.count - limit) }
    }
    _ = gallery.finish()
    entries.removeFirst(max(0, entries.count - limit))
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(entries))
    } else {
      var table = Table(
        .right("line"), .left("time"), .left("who", limit: 40), .left("by", limit: 50), .left("event"),
        .left("what", limit: 100), .right("faces"), .right("people"))
      for entry in entries {
        table.append([
          "\(entry.number)", Timestamp.text(entry.time), entry.who, entry.by, entry.event.rawValue,
          what(entry), "\(entry.totalFaces)", "\(entry.totalPeople)",
        ])
      }
      Terminal.print(Report(table) + "\(Format.count(entries.count, "line"))\n")
    }
    for problem in report.problems { Terminal.warn(problem.message) }
    return report.problems.isEmpty ? .success : .trouble
  }

  private static func what(_ entry: AuditEntry) -> String {
    let counts = [
      (entry.facesAdded, "added"), (entry.facesRemoved, "removed"), (entry.facesMoved, "moved"),
      (entry.facesChanged, "changed"),
    ].compactMap { count, word in count.map { "\(Format.count($0, "face")) \(word)" } }
    let people = [
      (entry.peopleAdded, "added"), (entry.peopleRemoved, "removed"), (entry.peopleChanged, "changed"),
    ].compactMap { count, word in count.map { "\(Format.count($0, "person", plural: "people")) \(word)" } }
    let numbers = [("no.", entry.people), ("faces", entry.faces)].compactMap { word, runs in
      runs.map {
        "\(word) " + $0.map { $0[0] == $0[1] ? "\($0[0])" : "\($0[0])–\($0[1])" }.joined(separator: ", ")
      }
    }
    let all =
      (entry.everything == true ? ["everything"] : [])
      + (entry.purged == true ? ["kept removals forgotten"] : [])
    return (all + counts + people + numbers + (entry.key.map { ["key \($0)"] } ?? [])).joined(separator: "; ")
  }

  private static func verify(_ gallery: Gallery, _ arguments: Arguments) throws -> ExitCode {
    let report = try gallery.verifyAudit()
    let warnings = gallery.finish()
    if arguments[SharedOptions.json] {
      Terminal.print(try JSONOutput.text(AuditReportRecord(report), warnings: warnings))
    } else {
      var table = Table(.right("line"), .left("what is wrong", limit: 120))
      for problem in report.problems { table.append([problem.line.map { "\($0)" } ?? "–", problem.message]) }
      let state = report.state
      let end = state.sha256.map { ", last digest \($0)" } ?? ""
      Terminal.print(
        Report(table) + report.remarks.map { $0 + "\n" }.joined()
          + "the audit log is \(state.isOn ? "on" : "off"), with \(Format.count(state.lines, "line"))\(end)\n"
          + (report.problems.isEmpty ? "all is well\n" : ""))
    }
    return report.problems.isEmpty ? .success : .trouble
  }
}
