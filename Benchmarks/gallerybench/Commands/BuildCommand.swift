import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `gallerybench build`: time, memory and sameness of builds.
enum BuildCommand: Subcommand {
  private static let counts = ValueOption<String>(
    "--thread-counts", placeholder: "LIST", help: "Thread counts to build with, by commas (1,2).")
  private static let rebuild = Flag(
    "--rebuild", help: "Build the peers anew instead of quoting their last build.")

  static let description = CommandDescription(
    name: "build", summary: "Times builds, on one thread and several, and compares their files.",
    options: [
      CommonOptions.size, CommonOptions.data, counts, CommonOptions.peers, rebuild, CommonOptions.degree,
      CommonOptions.effort,
    ],
    examples: [
      .init("gallerybench build --set face100k --peers hnswlib --rebuild", "beside hnswlib, both now")
    ])

  private struct Figures: Encodable {
    struct Build: Encodable {
      let index: String
      let threads: Int
      let cpu: Double
      let wall: Double
      let memory: Int
    }
    let set: String
    let vectors: Int
    let builds: [Build]
    let sameFile: Bool
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let data = try DataSource.generated(
      quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k", arguments)
    let threads = try CommonOptions.numbers(arguments[counts] ?? "1,2", of: "--thread-counts", in: 1...256)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gallerybench-\(UUID())")
    try Folders.make(folder)
    defer { try? FileManager.default.removeItem(at: folder) }

    var builds: [Figures.Build] = []
    var digests: Set<Data> = []
    for count in threads.map({ Int($0) }) {
      let ours = try OurIndex(data, arguments, threads: count)
      let build = ours.build ?? (0, 0)
      builds.append(
        .init(
          index: ours.name, threads: count, cpu: build.processor, wall: build.wall,
          memory: ours.index.statistics.memoryBytes))
      let file = folder.appendingPathComponent("\(count).index")
      try ours.index.save(to: file.path)
      // The whole file where it fits, as a set keeps one copy of equal ones.
      digests.insert(try Data(contentsOf: file, options: .mappedIfSafe))
    }
    for worker in try PeerList.started(
      try PeerList.names(arguments, usual: []), data, rebuild: arguments[rebuild])
    {
      builds.append(
        .init(
          index: "\(worker.name) \(worker.ready.version)", threads: worker.ready.threads,
          cpu: worker.ready.buildCPU, wall: worker.ready.buildWall, memory: worker.ready.memory))
    }
    var table = Table(
      .left("index"), .right("threads"), .right("CPU s"), .right("wall s"), .right("memory"),
      .right("CPU, ours = 1"))
    for build in builds {
      table.append([
        build.index, "\(build.threads)", Format.fixed(build.cpu, 1), Format.fixed(build.wall, 1),
        Format.bytes(build.memory), Format.fixed(build.cpu / max(builds[0].cpu, 1e-9), 2),
      ])
    }
    Terminal.print("\(data.name): \(data.base.count) × \(data.base.dimension)\n\n\(table.text)\n")
    Terminal.print("the same file on every thread count: \(digests.count == 1 ? "yes" : "no")\n")
    try Report.write(
      Figures(set: data.name, vectors: data.base.count, builds: builds, sameFile: digests.count == 1),
      machine,
      arguments)
    return digests.count == 1 ? .success : .no
  }
}
