import BenchmarkKit
import Console
import Drawing
import Foundation
import VectorIndex

/// `gallerybench sizes`: exact scan against graph at growing sizes.
enum SizesCommand: Subcommand {
  private static let sizes = ValueOption<String>(
    "--sizes", placeholder: "LIST", help: "Sizes by commas (1k,3k,10k,30k,100k,300k,1m); 3m and 10m work too."
  )
  private static let ef = ValueOption<Int>(
    "--ef", placeholder: "EF", help: "The graph's effort (64).", where: ("above 0", { $0 > 0 }))

  private static let indexes = ValueOption<String>(
    "--indexes", placeholder: "DIR",
    help: "Load indexes from there if they are there, else build and save them.")

  static let description = CommandDescription(
    name: "sizes", summary: "Measures exact scan and graph at growing sizes, and where the graph overtakes.",
    discussion: """
      Latency is wall time of single queries on one thread. A vector takes about 0.73 KB in the index and \
      0.5 KB in the set: 1m needs 1.2 GB, 3m 3.7 GB, 10m 12.4 GB.
      """,
    options: [sizes, ef, indexes, CommonOptions.count, CommonOptions.threads, CommonOptions.plots],
    examples: [
      .init("gallerybench sizes --threads 2 --plots docs/plots", "the usual sizes"),
      .init("gallerybench sizes --sizes 3m,10m --threads 2", "the large ones"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let names =
      (arguments[sizes] ?? (arguments[CommonOptions.quick] ? "1k,3k" : "1k,3k,10k,30k,100k,300k,1m"))
      .split(separator: ",").map(String.init)
    // All names are checked before the first is measured.
    let recipes = try names.map {
      try SetRecipe(name: "face\($0)", queries: arguments[CommonOptions.count] ?? 1000)
    }
    let effort = arguments[ef] ?? 64
    let folder = arguments[indexes].map { URL(fileURLWithPath: $0) }
    if let folder { try Folders.make(folder) }
    var rows: [SizeFigures] = []
    var table = Table(
      .right("vectors"), .right("build s"), .right("memory"), .right("bytes each"), .right("exact p50"),
      .right("p99 ms"), .right("QPS"), .right("graph p50"), .right("p99 ms"), .right("QPS"),
      .right("recall@1"),
      .right("@10"))
    for recipe in recipes {
      Terminal.note("\(recipe.name)\n")
      let row = try SizeFigures(
        recipe, effort: effort, threads: arguments[CommonOptions.threads] ?? 1, folder: folder)
      rows.append(row)
      table.append(row.cells)
    }
    Terminal.print(
      "ef \(effort), k = 10, \(arguments[CommonOptions.threads] ?? 1) threads for building\n\n\(table.text)\n"
    )
    let crossing = SizeFigures.crossing(rows)
    Terminal.print(
      crossing.map { "the graph overtakes the scan at about \(Format.fixed($0, 0)) vectors\n" }
        ?? "the graph does not overtake the scan between these sizes\n")
    if let folder = arguments[CommonOptions.plots] {
      try plot(rows, machine, to: URL(fileURLWithPath: folder))
    }
    try Report.write(rows, machine, arguments)
    return .success
  }

  private static func plot(_ rows: [SizeFigures], _ machine: MachineReport, to folder: URL) throws {
    let points = { (value: (SizeFigures) -> Double) in rows.map { CanvasPoint(Double($0.vectors), value($0)) }
    }
    try Plots.write(
      Chart(
        title: "Latency against size", subtitle: "128-D faces, top 10, one thread, \(machine.processor)",
        x: Axis("vectors", scale: .logarithmic), y: Axis("milliseconds a query", scale: .logarithmic),
        series: [
          .init("exact, median", points(\.exact.p50)),
          .init("exact, 99 %", points(\.exact.p99), dashed: true),
          .init("graph, median", points(\.graph.p50)),
          .init("graph, 99 %", points(\.graph.p99), dashed: true),
        ]), to: folder, name: "latency")
  }
}
