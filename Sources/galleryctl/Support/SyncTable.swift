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

  var text: String {
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
    for move in plan.moves {
      note("moved", move.name ?? "", "\(ShownPath.short(move.path)) ← \(ShownPath.short(move.from))")
    }
    for (index, addition) in plan.additions.enumerated() {
      let change = addition.replaces.isEmpty ? "new" : "changed"
      if let report, index < report.photos.count {
        let record = EnrolmentRecord(report.photos[index])
        if let reason = record.reason {
          note("refused", addition.name ?? "–", "\(ShownPath.short(addition.path)): \(reason)")
          continue
        }
      }
      note(change, addition.name ?? "–", ShownPath.short(addition.path))
    }
    for missing in plan.missing {
      note(
        plan.options.prune ? "removed" : "missing", missing.names.joined(separator: ", "),
        ShownPath.short(missing.path))
    }
    if leftOut.isVerbose {
      for photo in plan.refused { note("of no use", "", "\(ShownPath.short(photo.path)): \(photo.reason)") }
    }
    var table = Table(
      .left("change"), .left("person", limit: 32), .right("photos"), .left("such as", limit: 100))
    let shown = leftOut.isVerbose ? lines[...] : lines.prefix(Self.shownLines)
    for entry in shown {
      table.append([entry.line.change, entry.line.person, String(entry.count), entry.example])
    }
    let rest = lines.count - shown.count
    return (table.isEmpty ? "" : table.text)
      + (rest > 0
        ? "and \(Format.count(rest, "other line", plural: "other lines")): --verbose lists all\n" : "")
      + leftOut.text + summary + "\n"
  }

  private var summary: String {
    let counts = SyncCounts(plan, report)
    var parts = [
      Format.count(counts.added - counts.changed, "new photo", plural: "new photos"),
      "\(counts.changed) changed",
      "\(Set(plan.moves.map(\.path)).count) moved",
    ]
    let gone = "\(plan.missing.count) missing"
    parts.append(
      plan.missing.isEmpty || plan.options.prune ? gone : gone + " (--prune removes their faces)")
    parts.append("\(plan.unchanged) unchanged")
    if counts.refused > 0 { parts.append("\(counts.refused) of no use") }
    if let report, report.removedPeople > 0 {
      parts.append(Format.count(report.removedPeople, "person removed", plural: "people removed"))
    }
    return parts.joined(separator: ", ")
  }
}
