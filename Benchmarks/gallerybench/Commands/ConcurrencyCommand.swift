import BenchmarkKit
import Console
import Foundation
import Synchronization
import VectorIndex

/// `gallerybench concurrency`: one thread searches, alone and beside a thread that adds.
enum ConcurrencyCommand: Subcommand {
  static let description = CommandDescription(
    name: "concurrency", summary: "Measures the search rate beside a writer and checks every answer.",
    discussion: """
      A phase without a writer and a phase with one alternate. What was in the index before the writer began \
      must be found as well as without it: an old neighbour may be displaced only by a nearer new one.
      """,
    options: [
      CommonOptions.size, CommonOptions.data, CommonOptions.index, CommonOptions.rounds, CommonOptions.count,
      CommonOptions.threads,
    ],
    examples: [.init("gallerybench concurrency --set face100k", "share of the idle rate that is left")])

  private struct Figures: Encodable {
    let set: String
    let idleRate: Double, busyRate: Double, share: Double, spread: Double
    let addedPerSecond: Double
    let idleRecall: Double, busyRecall: Double
    let wrongScores: Int
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let name = quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k"
    let data = try DataSource.generated(name, arguments)
    let queries = data.queries.prefix(arguments[CommonOptions.count] ?? 2000)
    let truth = ExactTruth(base: data.base, queries: queries, score: .cosine, k: 10)
    let index = try OurIndex(data, arguments).index
    // New people, from the same populations in a basis of their own.
    let added = GeneratedSet(try SetRecipe(name: "face\(max(1000, data.base.count / 2))", seed: 77)).base
    let rows = queries.rows

    var idle: [Double] = []
    var busy: [Double] = []
    var idleCheck = AnswerCheck(truth: truth, data: data)
    var busyCheck = AnswerCheck(truth: truth, data: data)
    var additions = 0
    var addingSeconds = 0.0
    for _ in 0..<(arguments[CommonOptions.rounds] ?? (quick ? 1 : 5)) {
      idle.append(try phase(index, rows, &idleCheck))
      let writer = BackgroundWriter(
        index, added, firstKey: UInt64(data.base.count + additions), start: additions)
      busy.append(try phase(index, rows, &busyCheck))
      let (count, seconds) = try writer.stop()
      additions += count
      addingSeconds += seconds
      // Each round starts from the same index.
      for key in 0..<additions { index.remove(UInt64(data.base.count + key)) }
    }
    let shares = Sample(zip(busy, idle).map { $0 / $1 })
    let figures = Figures(
      set: data.name, idleRate: Sample(idle).median, busyRate: Sample(busy).median, share: shares.median,
      spread: shares.spread, addedPerSecond: Double(additions) / max(addingSeconds, 1e-9),
      idleRecall: idleCheck.recall, busyRecall: busyCheck.recall,
      wrongScores: idleCheck.wrong + busyCheck.wrong)
    var table = Table(.left(""), .right("QPS, wall"), .right("recall@10 of what was there"))
    table.append(["alone", Format.fixed(figures.idleRate, 0), Format.fixed(figures.idleRecall, 5)])
    table.append(["beside a writer", Format.fixed(figures.busyRate, 0), Format.fixed(figures.busyRecall, 5)])
    Terminal.print("\(data.name): \(data.base.count) vectors, ef 64\n\n\(table.text)\n")
    Terminal.print(
      "share of the rate left: \(Format.fixed(figures.share * 100, 1)) % ± \(Format.fixed(figures.spread * 100, 1)) %; "
        + "\(additions) vectors added, \(Format.fixed(figures.addedPerSecond, 0)) a second; "
        + "wrong scores: \(figures.wrongScores)\n")
    try Report.write(figures, machine, arguments)
    return figures.wrongScores == 0 && figures.busyRecall >= figures.idleRecall - 0.002 ? .success : .no
  }

  /// Searches for two seconds or through all queries, whichever is longer, and returns the rate.
  private static func phase(_ index: HNSWIndex, _ rows: [[Float]], _ check: inout AnswerCheck) throws
    -> Double
  {
    let options = SearchOptions(ef: 64, plan: .graph)
    var answers: [SearchResult] = []
    answers.reserveCapacity(rows.count)
    var done = 0
    let watch = Stopwatch()
    repeat {
      for row in rows {
        let answer = try index.search(row, k: 10, options: options)
        if answers.count < rows.count { answers.append(answer) }
      }
      done += rows.count
    } while watch.wall < 2
    let rate = Double(done) / watch.wall
    check.add(answers)
    return rate
  }
}
