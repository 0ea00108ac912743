import Console
import FaceGallery
import GalleryRecords

/// What `sync` does or did, for people: a line for each kind of change and person, and a summary.
struct SyncTable {
  let plan: SyncPlan
  /// Nil before anything is done.
  let report: SyncReport?
  let leftOut: LeftOut

  /// More lines than these are counted only, unless everything is asked for.
  private static let shownLines = 40

  private struct Line: Hashable {
    let change: String
    let person: String
  }

  var shown: Report {
    var places: [Line: Int] = [:]
    var lines: [(line: Line, count: Int, example: String)] = []
    func note(_ change: String, _ person: String, _ example: String) {
      let line = Line(change: change, person: person)
      if let place = places[line] {
        lines[place].count += 1
      } else {
        places[line] = lines.count
        lines.append((line, 1, example))
      }
    }
    for renaming in plan.renamings { note("renamed", renaming.to, "was \(renaming.from)") }
    let doubtful = Set((report?.doubtfulMoves ?? []).map(\.move))
    for move in plan.moves {
      let isKept = doubtful.contains(move) && plan.options.enrolment.refusesDoubtful
      note(
        "moved", isKept ? "" : move.name ?? "",
        "\(ShownPath.short(move.path)) ← \(ShownPath.short(move.from))")
    }
    for doubtful in report?.doubtfulMoves ?? [] {
      let word = plan.options.enrolment.refusesDoubtful ? "not given" : "doubtful"
      note(word, doubtful.move.name ?? "", "\(ShownPath.short(doubtful.move.path)): \(doubtful.doubt)")
    }
    for (index, addition) in plan.additions.enumerated() {
      let change = addition.replaces.isEmpty ? "new" : "changed"
      let path = ShownPath.short(addition.path)
      guard let report, index < report.photos.count else {
        note(change, addition.name ?? "–", path)
        continue
      }
      let photo = report.photos[index]
      switch photo.outcome {
      case .refused(let refusal): note("refused", addition.name ?? "–", "\(path): \(refusal.sentence)")
      case .skipped: note("skipped", addition.name ?? "–", path)
      case .added: note(change, photo.name ?? "–", path)
      }
      for doubt in photo.doubts { note("doubtful", photo.name ?? "–", "\(path): \(doubt)") }
    }
    for missing in plan.missing {
      let isPruned = plan.options.prune && report?.pruned.contains(missing) != false
      let word = missing.isUnreachable ? "unreachable" : isPruned ? "removed" : "missing"
      note(word, missing.names.joined(separator: ", "), ShownPath.short(missing.path))
    }
    if leftOut.isVerbose {
      for photo in plan.refused { note("refused", "", "\(ShownPath.short(photo.path)): \(photo.reason)") }
    }
    var table = Table(
      .left("change"), .left("person", limit: 32), .right("photos"), .left("such as", limit: 100))
    for entry in lines {
      table.append([entry.line.change, entry.line.person, String(entry.count), entry.example])
    }
    if !leftOut.isVerbose {
      table.show(first: Self.shownLines) {
        "and \(Format.count($0, "other line", plural: "other lines")): --verbose lists all\n"
      }
    }
    return Report(table) + (leftOut.text + summary + "\n")
  }

  private var summary: String {
    let counts = SyncCounts(plan, report)
    var parts = [
      Format.count(counts.added - counts.changed, "new photo", plural: "new photos"),
      "\(counts.changed) changed",
      "\(Set(plan.moves.map(\.path)).count) moved",
    ]
    let unreachable = plan.missing.count(where: \.isUnreachable)
    let gone = "\(plan.missing.count - unreachable) missing"
    parts.append(
      plan.missing.count == unreachable || plan.options.prune
        ? gone : gone + " (--prune removes their faces)")
    if unreachable > 0 { parts.append("\(unreachable) unreachable: is their disk there?") }
    parts.append("\(plan.unchanged) unchanged")
    if counts.refused > 0 { parts.append("\(counts.refused) refused") }
    if let report, report.removedPeople > 0 {
      parts.append(Format.count(report.removedPeople, "person removed", plural: "people removed"))
    }
    return parts.joined(separator: ", ")
  }
}
