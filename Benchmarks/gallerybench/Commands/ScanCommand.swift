import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `gallerybench scan`: our exact scan beside faiss' and numpy's.
enum ScanCommand: Subcommand {
  private static let alone = Flag("--alone", help: "Without the peers.")

  static let description = CommandDescription(
    name: "scan", summary: "Compares our exact scan with faiss IndexFlat and numpy's sgemm, in alternation.",
    discussion: "One query at a time, and 32 queries at a time; one thread; CPU time.",
    options: [
      CommonOptions.size, CommonOptions.data, CommonOptions.index, CommonOptions.rounds, CommonOptions.count,
      CommonOptions.k, CommonOptions.threads, alone,
    ],
    examples: [.init("gallerybench scan --set face1m --count 64", "milliseconds a query at a million")])

  private struct Figures: Encodable {
    let set: String
    let vectors: Int
    let milliseconds: [String: Double]
    let spread: [String: Double]
    let recall: Double
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let data = try DataSource.generated(
      quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k", arguments)
    let k = arguments[CommonOptions.k] ?? 10
    let count = min(arguments[CommonOptions.count] ?? 64, data.queries.count)
    let queries = data.queries.prefix(count)
    let truth = ExactTruth(base: data.base, queries: queries, score: .cosine, k: k)
    let ours = try OurIndex(data, arguments)
    let options = SearchOptions(plan: .exact)
    let rows = queries.rows

    var tasks: [(name: String, milliseconds: () throws -> Double)] = [
      (
        "FaceGallery, 1",
        {
          let watch = Stopwatch()
          for row in rows { _ = try ours.index.search(row, k: k, options: options) }
          return watch.processor * 1000 / Double(count)
        }
      ),
      (
        "FaceGallery, 32",
        {
          let watch = Stopwatch()
          for first in stride(from: 0, to: rows.count, by: 32) {
            let block = Array(rows[first..<min(rows.count, first + 32)].joined())
            _ = try ours.index.search(batch: block, k: k, options: options, threads: 1)
          }
          return watch.processor * 1000 / Double(count)
        }
      ),
    ]
    if !arguments[alone] {
      let workers = try PeerList.started(["faiss-flat", "numpy"], data)
      for (worker, batch) in [(workers[0], 1), (workers[0], 32), (workers[1], 32)] {
        tasks.append(
          (
            "\(worker.name) \(worker.ready.version), \(batch)",
            { try worker.exact(batch: batch, k: k, count: count).cpu * 1000 / Double(count) }
          ))
      }
    }
    // The first turn of each pays for page faults and cold caches.
    for task in tasks { _ = try task.milliseconds() }
    var samples = Array(repeating: [Double](), count: tasks.count)
    for _ in 0..<(arguments[CommonOptions.rounds] ?? (quick ? 1 : 5)) {
      for (index, task) in tasks.enumerated() { samples[index].append(try task.milliseconds()) }
    }
    let recall = truth.recall(
      of: try rows.map { try ours.index.search($0, k: k, options: options).neighbors.map { Int($0.key) } })

    Terminal.print(
      "exact scan of \(data.base.count) × \(data.base.dimension), k = \(k), \(count) queries\n\n")
    var table = Table(
      .left("scan, queries at a time"), .right("ms a query"), .right("spread ±"), .right("FaceGallery is"))
    for (index, task) in tasks.enumerated() {
      // A peer is compared with our scan of as many queries at a time.
      let own = samples[task.name.hasSuffix(", 1") ? 0 : 1]
      let ratio = Sample(zip(samples[index], own).map { $0 / $1 }).median
      table.append([
        task.name, Format.fixed(Sample(samples[index]).median, 3),
        Format.fixed(Sample(samples[index]).spread * 100, 1) + " %",
        index < 2 ? "" : Format.fixed(ratio, 2) + "× as fast",
      ])
    }
    Terminal.print(table.text + "\nrecall of our scan: \(Format.fixed(recall, 5))\n")
    let names = tasks.map(\.name)
    try Report.write(
      Figures(
        set: data.name, vectors: data.base.count,
        milliseconds: Dictionary(uniqueKeysWithValues: zip(names, samples.map { Sample($0).median })),
        spread: Dictionary(uniqueKeysWithValues: zip(names, samples.map { Sample($0).spread })),
        recall: recall),
      machine, arguments)
    return recall == 1 ? .success : .no
  }
}
