import Console
import FaceGallery

/// A review of faces as `check` shows it.
struct ReviewText {
  /// Longer lists are cut off; `--json` has all.
  static let limit = 20

  let text: String

  init(_ review: FaceReview) {
    var text = ""
    if !review.duplicates.isEmpty {
      var table = Table(
        .left("nearly the same picture", limit: 100), .left("of", limit: 60), .right("similarity"))
      for group in review.duplicates.prefix(Self.limit) {
        table.append([
          group.members.map(Self.label).joined(separator: ", "),
          group.members.reduce(into: []) { names, member in
            if !names.contains(member.name) { names.append(member.name) }
          }.joined(separator: " and "),
          Format.fixed(Double(group.similarity), 3),
        ])
      }
      text += "\n" + table.text + Self.rest(of: review.duplicates.count)
    }
    if !review.suspicious.isEmpty {
      var table = Table(
        .left("suspicious face", limit: 60), .left("of"), .right("same person"), .left("most similar other"),
        .left("face", limit: 60),
        .right("similarity"))
      for found in review.suspicious.prefix(Self.limit) {
        table.append([
          Self.label(found.member), found.member.name, Format.fixed(Double(found.ownSimilarity), 3),
          found.other.name,
          Self.label(found.other), Format.fixed(Double(found.otherSimilarity), 3),
        ])
      }
      text += "\n" + table.text + Self.rest(of: review.suspicious.count)
    }
    if !review.outliers.isEmpty {
      var table = Table(
        .left("unlike the person's others", limit: 60), .left("of"), .right("similarity"), .right("by faces"))
      for found in review.outliers.prefix(Self.limit) {
        table.append([
          Self.label(found.member), found.member.name, Format.fixed(Double(found.similarity), 3),
          String(found.faces),
        ])
      }
      text += "\n" + table.text + Self.rest(of: review.outliers.count)
    }
    self.text = text
  }

  private static func label(_ member: FaceReview.Member) -> String {
    let file = member.path?.split(separator: "/").last.map { " \($0)" } ?? ""
    return "\(member.face)\(file)"
  }

  static func rest(of count: Int) -> String {
    count > limit ? "and \(count - limit) more: see --json\n" : ""
  }
}
