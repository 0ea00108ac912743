import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// What `peers` and `ann` have in common: build, truth, comparison, report.
enum SearchBenchmark {
  private static let targets = ValueOption<String>(
    "--targets", placeholder: "LIST", help: "Recalls to compare at, by commas (0.9,0.95,0.99).")
  private static let efforts = ValueOption<String>(
    "--ef", placeholder: "LIST", help: "Efforts to sweep, by commas; else from k up until the last target.")
  private static let most = ValueOption<Int>(
    "--most-ef", placeholder: "EF", help: "The greatest effort of the sweep (2000).",
    where: ("above 0", { $0 > 0 }))

  static let options: [any CommandOption] = [
    CommonOptions.peers, targets, efforts, most, CommonOptions.rounds, CommonOptions.count, CommonOptions.k,
    CommonOptions.degree, CommonOptions.effort, CommonOptions.threads, CommonOptions.index,
    CommonOptions.plots,
  ]

  private struct Figures: Encodable {
    struct Index: Encodable {
      let name: String
      let version: String
      let buildCPU: Double?
      let buildThreads: Int?
      let memory: Int
    }
    let set: String
    let vectors: Int, dimension: Int, queries: Int, k: Int
    let metric: Score
    let indexes: [Index]
    let comparison: Comparison
  }

  static func run(
    _ data: DataSource, truth given: [[Int]]?, peers names: [String], _ machine: MachineReport,
    _ arguments: Arguments
  ) throws -> ExitCode {
    let k = min(arguments[CommonOptions.k] ?? 10, data.base.count)
    let targets = try CommonOptions.numbers(
      arguments[targets] ?? "0.9,0.95,0.99", of: "--targets", in: 0...1)
    let efforts =
      try arguments[efforts].map { text in
        try CommonOptions.numbers(text, of: "--ef", in: 1...1_000_000).map { Int($0) }
      } ?? Comparison.efforts(from: k, to: arguments[most] ?? 2000)
    Terminal.print(
      "\(data.name): \(data.base.count) × \(data.base.dimension), \(data.score.rawValue), "
        + "\(data.queries.count) queries, k = \(k)\n\n")
    let truth =
      try given.map {
        try ExactTruth(ids: $0, base: data.base, queries: data.queries, score: data.score, k: k)
      } ?? ExactTruth(base: data.base, queries: data.queries, score: data.score, k: k)

    let ours = try OurIndex(data, arguments)
    let workers = try PeerList.started(names, data)
    let indexes = describe(ours, workers, arguments)
    printIndexes(indexes)
    let comparison = try Comparison(
      [ours] + workers, truth: truth, count: data.queries.count, targets: targets.sorted(),
      rounds: arguments[CommonOptions.rounds] ?? (arguments[CommonOptions.quick] ? 1 : 5), efforts: efforts)
    if workers.isEmpty { comparison.printCurves() }
    comparison.print(targets: targets.sorted())

    if let folder = arguments[CommonOptions.plots] {
      let name = data.name.split(separator: ".").first.map(String.init) ?? data.name
      try comparison.plot(
        title: "Search rate against recall, \(name)",
        subtitle:
          "\(data.base.count) × \(data.base.dimension), \(data.score.rawValue), one thread, \(machine.processor)",
        k: k, to: URL(fileURLWithPath: folder), name: "recall-\(name)")
    }
    try Report.write(
      Figures(
        set: data.name, vectors: data.base.count, dimension: data.base.dimension, queries: data.queries.count,
        k: k, metric: data.score, indexes: indexes, comparison: comparison), machine, arguments)
    return .success
  }

  private static func describe(_ ours: OurIndex, _ workers: [PeerWorker], _ arguments: Arguments) -> [Figures
    .Index]
  {
    [
      Figures.Index(
        name: ours.name, version: ours.index.statistics.kernels, buildCPU: ours.build?.processor,
        buildThreads: ours.build.map { _ in arguments[CommonOptions.threads] ?? 1 }, memory: ours.memory)
    ]
      + workers.map {
        Figures.Index(
          name: $0.name, version: $0.ready.version, buildCPU: $0.ready.buildCPU,
          buildThreads: $0.ready.threads,
          memory: $0.ready.memory)
      }
  }

  private static func printIndexes(_ indexes: [Figures.Index]) {
    var table = Table(
      .left("index"), .left("version"), .right("build, CPU s"), .right("threads"), .right("memory"))
    for index in indexes {
      table.append([
        index.name, index.version, index.buildCPU.map { Format.fixed($0, 1) } ?? "loaded",
        index.buildThreads.map(String.init) ?? "", Format.bytes(index.memory),
      ])
    }
    Terminal.print(table.text + "\n")
  }
}
