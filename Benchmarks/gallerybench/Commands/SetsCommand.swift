import BenchmarkKit
import Console
import Foundation

/// `gallerybench sets NAME OUT`: writes a generated set and says what it looks like.
enum SetsCommand: Subcommand {
  private static let queries = ValueOption<Int>(
    "--queries", placeholder: "N", help: "Query vectors; else as usual for the kind.",
    where: ("above 0", { $0 > 0 }))
  private static let seed = ValueOption<UInt64>(
    "--seed", placeholder: "N", help: "Another seed, another set.")

  static let description = CommandDescription(
    name: "sets", summary: "Makes a seeded set of vectors.",
    discussion: """
      NAME is a kind and a size: face (five images of each identity), facecone (the same around a common direction, \
      as the embeddings of a real network lie), facedup (a hundred near-duplicates of \
      each), gauss (independent directions); face100k, face1m, facedup100k, gauss100k. Writes NAME.base.npy, \
      NAME.query.npy and, for faces, the identities as NAME.ids.npy and NAME.qids.npy.
      """,
    positionals: [.init("NAME", help: "Kind and size."), .init("OUT", help: "The folder to write to.")],
    options: [queries, seed],
    examples: [.init("gallerybench sets face100k /tmp/sets", "100,000 vectors and 10,000 queries")])

  private struct Figures: Encodable {
    let set: String
    let count: Int
    let seconds: Double
    let statistics: SetStatistics
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let recipe = try SetRecipe(
      name: arguments.positionals[0], queries: arguments[queries], seed: arguments[seed] ?? 20_261_124)
    let folder = URL(fileURLWithPath: arguments.positionals[1])
    try Folders.make(folder)
    let watch = Stopwatch()
    let set = GeneratedSet(recipe)
    let seconds = watch.wall
    try SetFiles(name: recipe.name, folder: folder).write(set)
    let statistics = SetStatistics(set)
    Terminal.print(
      "\(recipe.name): \(set.base.count) vectors and \(set.queries.count) queries in \(Format.duration(seconds))\n"
    )
    var table = Table(.left("cosine of"), .right("mean"), .right("deviation"), .right("99.9 %"))
    if !set.identities.isEmpty {
      table.append([
        "two images of one identity", Format.fixed(statistics.sameMean, 3),
        Format.fixed(statistics.sameDeviation, 3),
      ])
    }
    table.append([
      "different identities", Format.fixed(statistics.differentMean, 3),
      Format.fixed(statistics.differentDeviation, 3), Format.fixed(statistics.different999, 3),
    ])
    Terminal.print(table.text)
    Terminal.print("participation ratio \(Format.fixed(statistics.participationRatio, 1))\n")
    try Report.write(
      Figures(set: recipe.name, count: set.base.count, seconds: seconds, statistics: statistics), machine,
      arguments)
    return .success
  }
}
