import BenchmarkKit
import Console
import Foundation

/// The peers that a command line asks for.
enum PeerList {
  /// Those that Benchmarks/peers/setup.sh installs.
  static let installed = ["hnswlib", "faiss-hnsw", "faiss-hnswsq", "usearch", "svs", "symphonyqg"]
  /// Those and what is built from source by hand.
  private static let known = installed + ["glass-sq8", "glass-sq4"]

  /// Starts the peers named by `--peers` over a data source.
  static func started(_ names: [String], _ data: DataSource, rebuild: Bool = false) throws -> [PeerWorker] {
    try names.map { name in
      Terminal.note("preparing \(name)\n")
      return try PeerWorker(
        name, python: Folders.python, script: Folders.benchmarks.appendingPathComponent("peers/worker.py"),
        base: data.baseFile, queries: data.queryFile, score: data.score,
        cache: Folders.cache.appendingPathComponent("peers"), rebuild: rebuild)
    }
  }

  /// The names in `--peers`.
  static func names(_ arguments: Arguments, usual: [String]) throws(UsageError) -> [String] {
    guard let text = arguments[CommonOptions.peers] else { return usual }
    if text == "all" { return installed }
    let names = text.split(separator: ",").map(String.init)
    for name in names where !known.contains(name) {
      let near = Suggestion.nearest(to: name, among: known)
      throw UsageError("--peers has no \"\(name)\"; \(near.map { "did you mean \($0)?" } ?? "see --help.")")
    }
    return names
  }
}
