import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `gallerybench filters`: search when only a share of the keys counts.
enum FiltersCommand: Subcommand {
  static let description = CommandDescription(
    name: "filters", summary: "Measures filtered search at several selectivities, beside the exact scan.",
    discussion: "The planner chooses the way; keys pass by a hash, so that matches lie everywhere.",
    options: [
      CommonOptions.size, CommonOptions.data, CommonOptions.index, CommonOptions.count, CommonOptions.k,
      CommonOptions.rounds, CommonOptions.threads,
    ],
    examples: [
      .init("gallerybench filters --set face1m --count 500", "50 %, 10 %, 1 % and .1 % of a million")
    ])

  private struct Row: Encodable {
    let selectivity: Double
    let matches: Int
    let recall: Double
    let milliseconds: Double
    let exactMilliseconds: Double
    let plans: [String: Int]
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let data = try DataSource.generated(
      quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k", arguments)
    let k = arguments[CommonOptions.k] ?? 10
    let queries = data.queries.prefix(arguments[CommonOptions.count] ?? 200)
    let rows = queries.rows
    let index = try OurIndex(data, arguments).index

    var figures: [Row] = []
    for selectivity in [1, 0.5, 0.1, 0.01, 0.001] {
      let bar = UInt64(selectivity * 0x1p32)
      let passes: @Sendable (UInt64) -> Bool = { key in (key &* 0x9E37_79B9_7F4A_7C15) >> 32 < bar }
      let matches = (0..<data.base.count).filter { passes(UInt64($0)) }
      guard !matches.isEmpty else { continue }
      let narrow = VectorSet(dimension: data.base.dimension, values: matches.flatMap { data.base[$0] })
      let truth = ExactTruth(base: narrow, queries: queries, score: .cosine, k: k)
      let place = Dictionary(uniqueKeysWithValues: matches.enumerated().map { ($1, $0) })
      var plans: [String: Int] = [:]
      let answers = try rows.map { row in
        let result = try index.search(row, k: k, options: SearchOptions(filter: passes))
        plans[result.plan.rawValue, default: 0] += 1
        return result.neighbors.map { place[Int($0.key)] ?? -1 }
      }
      let time = { (plan: SearchOptions.Plan) in
        let watch = Stopwatch()
        for row in rows {
          _ = try index.search(row, k: k, options: SearchOptions(plan: plan, filter: passes))
        }
        return watch.processor * 1000 / Double(rows.count)
      }
      var planned: [Double] = []
      var exact: [Double] = []
      for _ in 0..<(arguments[CommonOptions.rounds] ?? (quick ? 1 : 3)) {
        planned.append(try time(.automatic))
        exact.append(try time(.exact))
      }
      figures.append(
        Row(
          selectivity: selectivity, matches: matches.count, recall: truth.recall(of: answers),
          milliseconds: Sample(planned).median, exactMilliseconds: Sample(exact).median, plans: plans))
    }
    var table = Table(
      .right("passes"), .right("matches"), .right("recall@\(k)"), .right("ms a query"), .right("exact, ms"),
      .left("answered by"))
    for row in figures {
      let plans = row.plans.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(
        separator: ", ")
      table.append([
        Format.number(row.selectivity * 100) + " %", "\(row.matches)", Format.fixed(row.recall, 4),
        Format.fixed(row.milliseconds, 4), Format.fixed(row.exactMilliseconds, 4), plans,
      ])
    }
    Terminal.print("\(data.name): \(data.base.count) vectors, \(rows.count) queries\n\n\(table.text)")
    try Report.write(figures, machine, arguments)
    return figures.allSatisfy { $0.recall >= 0.95 } ? .success : .no
  }
}
