import Console
import FaceGallery
import Foundation

/// The answers of a query as a table: a block of candidates for each face, and a summary.
struct QueryTable {
  let text: String

  init(_ results: [PhotoLoop.Result<[ProbeAnswer]>], grouping: QueryOptions.Grouping) {
    var table = Table(
      .left("photo"), .right("face"), .left("at"), .right("rank"), .left("person"),
      .right(grouping == .face ? "face no." : "best face"), .right("similarity"), .right("probability"),
      .left("verdict"))
    var faces = 0
    var named = 0
    var ambiguous = 0
    for result in results {
      guard let probes = result.value else { continue }
      if probes.isEmpty {
        table.append([result.photo.lastPathComponent, "", "", "", "", "", "", "", "no face found"])
      }
      for (index, probe) in probes.enumerated() {
        faces += 1
        let verdict = probe.answer.verdict
        if verdict.isKnown { named += 1 }
        if verdict.isAmbiguous { ambiguous += 1 }
        for row in Self.rows(probe, photo: result.photo, number: index + 1) { table.append(row) }
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
    text = table.text + summary + "\n"
  }

  private static func rows(_ probe: ProbeAnswer, photo: URL, number: Int) -> [[String]] {
    let box = probe.face.detection.box
    let place = "\(box.x),\(box.y) \(box.width)×\(box.height)"
    // Who is ambiguous for this alone has one name.
    let note = probe.answer.betterFace.map { " (face \($0 + 1) is more alike)" } ?? ""
    let verdict = probe.answer.verdict.text + note
    let head = [photo.lastPathComponent, String(number), place]
    guard !probe.answer.candidates.isEmpty else { return [head + ["", "", "", "", "", verdict]] }
    return probe.answer.candidates.enumerated().map { rank, match in
      (rank == 0 ? head : ["", "", ""]) + [
        String(rank + 1), match.name, match.face.description,
        Format.fixed(Double(match.similarity), 3),
        match.probability.map(Percentage.text) ?? "",
        rank == 0 ? verdict : "",
      ]
    }
  }
}
