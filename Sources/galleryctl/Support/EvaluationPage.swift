import Console
import Drawing
import FaceEngine
import FaceEvaluation
import Foundation
import Support

/// The curves of an evaluation as a page that needs nothing beside itself.
struct EvaluationPage {
  private let record: EvaluationRecord

  init(_ record: EvaluationRecord) { self.record = record }

  func write(to url: URL) throws {
    var page = """
      <!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Accuracy</title>
      <meta name="viewport" content="width=device-width"><style>\(Self.style)</style>
      <h1>Accuracy</h1><pre>\(Self.escaped(record.report.text))</pre>

      """
    for chart in charts { page += try Self.picture(chart) }
    page += table
    try ReplacementFile.write(Array((page + "</html>\n").utf8), to: url.path(percentEncoded: false))
  }

  private static let style = """
    :root{color-scheme:light dark}body{font-family:sans-serif;margin:2em;max-width:75em}\
    pre{overflow-x:auto}img{display:block;max-width:100%;height:auto;margin:1em 0;border-radius:6px}\
    table{border-collapse:collapse}td,th{padding:.1em 1em;text-align:right}p{max-width:45em}
    """

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  /// A chart as a document of its own within the page: glyphs of several SVGs in one document share their names.
  private static func picture(_ chart: Chart) throws -> String {
    let svg = Data(try chart.svg()).base64EncodedString()
    return "<img alt=\"\(escaped(chart.title))\" src=\"data:image/svg+xml;base64,\(svg)\">\n"
  }

  private static func name(_ curve: ThresholdCurve) -> String {
    "FPIR \(Format.fixed(curve.falsePositiveIdentificationRate * 100, 1)) %"
  }

  /// The last chart's values, for reading and for programs.
  private var table: String {
    let curves = record.thresholdCurves
    var rows = "<tr><th>faces</th>" + curves.map { "<th>\(Self.name($0))</th>" }.joined() + "</tr>"
    for (place, point) in (curves.first?.points ?? []).enumerated() {
      rows += "<tr><td>\(point.people)</td>"
      for curve in curves { rows += "<td>\(Format.fixed(Double(curve.points[place].threshold), 4))</td>" }
      rows += "</tr>"
    }
    return "<p>\(Self.escaped(tail))</p><table id=\"thresholds\">\(rows)</table>"
  }

  /// What the last chart's thresholds rest on where no rate was measured.
  private var tail: String {
    guard let last = record.operatingPoint.points.last else { return "" }
    let least = "the least false match rate measured, \(Format.fixed(last.falseMatchRate * 100, 5)) %"
    let rises = record.thresholdCurves.contains { $0.points.contains { $0.threshold > last.threshold } }
    return rises
      ? "Above \(Format.fixed(Double(last.threshold), 4)), the threshold of \(least), thresholds are extrapolated: they go on rising as over the last "
        + "tenfold of rates that was measured."
      : "No threshold is above \(Format.fixed(Double(last.threshold), 4)), that of \(least): in larger galleries strangers are named more often."
  }

  /// A range up to 1 in which all shares lie, in twentieths.
  private static func shares(_ values: [Double]) -> ClosedRange<Double> {
    min(((values.min() ?? 0) * 20 - 0.5).rounded(.down) / 20, 0.95)...1
  }

  private var charts: [Chart] {
    var charts: [Chart] = []
    if let verification = record.verification {
      let shown = verification.curve.filter { $0.falseAcceptRate > 0 }
      charts.append(
        Chart(
          title: "Verification", x: Axis("false accept rate", scale: .logarithmic),
          y: Axis("true accept rate", range: Self.shares(shown.map(\.trueAcceptRate))),
          series: [
            .init("pairs", shown.map { CanvasPoint($0.falseAcceptRate, $0.trueAcceptRate) }, style: .line)
          ]))
    }
    if !record.identification.isEmpty {
      charts.append(
        Chart(
          title: "Identification in galleries of N people", x: Axis("rank", range: 1...20),
          y: Axis("share found", range: Self.shares(record.identification.flatMap(\.cumulativeMatch))),
          series: record.identification.map { found in
            .init(
              "N = \(found.people)",
              found.cumulativeMatch.enumerated().map { CanvasPoint(Double($0.offset + 1), $0.element) })
          }))
    }
    let reliable = record.reliability.filter { $0.faces == 1 }
    if !reliable.isEmpty {
      charts.append(
        Chart(
          title: "Probability of the first candidate in galleries of N people",
          subtitle: "people of the gallery and strangers count equally",
          x: Axis("probability shown", range: 0...1), y: Axis("share that is right", range: 0...1),
          series: [
            .init("as it should be", [CanvasPoint(0, 0), CanvasPoint(1, 1)], style: .line, dashed: true)
          ]
            + reliable.map { found in
              .init(
                "N = \(found.people)",
                found.bins.map { CanvasPoint($0.shown, $0.right) })
            }))
    }
    charts.append(
      Chart(
        title: "Threshold", x: Axis("false match rate", scale: .logarithmic), y: Axis("similarity"),
        series: [
          .init(
            "threshold",
            record.operatingPoint.points.map { CanvasPoint($0.falseMatchRate, Double($0.threshold)) })
        ]))
    charts.append(
      Chart(
        title: "Threshold of a gallery of N faces", x: Axis("faces", scale: .logarithmic),
        y: Axis("similarity"),
        series: record.thresholdCurves.map { curve in
          .init(
            Self.name(curve), curve.points.map { CanvasPoint(Double($0.people), Double($0.threshold)) },
            style: .line)
        }))
    return charts
  }
}
