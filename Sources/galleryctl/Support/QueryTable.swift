import Console
import FaceGallery
import Foundation

/// The answers of a query as a table: a block of candidates for each face, and a summary.
struct QueryTable {
  let report: Report

  init(_ results: [PhotoLoop.Result<ProbeAnswer, TrackAnswer>], grouping: QueryOptions.Grouping) {
    let (videos, photos) = (results.filter(\.isVideo), results.filter { !$0.isVideo })
    var report = Report("")
    if !photos.isEmpty || videos.isEmpty { report += Self.photos(photos, grouping) }
    if !videos.isEmpty { report += Self.videos(videos, grouping) }
    self.report = report
  }

  private static func candidateColumns(_ grouping: QueryOptions.Grouping) -> [Table.Column] {
    [
      .right("rank", leavingOut: 2),
      .left("person"), .right(grouping == .face ? "face no." : "best face", leavingOut: 3),
      .right("similarity", leavingOut: 6),
      .right("probability", leavingOut: 4), .left("verdict"),
    ]
  }

  private static func videos(
    _ results: [PhotoLoop.Result<ProbeAnswer, TrackAnswer>], _ grouping: QueryOptions.Grouping
  ) -> Report {
    var table = Table(
      columns: [
        .left("video"), .right("track", leavingOut: 5), .right("from"), .right("to"),
        .right("frames", leavingOut: 1),
      ] + candidateColumns(grouping))
    for result in results {
      guard let tracks = result.tracks else { continue }
      if tracks.isEmpty {
        table.append([photo(result.photo)] + Array(repeating: "", count: 9) + ["no face found"])
      }
      for answer in tracks {
        append(
          answer.answer, head: answer.track.cells(of: result.photo), better: "track", to: &table)
      }
    }
    let answers = results.flatMap { $0.tracks ?? [] }.map(\.answer)
    return Report(table) + summary(of: answers, "track")
  }

  private static func photos(
    _ results: [PhotoLoop.Result<ProbeAnswer, TrackAnswer>], _ grouping: QueryOptions.Grouping
  ) -> Report {
    var table = Table(
      columns: [.left("photo"), .right("face", leavingOut: 5), .left("at", leavingOut: 1)]
        + candidateColumns(grouping))
    for result in results {
      guard let probes = result.value else { continue }
      if probes.isEmpty {
        table.append([Self.photo(result.photo), "", "", "", "", "", "", "", "no face found"])
      }
      for (index, probe) in probes.enumerated() {
        let box = probe.face.detection.box
        let head = [
          photo(result.photo), Table.Cell(String(index + 1)),
          Table.Cell(
            "\(box.x),\(box.y) \(box.width)×\(box.height)",
            value: "\(box.x),\(box.y),\(box.width),\(box.height)"),
        ]
        append(probe.answer, head: head, better: "face", to: &table)
      }
    }
    let answers = results.flatMap { $0.value ?? [] }.map(\.answer)
    return Report(table) + summary(of: answers, "face")
  }

  private static func summary(of answers: [Answer], _ what: String) -> String {
    let named = answers.count { $0.verdict.isKnown }
    let ambiguous = answers.count { $0.verdict.isAmbiguous }
    var summary = "\(named) of \(Format.count(answers.count, what)) named"
    if ambiguous > 0 { summary += ", \(ambiguous) ambiguous" }
    if let first = answers.first {
      // People who are judged by several faces have a threshold of their own.
      let thresholds = Set(answers.map { Format.fixed(Double($0.threshold), 3) }).sorted()
      summary +=
        "; threshold \(Set([thresholds[0], thresholds[thresholds.count - 1]]).sorted().joined(separator: " to ")); "
        + first.plan
    }
    return summary + "\n"
  }

  /// Adds a row for each candidate.
  ///
  /// - Parameters:
  ///   - head: The cells that say which face it is.
  ///   - better: What another face is called that has the name.
  private static func append(
    _ answer: Answer, head: [Table.Cell], better: String, to table: inout Table
  ) {
    // Who is ambiguous for this alone has one name.
    let note = answer.betterFace.map { " (\(better) \($0 + 1) is more alike)" } ?? ""
    let verdict = Table.Cell(answer.verdict.text + note)
    if answer.candidates.isEmpty {
      table.append(head + Array(repeating: "", count: 5) + [verdict])
    }
    for (rank, match) in answer.candidates.enumerated() {
      let probability = match.probability.map { Table.Cell(Percentage.text($0), value: "\($0)") }
      let candidate: [Table.Cell] = [
        .init(String(rank + 1)), .init(match.name), .init(match.face.description),
        .init(Format.fixed(Double(match.similarity), 3), value: "\(match.similarity)"), probability ?? "",
        verdict,
      ]
      table.append(head + candidate, repeating: rank == 0 ? [] : Set(head.indices).union([head.count + 5]))
    }
  }

  private static func photo(_ place: URL) -> Table.Cell {
    .init(place.lastPathComponent, value: place.relativePath)
  }
}
