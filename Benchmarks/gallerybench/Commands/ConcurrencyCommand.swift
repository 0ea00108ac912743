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
      Phases without and with a writer alternate. What was in the index before the writer began must be found \
      as well as without it: an old neighbour may be displaced only by a nearer new one. Two controls tell the \
      machine's share from the index's: a thread that only computes, and a writer of another index, which \
      takes as much of caches and memory but shares no data with the searches.
      """,
    options: [
      CommonOptions.size, CommonOptions.data, CommonOptions.index, CommonOptions.rounds, CommonOptions.count,
      CommonOptions.threads,
    ],
    examples: [.init("gallerybench concurrency --set face100k", "share of the idle rate that is left")])

  private struct Figures: Encodable {
    let set: String
    let idleRate: Double, besideComputation: Rate, besideOtherWriter: Rate, besideWriter: Rate
    /// Rate beside the writer over the rate beside a writer of another index.
    let shareOfControl: Double
    let addedPerSecond: Double
    let idleRecall: Double, busyRecall: Double
    let wrongScores: Int
  }

  /// A rate, and what share of the idle rate it is, in the middle of the rounds.
  private struct Rate: Encodable {
    let rate: Double, share: Double, spread: Double

    init(_ rates: [Double], of idle: [Double]) {
      let shares = Sample(zip(rates, idle).map { $0 / $1 })
      (rate, share, spread) = (Sample(rates).median, shares.median, shares.spread)
    }

    var text: String { "\(Format.fixed(share * 100, 1)) % ± \(Format.fixed(spread * 100, 1)) %" }
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let name = quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k"
    let data = try DataSource.generated(name, arguments)
    let queries = data.queries.prefix(arguments[CommonOptions.count] ?? 2000)
    let truth = ExactTruth(base: data.base, queries: queries, score: .cosine, k: 10)
    let index = try OurIndex(data, arguments).index
    let other = try OurIndex(data, arguments).index
    // New people, from the same populations in a basis of their own.
    let added = GeneratedSet(try SetRecipe(name: "face\(max(1000, data.base.count / 2))", seed: 77)).base
    let rows = queries.rows

    var idle: [Double] = []
    var besideComputation: [Double] = []
    var besideOther: [Double] = []
    var besideWriter: [Double] = []
    var idleCheck = AnswerCheck(truth: truth, data: data)
    var busyCheck = AnswerCheck(truth: truth, data: data)
    var additions = 0
    var addingSeconds = 0.0
    for _ in 0..<(arguments[CommonOptions.rounds] ?? (quick ? 1 : 5)) {
      idle.append(try phase(index, rows, &idleCheck))

      let computation = BackgroundComputation()
      besideComputation.append(try phase(index, rows, &idleCheck))
      computation.stop()

      let firstKey = UInt64(data.base.count)
      let stranger = BackgroundWriter(other, added, firstKey: firstKey, start: 0)
      besideOther.append(try phase(index, rows, &idleCheck))
      let strange = try stranger.stop().count

      let writer = BackgroundWriter(index, added, firstKey: firstKey, start: 0)
      besideWriter.append(try phase(index, rows, &busyCheck))
      let (count, seconds) = try writer.stop()
      additions += count
      addingSeconds += seconds
      // Each round starts from the same vectors.
      for key in 0..<strange { try other.remove(firstKey + UInt64(key)) }
      for key in 0..<count { try index.remove(firstKey + UInt64(key)) }
    }
    let figures = Figures(
      set: data.name, idleRate: Sample(idle).median, besideComputation: Rate(besideComputation, of: idle),
      besideOtherWriter: Rate(besideOther, of: idle), besideWriter: Rate(besideWriter, of: idle),
      shareOfControl: Rate(besideWriter, of: besideOther).share,
      addedPerSecond: Double(additions) / max(addingSeconds, 1e-9),
      idleRecall: idleCheck.recall, busyRecall: busyCheck.recall,
      wrongScores: idleCheck.wrong + busyCheck.wrong)
    print(figures, of: data)
    try Report.write(figures, machine, arguments)
    return figures.wrongScores == 0 && figures.busyRecall >= figures.idleRecall - 0.002 ? .success : .no
  }

  private static func print(_ figures: Figures, of data: DataSource) {
    var table = Table(
      .left(""), .right("QPS, wall"), .right("share of idle"), .right("recall@10 of what was there"))
    table.append(["alone", Format.fixed(figures.idleRate, 0), "", Format.fixed(figures.idleRecall, 5)])
    for (name, rate) in [
      ("beside a thread that computes", figures.besideComputation),
      ("beside a writer of another index", figures.besideOtherWriter),
    ] {
      table.append([name, Format.fixed(rate.rate, 0), rate.text, ""])
    }
    table.append([
      "beside a writer", Format.fixed(figures.besideWriter.rate, 0), figures.besideWriter.text,
      Format.fixed(figures.busyRecall, 5),
    ])
    Terminal.print("\(data.name): \(data.base.count) vectors, ef 64\n\n\(table.text)\n")
    Terminal.print(
      "beside a writer, of the rate beside a writer of another index: "
        + "\(Format.fixed(figures.shareOfControl * 100, 1)) %; "
        + "\(Format.fixed(figures.addedPerSecond, 0)) vectors added a second; wrong scores: \(figures.wrongScores)\n"
    )
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
