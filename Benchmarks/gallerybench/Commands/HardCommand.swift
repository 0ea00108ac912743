import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `gallerybench hard`: recall on data that fools codes and graphs, and what a search that asks for one gets.
enum HardCommand: Subcommand {
  private static let write = ValueOption<String>(
    "--write", placeholder: "DIR", help: "Also write each set there, as .npy, for other libraries.")
  private static let sets = ValueOption<String>(
    "--sets", placeholder: "LIST", help: "Only these, by commas: copies10, onehot, groups0.5 …")

  static let description = CommandDescription(
    name: "hard", summary: "Measures recall on copies, groups, offsets, outliers and other hard data.",
    options: [sets, write],
    examples: [
      .init("gallerybench hard --sets spread,drift", "two of the sets"),
      .init("gallerybench hard --write /tmp/hard", "and files for gallerybench ann --peers hnswlib"),
    ])

  private struct Figures: Encodable {
    let set: String
    let score: Score
    /// Processor time of adding a vector, in microseconds.
    let added: Double
    /// Recall by ef, as `measureRecall` says it at 64, and of searches that ask for one, by that.
    let recall: [String: Double]
    let measured: Double
    let asked: [String: Double]
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let names = arguments[sets]?.split(separator: ",").map(String.init)
    var kinds = HardSet.kinds.filter { names?.contains($0.name) ?? true }
    if arguments[CommonOptions.quick] { kinds = Array(kinds.prefix(1)) }
    var table = Table(
      .left("set"), .left("score"), .right("µs a vector"), .right("ef 64"), .right("measured"),
      .right("ef 200"),
      .right("asked 0.95"), .right("0.99"))
    var all: [Figures] = []
    for kind in kinds {
      let set = HardSet(kind.name)
      if let folder = arguments[write].map({ URL(fileURLWithPath: $0) }) {
        try Folders.make(folder)
        try NPYArray.write(set.base, to: folder.appending(path: "\(kind.name).base.npy"))
        try NPYArray.write(set.queries, to: folder.appending(path: "\(kind.name).query.npy"))
      }
      let figures = try measure(set, kind)
      all.append(figures)
      func text(_ recall: Double?) -> String { Format.fixed(recall ?? 0, 3) }
      table.append([
        kind.name, kind.score.rawValue, Format.fixed(figures.added, 0), text(figures.recall["64"]),
        text(figures.measured), text(figures.recall["200"]), text(figures.asked["0.95"]),
        text(figures.asked["0.99"]),
      ])
    }
    Terminal.print(table.text)
    try Report.write(all, machine, arguments)
    return .success
  }

  private static func measure(_ set: HardSet, _ kind: HardSet.Kind) throws -> Figures {
    let index = try HNSWIndex(.init(dimension: set.base.dimension, metric: kind.score.metric))
    let watch = Stopwatch()
    try index.add(set.base.values, keys: (0..<UInt64(set.base.count)).map { $0 })
    let added = watch.processor * 1e6 / Double(set.base.count)
    let truth = try index.search(batch: set.queries.values, k: 10, options: .init(plan: .exact))
    // By score, so that one copy is as good as another.
    func recall(_ options: SearchOptions) throws -> Double {
      let answers = try index.search(batch: set.queries.values, k: 10, options: options)
      let found = zip(answers, truth).reduce(0) { sum, pair in
        guard let last = pair.1.neighbors.last?.score else { return sum }
        return sum
          + pair.0.neighbors.count { kind.score == .l2 ? $0.score <= last : $0.score >= last }
      }
      return Double(found) / Double(10 * set.queries.count)
    }
    let measured = try index.measureRecall(sample: 400, k: 10, ef: 64).recall
    return Figures(
      set: kind.name, score: kind.score, added: added,
      recall: [
        "64": try recall(.init(ef: 64, plan: .graph)), "200": try recall(.init(ef: 200, plan: .graph)),
      ], measured: measured,
      asked: ["0.95": try recall(.init(recall: 0.95)), "0.99": try recall(.init(recall: 0.99))])
  }
}
