import Console
import Drawing
import FaceGallery

/// The doubtful faces of a review as contact sheets: a row each of the face, the person's own most similar face and that of somebody else.
struct ReviewSheets {
  /// Doubtful faces a sheet.
  static let rows = 12

  /// A face that may not be its person's, and whom it is compared with.
  private struct Doubt {
    let face, own: FaceReview.Member
    let ownSimilarity: Float
    let other: FaceReview.Member?
    let otherSimilarity: Float?
    let reason: String
  }

  /// Those that are closer to somebody else first, each kind the worst first.
  private let doubts: [Doubt]

  init(_ review: FaceReview) {
    doubts =
      review.suspicious.map {
        Doubt(
          face: $0.member, own: $0.own, ownSimilarity: $0.ownSimilarity, other: $0.other,
          otherSimilarity: $0.otherSimilarity, reason: "closer to another")
      }
      + review.outliers.map {
        Doubt(
          face: $0.member, own: $0.own, ownSimilarity: $0.similarity, other: $0.other,
          otherSimilarity: $0.otherSimilarity, reason: "unlike the others")
      }
  }

  /// Writes the sheets as `doubtful-1.png`, …, in place of those of an earlier run, and says so.
  ///
  /// - Throws: ``GalleryError``; `InputError` when a file that something else made has the name of a sheet; `DrawingError`, and `SystemError` when a file cannot be written.
  func write(_ gallery: Gallery, to folder: String, _ arguments: Arguments) throws {
    let sheets = try FaceSheets(of: gallery, in: folder)
    let progress = ProgressBar(
      "drawing", total: doubts.count, unit: "faces", enabled: arguments.showsProgress)
    var rows: [[ContactSheet.Cell]] = []
    for (index, doubt) in doubts.enumerated() {
      if let row = try row(doubt, sheets) { rows.append(row) }
      progress.update(index + 1)
    }
    var pages = 0
    for start in stride(from: 0, to: rows.count, by: Self.rows) {
      pages += 1
      let end = min(start + Self.rows, rows.count)
      try sheets.write(
        "doubtful faces, \(start + 1) to \(end) of \(rows.count)", rows[start..<end].flatMap { $0 },
        columns: 3, to: Self.name(pages))
    }
    sheets.remove { name in
      guard let match = name.wholeMatch(of: /doubtful-([0-9]+)\.png/), let page = Int(match.1) else {
        return false
      }
      return page > pages
    }
    progress.finish()
    let missing = doubts.count - rows.count
    if missing > 0 {
      Terminal.note(
        "\(Format.count(missing, "doubtful face")) on no sheet: \(FaceSheets.withoutPicture).\n")
    }
    if doubts.isEmpty { Terminal.note("no face is doubtful: no sheet was drawn\n") }
    if pages > 0 {
      Terminal.note(
        "wrote \(Format.count(pages, "sheet")) of \(Format.count(rows.count, "doubtful face")) to \(folder)\n"
      )
    }
  }

  private static func name(_ page: Int) -> String { "doubtful-\(page).png" }

  /// Nil when there is no picture of the doubtful face.
  private func row(_ doubt: Doubt, _ sheets: FaceSheets) throws -> [ContactSheet.Cell]? {
    let face = doubt.face
    guard
      let first = try sheets.cell(
        of: face.face.rawValue, "face \(face.face): \(face.name)?", photo: face.path, doubt.reason)
    else { return nil }
    let own = try cell(doubt.own, doubt.ownSimilarity, sheets)
    guard let other = doubt.other else { return [first, own, .init(nil, caption: ["nobody else is near"])] }
    return [first, own, try cell(other, doubt.otherSimilarity, sheets)]
  }

  private func cell(
    _ member: FaceReview.Member, _ similarity: Float?, _ sheets: FaceSheets
  ) throws -> ContactSheet.Cell {
    let title = "\(member.name), face \(member.face)"
    let likeness = similarity.map { "similarity \(Format.fixed(Double($0), 3))" } ?? ""
    return try sheets.cell(of: member.face.rawValue, title, photo: member.path, likeness)
      ?? .init(nil, caption: [title, "no picture", likeness])
  }
}
