import Console
import FaceGallery
import Foundation
import GalleryRecords

/// What `add` did, for people: refused photos with their reasons, photos of short runs, and a summary.
struct EnrolmentTable {
  let text: String

  /// Runs of more photos list only those that need attention.
  private static let fullListLimit = 20

  init(_ report: FitReport) {
    var table = Table(.left("photo", limit: 60), .left("person", limit: 32), .left("result", limit: 110))
    for photo in report.photos {
      let record = EnrolmentRecord(photo)
      let needsAttention = record.reason != nil || !photo.alsoShows.isEmpty
      guard needsAttention || report.photos.count <= Self.fullListLimit else { continue }
      table.append([record.photo.map(Self.shortened) ?? "", record.name ?? "–", Self.result(record)])
    }
    let listed = table.isEmpty ? "" : table.text
    let unreadable = report.unreadable.map { "not looked at: \($0)\n" }.joined()
    text =
      listed + unreadable
      + "\(report.added) added, \(report.skipped) skipped, \(report.refused) refused; "
      + "\(Format.count(report.people, "person", plural: "people"))\n"
  }

  /// A path without the working directory in front.
  private static func shortened(_ path: String) -> String {
    let folder = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
  }

  private static func result(_ record: EnrolmentRecord) -> String {
    let faces = record.faces.count > 1 ? " (\(record.faces.count) faces)" : ""
    let note =
      record.alsoShows.isEmpty
      ? "" : "; the same photo is filed under \(record.alsoShows.joined(separator: ", "))"
    return record.result.rawValue + faces + (record.reason.map { ": \($0)" } ?? "") + note
  }
}
