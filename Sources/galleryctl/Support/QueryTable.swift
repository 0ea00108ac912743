import Console
import FaceGallery
import Foundation

/// The answers of a query as a table: a block of candidates for each face, and a summary.
struct QueryTable {
  let report: Report

  init(_ results: [PhotoLoop.Result<[ProbeAnswer]>], grouping: QueryOptions.Grouping) {
    var table = Table(
      .left("photo"), .right("face", leavingOut: 5), .left("at", leavingOut: 1),
      .right("rank", leavingOut: 2),
      .left("person"), .right(grouping == .face ? "face no." : "best face", leavingOut: 3),
      .right("similarity", leavingOut: 6),
      .right("probability", leavingOut: 4), .left("verdict"))
    var faces = 0
    var named = 0
    var ambiguous = 0
    for result in results {
      guard let probes = result.value else { continue }
      if probes.isEmpty {
        table.append([Self.photo(result.photo), "", "", "", "", "", "", "", "no face found"])
      }
      for (index, probe) in probes.enumerated() {
        faces += 1
        let verdict = probe.answer.verdict
        if verdict.isKnown { named += 1 }
        if verdict.isAmbiguous { ambiguous += 1 }
        Self.append(probe, photo: result.photo, number: index + 1, to: &table)
      }
    }
    var summary = "\(named) of \(Format.count(faces, "face")) named"
    if ambiguous > 0 { summary += ", \(ambiguous) ambiguous" }
    let answers = results.flatMap { $0.value ?? [] }.map(\.answer)
    if let first = answers.first {
      // People who are judged by several faces have a threshold of their own.
      let thresholds = Set(answers.map { Format.fixed(Double($0.threshold), 3) }).sorted()
      summary +=
        "; threshold \(Set([thresholds[0], thresholds[thresholds.count - 1]]).sorted().joined(separator: " to ")); "
        + first.plan
    }
    report = Report(table) + summary + "\n"
  }

  private static func append(_ probe: ProbeAnswer, photo: URL, number: Int, to table: inout Table) {
    let box = probe.face.detection.box
    // Who is ambiguous for this alone has one name.
    let note = probe.answer.betterFace.map { " (face \($0 + 1) is more alike)" } ?? ""
    let verdict = Table.Cell(probe.answer.verdict.text + note)
    let head = [
      Self.photo(photo), Table.Cell(String(number)),
      Table.Cell(
        "\(box.x),\(box.y) \(box.width)×\(box.height)", value: "\(box.x),\(box.y),\(box.width),\(box.height)"),
    ]
    if probe.answer.candidates.isEmpty {
      table.append(head + Array(repeating: "", count: 5) + [verdict])
    }
    for (rank, match) in probe.answer.candidates.enumerated() {
      let probability = match.probability.map { Table.Cell(Percentage.text($0), value: "\($0)") }
      let candidate: [Table.Cell] = [
        .init(String(rank + 1)), .init(match.name), .init(match.face.description),
        .init(Format.fixed(Double(match.similarity), 3), value: "\(match.similarity)"), probability ?? "",
        verdict,
      ]
      table.append(head + candidate, repeating: rank == 0 ? [] : [0, 1, 2, 8])
    }
  }

  private static func photo(_ place: URL) -> Table.Cell {
    .init(place.lastPathComponent, value: place.relativePath)
  }
}
