import Console
import FaceGallery

/// A review of faces as `check` shows it.
struct ReviewText {
  let report: Report

  init(_ review: FaceReview) {
    var duplicates = Self.table(
      .left("nearly the same picture", limit: 100), .left("of", limit: 60), .right("similarity"))
    for group in review.duplicates {
      let names = group.members.reduce(into: [String]()) { names, member in
        if !names.contains(member.name) { names.append(member.name) }
      }
      duplicates.append([
        .init(group.members.map(Self.label).joined(separator: ", ")), .init(names.joined(separator: " and ")),
        Self.similarity(group.similarity),
      ])
    }
    var suspicious = Self.table(
      .left("suspicious face", limit: 60), .left("of"), .right("same person"), .left("most similar other"),
      .left("face", limit: 60), .right("similarity"))
    for found in review.suspicious {
      suspicious.append([
        .init(Self.label(found.member)), .init(found.member.name), Self.similarity(found.ownSimilarity),
        .init(found.other.name), .init(Self.label(found.other)), Self.similarity(found.otherSimilarity),
      ])
    }
    var outliers = Self.table(
      .left("unlike the person's others", limit: 60), .left("of"), .right("similarity"), .right("by faces"))
    for found in review.outliers {
      outliers.append([
        .init(Self.label(found.member)), .init(found.member.name), Self.similarity(found.similarity),
        .init(String(found.faces)),
      ])
    }
    report = [duplicates, suspicious, outliers].reduce("") { $0 + Report($1, spaced: true) }
  }

  /// A table of what `check` lists, of which people are shown the beginning.
  static func table(_ columns: Table.Column...) -> Table {
    var table = Table(columns: columns)
    table.show(first: 20) { "and \($0) more: see --json or --csv\n" }
    return table
  }

  private static func similarity(_ value: Float) -> Table.Cell {
    .init(Format.fixed(Double(value), 3), value: "\(value)")
  }

  private static func label(_ member: FaceReview.Member) -> String {
    let file = member.path?.split(separator: "/").last.map { " \($0)" } ?? ""
    return "\(member.face)\(file)"
  }
}
