import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// Our index over a data source, asked one query at a time on one thread, as a program would.
struct OurIndex: Contender {
  let name = "FaceGallery"
  let index: HNSWIndex
  /// CPU and wall seconds of the build; `nil` when the index was loaded.
  let build: (processor: Double, wall: Double)?
  /// By how many bytes the process grew.
  let memory: Int
  private let queries: [[Float]]

  /// Builds the index, or loads it from the file that `--index` names.
  init(_ data: DataSource, _ arguments: Arguments, threads: Int? = nil) throws {
    queries = data.queries.rows
    let path = arguments[CommonOptions.index]
    let before = ProcessMemory.resident
    if let path, FileManager.default.fileExists(atPath: path) {
      index = try HNSWIndex.open(path, mode: .load)
      build = nil
      guard index.count == data.base.count, try index.vector(for: 0)?.count == data.base.dimension else {
        throw InputError("\(path) is an index of other data: remove the file to have it built anew.")
      }
    } else {
      let watch = Stopwatch()
      index = try OurIndex.built(
        data.base, score: data.score, M: arguments[CommonOptions.degree] ?? 16,
        efConstruction: arguments[CommonOptions.effort] ?? 200,
        threads: threads ?? arguments[CommonOptions.threads] ?? 1)
      build = (watch.processor, watch.wall)
      if let path { try index.save(to: path) }
    }
    memory = ProcessMemory.resident - before
  }

  /// An index of a set, keyed by row.
  static func built(
    _ base: VectorSet, score: Score = .cosine, M: Int = 16, efConstruction: Int = 200, threads: Int = 1
  ) throws -> HNSWIndex {
    let index = try HNSWIndex(
      .init(dimension: base.dimension, metric: score.metric, M: M, efConstruction: efConstruction))
    let bar = ProgressBar("building", total: base.count, unit: "vectors")
    defer { bar.finish() }
    try index.reserve(base.count)
    try index.add(base.values, keys: (0..<UInt64(base.count)).map { $0 }, threads: threads) { bar.update($0) }
    return index
  }

  func answers(effort: Int, k: Int, count: Int) throws -> (ids: [[Int]], seconds: Double) {
    let options = SearchOptions(ef: effort, plan: .graph)
    var results: [SearchResult] = []
    results.reserveCapacity(count)
    let watch = Stopwatch()
    for query in queries.prefix(count) { results.append(try index.search(query, k: k, options: options)) }
    let seconds = watch.processor
    return (results.map { $0.neighbors.map { Int($0.key) } }, seconds)
  }

  func seconds(effort: Int, k: Int, count: Int) throws -> Double {
    let options = SearchOptions(ef: effort, plan: .graph)
    for query in queries.prefix(min(50, count)) { _ = try index.search(query, k: k, options: options) }
    // Again until a fifth of a second has passed, as the peers do: a few milliseconds say more of what ran before.
    var passes = 0.0
    let watch = Stopwatch()
    repeat {
      for query in queries.prefix(count) { _ = try index.search(query, k: k, options: options) }
      passes += 1
    } while watch.wall < 0.2
    return watch.processor / passes
  }
}
