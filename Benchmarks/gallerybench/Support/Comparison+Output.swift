import BenchmarkKit
import Console
import Drawing
import Foundation

extension Comparison {
  /// Rates and ratios at the targets, and each contender's greatest recall.
  func print(targets: [Double]) {
    let titles = targets.map { "QPS at " + Format.fixed($0, 3) }
    var table = Table(
      columns: [.left("index")] + titles.map { .right($0) } + [.right("greatest recall")])
    for entry in entries {
      let cells = targets.map { target in entry.rates[String(target)].map { Format.fixed($0, 0) } ?? "–" }
      table.append([entry.name] + cells + [Format.fixed(entry.curve.greatestRecall, 4)])
    }
    Terminal.print(table.text + "\n")
    guard !ratios.isEmpty else { return }
    var ratioTable = Table(
      .left("FaceGallery over"), .right("recall"), .right("ratio"), .right("least"), .right("greatest"))
    for ratio in ratios {
      ratioTable.append([
        ratio.peer, Format.fixed(ratio.recall, 3), Format.fixed(ratio.median, 2) + "×",
        Format.fixed(ratio.least, 2), Format.fixed(ratio.greatest, 2),
      ])
    }
    Terminal.print(ratioTable.text + "\n")
  }

  /// The sweeps as levels, for a comparison without targets.
  func printCurves() {
    for entry in entries {
      var table = Table(.right("ef"), .right("recall"), .right("QPS"))
      for level in entry.curve.levels {
        table.append(["\(level.effort)", Format.fixed(level.recall, 4), Format.fixed(level.rate, 0)])
      }
      Terminal.print("\(entry.name)\n\(table.text)\n")
    }
  }

  /// The recall–rate curves, as SVG and PNG.
  func plot(title: String, subtitle: String, k: Int, to folder: URL, name: String) throws {
    let chart = Chart(
      title: title, subtitle: subtitle, x: Axis("recall@\(k)", range: 0.8...1),
      y: Axis("queries per CPU second", scale: .logarithmic),
      series: entries.map { entry in
        // A line from outside the range would be cut at the frame; the curve begins at its first level inside.
        Chart.Series(
          entry.name, entry.curve.levels.filter { $0.recall >= 0.8 }.map { CanvasPoint($0.recall, $0.rate) })
      })
    try Plots.write(chart, to: folder, name: name)
  }
}

/// Files of charts.
enum Plots {
  /// Writes `name.svg` and `name.png` into a folder.
  static func write(_ chart: Chart, to folder: URL, name: String) throws {
    try Folders.make(folder)
    for kind in ["svg", "png"] { try chart.write(to: folder.appendingPathComponent("\(name).\(kind)")) }
  }
}
