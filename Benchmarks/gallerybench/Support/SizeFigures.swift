import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// Exact scan and graph at one size.
struct SizeFigures: Encodable {
  /// Single queries: milliseconds and rate.
  struct Latency: Encodable {
    let p50: Double
    let p99: Double
    let rate: Double

    init(_ seconds: [Double]) {
      let sample = Sample(seconds)
      p50 = sample.median * 1000
      p99 = sample.quantile(0.99) * 1000
      rate = 1 / max(sample.mean, 1e-12)
    }
  }

  let vectors: Int
  /// `nil` when the index was loaded.
  let buildSeconds: Double?
  let memory: Int
  let exact: Latency
  let graph: Latency
  let recallAt1: Double
  let recallAt10: Double

  /// Measures a set; its index is loaded from `folder` if it is there, and else put there once built.
  init(_ recipe: SetRecipe, effort: Int, threads: Int, folder: URL?) throws {
    let set = GeneratedSet(recipe)
    let truth = ExactTruth(base: set.base, queries: set.queries, score: .cosine, k: 10)
    let rows = set.queries.rows
    let (index, built) = try SizeFigures.index(
      of: set.base, threads: threads, file: folder?.appendingPathComponent("\(recipe.name).index"))
    buildSeconds = built
    vectors = set.base.count
    memory = index.statistics.memoryBytes
    // A large scan is timed on fewer queries; a hundred still have a 99 % quantile.
    let scanned = max(100, min(rows.count, 100_000_000 / set.base.count))
    let exact = try SizeFigures.timed(index, rows.prefix(scanned), SearchOptions(plan: .exact))
    let graph = try SizeFigures.timed(index, rows[...], SearchOptions(ef: effort, plan: .graph))
    self.exact = Latency(exact.seconds)
    self.graph = Latency(graph.seconds)
    recallAt1 = truth.recall(of: graph.ids, at: 1)
    recallAt10 = truth.recall(of: graph.ids)
  }

  var cells: [String] {
    [
      "\(vectors)", buildSeconds.map { Format.fixed($0, 2) } ?? "loaded", Format.bytes(memory),
      "\(memory / vectors)",
      Format.fixed(exact.p50, 4), Format.fixed(exact.p99, 4), Format.fixed(exact.rate, 0),
      Format.fixed(graph.p50, 4), Format.fixed(graph.p99, 4), Format.fixed(graph.rate, 0),
      Format.fixed(recallAt1, 4), Format.fixed(recallAt10, 4),
    ]
  }

  /// The size at which the medians are equal, between two measured sizes on logarithmic axes.
  static func crossing(_ rows: [SizeFigures]) -> Double? {
    for (before, after) in zip(rows, rows.dropFirst()) {
      let lead = { (row: SizeFigures) in log(row.exact.p50 / row.graph.p50) }
      guard lead(before) <= 0, lead(after) > 0 else { continue }
      let share = -lead(before) / (lead(after) - lead(before))
      return exp(log(Double(before.vectors)) + share * log(Double(after.vectors) / Double(before.vectors)))
    }
    return nil
  }

  private static func index(of base: VectorSet, threads: Int, file: URL?) throws -> (
    index: HNSWIndex, seconds: Double?
  ) {
    if let file, FileManager.default.fileExists(atPath: file.path) {
      let index = try HNSWIndex.open(file.path, mode: .load)
      guard index.count == base.count, try index.vector(for: 0)?.count == base.dimension else {
        throw InputError("\(file.path) is an index of other data: remove the file to have it built anew.")
      }
      return (index, nil)
    }
    let watch = Stopwatch()
    let index = try OurIndex.built(base, threads: threads)
    let seconds = watch.wall
    if let file { try index.save(to: file.path) }
    return (index, seconds)
  }

  private static func timed(_ index: HNSWIndex, _ rows: ArraySlice<[Float]>, _ options: SearchOptions) throws
    -> (seconds: [Double], ids: [[Int]])
  {
    for row in rows.prefix(20) { _ = try index.search(row, k: 10, options: options) }
    var seconds: [Double] = []
    var ids: [[Int]] = []
    for row in rows {
      let watch = Stopwatch()
      let answer = try index.search(row, k: 10, options: options)
      seconds.append(watch.wall)
      ids.append(answer.neighbors.map { Int($0.key) })
    }
    return (seconds, ids)
  }
}
