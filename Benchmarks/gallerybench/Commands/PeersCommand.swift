import BenchmarkKit
import Console
import Foundation

/// `gallerybench peers SET`: our search beside the peers', alternating, at equal recall.
enum PeersCommand: Subcommand {
  static let description = CommandDescription(
    name: "peers", summary: "Compares our search with the peers' at equal recall, in alternation.",
    discussion: """
      Every index answers the same queries on one thread; what counts is CPU time. After a sweep of ef, rounds \
      measure each index at the two levels about every wished recall, one index after another; the rate at \
      that recall is interpolated (log rate over log of 1 − recall). Stated are the median ratio over the \
      rounds, the least and the greatest. Peers' indexes are built once and kept in the cache folder.
      """,
    positionals: [.init("SET", help: "A generated set such as face100k, face1m, gauss100k.")],
    options: SearchBenchmark.options + [CommonOptions.data],
    examples: [
      .init("gallerybench peers face100k --peers hnswlib,svs", "ratios at recall .90, .95 and .99"),
      .init(
        "gallerybench peers face1m --count 2000 --index face1m.index", "keeps our index for the next time"),
    ])

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let data = try DataSource.generated(
      arguments[CommonOptions.quick] ? "face5k" : arguments.positionals[0], arguments)
    return try SearchBenchmark.run(
      data, truth: nil, peers: try PeerList.names(arguments, usual: PeerList.installed), machine, arguments)
  }
}
