import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `gallerybench deletes`: recall and memory after much has been removed and added again.
enum DeletesCommand: Subcommand {
  private static let times = ValueOption<Int>(
    "--times", placeholder: "N", help: "How often half is removed and added again (1).",
    where: ("above 0", { $0 > 0 }))

  static let description = CommandDescription(
    name: "deletes", summary: "Removes half of an index in random order, adds it again, and compares recall.",
    options: [
      CommonOptions.size, CommonOptions.data, CommonOptions.index, CommonOptions.count, CommonOptions.threads,
      times,
    ],
    examples: [.init("gallerybench deletes --set face100k --times 3", "three times half")])

  private struct Figures: Encodable {
    struct State: Encodable {
      let state: String
      let recall: [String: Double]
      let memory: Int
      let resident: Int
      let seconds: Double
    }
    let set: String
    let vectors: Int
    let states: [State]
  }

  private static let efforts = [32, 64, 128]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let data = try DataSource.generated(
      quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k", arguments)
    let queries = data.queries.prefix(arguments[CommonOptions.count] ?? 1000)
    let rows = queries.rows
    let truth = ExactTruth(base: data.base, queries: queries, score: .cosine, k: 10)
    let index = try OurIndex(data, arguments).index
    let state = { (name: String, seconds: Double) in
      var recall: [String: Double] = [:]
      for ef in efforts {
        let found = try rows.map {
          try index.search($0, k: 10, options: SearchOptions(ef: ef, plan: .graph)).neighbors.map {
            Int($0.key)
          }
        }
        recall["\(ef)"] = truth.recall(of: found)
      }
      return Figures.State(
        state: name, recall: recall, memory: index.statistics.memoryBytes, resident: ProcessMemory.resident,
        seconds: seconds)
    }

    var states = [try state("fresh", 0)]
    var random = SeededRandom(seed: 9)
    for time in 1...(arguments[times] ?? 1) {
      let half = (0..<data.base.count).shuffled(using: &random).prefix(data.base.count / 2)
      let watch = Stopwatch()
      let bar = ProgressBar("removing and adding", total: half.count * 2, unit: "vectors")
      for (done, row) in half.enumerated() {
        try index.remove(UInt64(row))
        bar.update(done)
      }
      let order = half.shuffled(using: &random)
      let block = 10_000
      for first in stride(from: 0, to: order.count, by: block) {
        let part = order[first..<min(order.count, first + block)]
        try index.add(
          part.flatMap { data.base[$0] }, keys: part.map { UInt64($0) },
          threads: arguments[CommonOptions.threads] ?? 1)
        bar.update(half.count + first)
      }
      bar.finish()
      states.append(try state("half again, \(time)", watch.processor))
    }
    var table = Table(
      columns: [.left("state")] + efforts.map { .right("recall, ef \($0)") } + [
        .right("memory"), .right("resident"), .right("CPU s"),
      ])
    for state in states {
      table.append(
        [state.state] + efforts.map { Format.fixed(state.recall["\($0)"] ?? 0, 4) } + [
          Format.bytes(state.memory), Format.bytes(state.resident), Format.fixed(state.seconds, 1),
        ])
    }
    Terminal.print("\(data.name): \(data.base.count) vectors, \(rows.count) queries\n\n\(table.text)")
    try Report.write(Figures(set: data.name, vectors: data.base.count, states: states), machine, arguments)
    let loss = efforts.map {
      (states[0].recall["\($0)"] ?? 0) - (states[states.count - 1].recall["\($0)"] ?? 0)
    }.max()
    return (loss ?? 1) <= 0.005 ? .success : .no
  }
}
