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
    page += "<style>body{font-family:sans-serif;margin:2em}svg{max-width:100%;height:auto}</style>"
    let text = record.text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    page += "<h1>Accuracy</h1><pre>\(text)</pre>"
    for chart in charts {
      let svg = String(decoding: try chart.svg(), as: UTF8.self)
      page += svg.firstRange(of: "<svg").map { String(svg[$0.lowerBound...]) } ?? ""
    }
    do {
      try Data((page + "</html>\n").utf8).write(to: url, options: .atomic)
    } catch {
      throw InputError(
        "\(url.path) could not be written: \(error.localizedDescription) Check folder and rights.")
    }
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
    // How the threshold must rise with the gallery.
    let sizes = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000]
    charts.append(
      Chart(
        title: "Threshold of a gallery of N people", x: Axis("people", scale: .logarithmic),
        y: Axis("similarity"),
        series: [0.01, 0.001].map { rate in
          .init(
            "FPIR \(rate)",
            sizes.map {
              Point(
                Double($0),
                Double(record.operatingPoint.threshold(people: $0, falsePositiveIdentificationRate: rate)))
            }, style: .line)
        }))
    return charts
  }
}
