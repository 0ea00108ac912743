import Console
import FaceGallery
import GalleryRecords

/// What `add` did, for people: refused photos with their reasons, photos of short runs, and a summary.
struct EnrolmentTable {
  let report: Report

  /// Runs of more photos list only those that need attention.
  private static let fullListLimit = 20

  init(_ report: FitReport, _ leftOut: LeftOut) {
    var table = Table(.left("photo", limit: 60), .left("person", limit: 32), .left("result", limit: 110))
    for photo in report.photos {
      let record = EnrolmentRecord(photo)
      let needsAttention =
        record.reason != nil || !photo.alsoShows.isEmpty || !photo.remarks.isEmpty || !photo.doubts.isEmpty
      let path = record.photo ?? ""
      let cells: [Table.Cell] = [
        .init(ShownPath.short(path), value: path), .init(record.name ?? "–"),
        .init(Self.result(record, photo)),
      ]
      table.append(
        cells,
        isForPeople: needsAttention || report.photos.count <= Self.fullListLimit)
    }
    let nameless = report.photos.count { $0.outcome == .refused(.noName) }
    let damaged = report.photos.count { if case .refused(.damaged) = $0.outcome { true } else { false } }
    let namelessRemedy =
      nameless == 0
      ? ""
      : "\(Format.count(nameless, "photo", plural: "photos")) without a name: --name says who is on all photos of a command; "
        + "--any-name takes numbers and names of cameras, too\n"
    let damagedRemedy =
      damaged == 0
      ? ""
      : "\(Format.count(damaged, "photo", plural: "photos")) damaged: --allow-damaged takes them as far as they can be read\n"
    self.report =
      Report(table) + (leftOut.text + namelessRemedy + damagedRemedy)
      + "\(report.added) added, \(report.skipped) skipped, \(report.refused) refused; "
      + "\(Format.count(report.people, "person", plural: "people"))\n"
  }

  private static func result(_ record: EnrolmentRecord, _ photo: PhotoReport) -> String {
    let reason =
      if case .refused(let refusal) = photo.outcome { Optional(refusal.sentence) } else { record.reason }
    let faces = record.faces.count > 1 ? " (\(record.faces.count) faces)" : ""
    let text = record.result.rawValue + faces + (reason.map { ": \($0)" } ?? "")
    let others = record.alsoShows.isEmpty ? nil : record.alsoShows.joined(separator: ", ")
    let notes =
      (others.map { ["the same photo is filed under \($0)"] } ?? []) + record.doubts.map(\.reason)
      + record.remarks
    guard !notes.isEmpty else { return text }
    return ([text.hasSuffix(".") ? String(text.dropLast()) : text] + notes).joined(separator: "; ")
  }
}
