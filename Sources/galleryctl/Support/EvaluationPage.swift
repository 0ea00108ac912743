import Console
import Drawing
import FaceEngine
import Foundation
import TripletTraining

/// The curves of an evaluation as a page that needs nothing beside itself.
struct EvaluationPage {
  private let record: EvaluationRecord

  init(_ record: EvaluationRecord) { self.record = record }

  func write(to url: URL) throws {
    var page = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Accuracy</title>"
    page +=
      "<style>body{font-family:sans-serif;margin:2em}svg{display:block;max-width:100%;height:auto;margin:1em 0}table{border-collapse:collapse}td,th{padding:.1em 1em;text-align:right}</style>"
    let text = record.text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    page += "<h1>Accuracy</h1><pre>\(text)</pre>"
    for chart in charts {
      let svg = String(decoding: try chart.svg(), as: UTF8.self)
      page += svg.firstRange(of: "<svg").map { String(svg[$0.lowerBound...]) } ?? ""
    }
    page += table
    do {
      try Data((page + "</html>\n").utf8).write(to: url, options: .atomic)
    } catch {
      throw InputError(
        "\(url.path) could not be written: \(error.localizedDescription) Check folder and rights.")
    }
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
    return "<table id=\"thresholds\">\(rows)</table>"
  }

  private var charts: [Chart] {
    var charts: [Chart] = []
    if let verification = record.verification {
      charts.append(
        Chart(
          title: "Verification", x: Axis("false accept rate", scale: .logarithmic),
          y: Axis("true accept rate"),
          series: [
            .init(
              "pairs", verification.curve.map { Point($0.falseAcceptRate, $0.trueAcceptRate) }, style: .line)
          ]))
    }
    if !record.identification.isEmpty {
      charts.append(
        Chart(
          title: "Identification in galleries of N people", x: Axis("rank"), y: Axis("share found"),
          series: record.identification.map { found in
            .init(
              "N = \(found.people)",
              found.cumulativeMatch.enumerated().map { Point(Double($0.offset + 1), $0.element) })
          }))
    }
    charts.append(
      Chart(
        title: "Threshold", x: Axis("false match rate", scale: .logarithmic), y: Axis("similarity"),
        series: [
          .init(
            "threshold",
            record.operatingPoint.points.map { Point($0.falseMatchRate, Double($0.threshold)) })
        ]))
    charts.append(
      Chart(
        title: "Threshold of a gallery of N faces", x: Axis("faces", scale: .logarithmic),
        y: Axis("similarity"),
        series: record.thresholdCurves.map { curve in
          .init(
            Self.name(curve), curve.points.map { Point(Double($0.people), Double($0.threshold)) },
            style: .line)
        }))
    return charts
  }
}
