import BenchmarkKit
import Console
import Foundation

/// `gallerybench ann`: the same on anybody's vectors.
enum AnnCommand: Subcommand {
  private static let base = ValueOption<String>(
    "--base", placeholder: "FILE", help: "Vectors to index: .npy, .fvecs or .bvecs.")
  private static let queries = ValueOption<String>(
    "--queries", placeholder: "FILE", help: "Vectors to ask about, likewise.")
  private static let truth = ValueOption<String>(
    "--truth", placeholder: "FILE", help: "Ids of their true neighbours: .npy or .ivecs; else computed.")
  private static let metric = ValueOption<Score>(
    "--metric", placeholder: "NAME", help: "cosine (usual), ip (inner product) or l2 (squared distance).")

  static let description = CommandDescription(
    name: "ann", summary: "Measures search on your own vectors: build, truth, ef sweep, peers on request.",
    options: [base, queries, truth, metric] + SearchBenchmark.options,
    examples: [
      .init("gallerybench ann --base b.npy --queries q.npy", "recall and rate over ef"),
      .init(
        "gallerybench ann --base sift_base.fvecs --queries sift_query.fvecs --truth sift_groundtruth.ivecs "
          + "--metric l2 --peers hnswlib", "beside hnswlib"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let base = arguments[base], let queries = arguments[queries] else {
      throw UsageError("ann needs --base FILE and --queries FILE.")
    }
    let machine = MachineReport.printed()
    var data = try DataSource(
      name: URL(fileURLWithPath: base).lastPathComponent, baseFile: URL(fileURLWithPath: base),
      queryFile: URL(fileURLWithPath: queries),
      score: arguments[metric] ?? .cosine,
      count: arguments[CommonOptions.count] ?? (arguments[CommonOptions.quick] ? 100 : nil))
    let names = try PeerList.names(arguments, usual: [])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gallerybench-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    if !names.isEmpty {
      try Folders.make(folder)
      data = try data.forPeers(in: folder)
    }
    let given = try arguments[truth].map { try VectorFile.ids(contentsOf: URL(fileURLWithPath: $0)) }
    return try SearchBenchmark.run(data, truth: given, peers: names, machine, arguments)
  }
}
