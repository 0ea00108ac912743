import BenchmarkKit
import Console
import Foundation
import VectorIndex

/// `gallerybench open`: from a saved index to the first answer.
enum OpenCommand: Subcommand {
  static let description = CommandDescription(
    name: "open", summary: "Times opening a saved index up to the first answer, beside hnswlib's load.",
    discussion: "Warm: the file is in the page cache. Cold: the file's pages were dropped before. Wall time.",
    options: [
      CommonOptions.size, CommonOptions.data, CommonOptions.index, CommonOptions.peers, CommonOptions.rounds,
      CommonOptions.threads,
    ],
    examples: [.init("gallerybench open --set face1m --index face1m.index", "milliseconds at a million")])

  private struct Figures: Encodable {
    let set: String
    let vectors: Int
    let fileBytes: Int
    let milliseconds: [String: Double]
    let damageFound: Int
    let damageTried: Int
  }

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let machine = MachineReport.printed()
    let quick = arguments[CommonOptions.quick]
    let data = try DataSource.generated(
      quick ? "face5k" : arguments[CommonOptions.size] ?? "face100k", arguments)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gallerybench-\(UUID())")
    try Folders.make(folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("saved.index")
    let query = data.queries[0]
    try OurIndex(data, arguments).index.save(to: file.path)

    let opened = { (mode: HNSWIndex.OpenMode) in
      let watch = Stopwatch()
      let index = try HNSWIndex.open(file.path, mode: mode)
      let answer = try index.search(query, k: 10, options: SearchOptions(ef: 100, plan: .graph))
      let seconds = watch.wall
      guard answer.neighbors.count == min(10, data.base.count) else {
        throw InputError("\(file.path) answered short after opening.")
      }
      return seconds * 1000
    }
    var tasks: [(name: String, milliseconds: () throws -> Double)] = [
      ("mapped, warm", { try opened(.map) }),
      (
        "mapped, cold",
        {
          try dropPages(of: file)
          return try opened(.map)
        }
      ),
      ("loaded, warm", { try opened(.load) }),
    ]
    for worker in try PeerList.started(try PeerList.names(arguments, usual: ["hnswlib"]), data) {
      tasks.append(("\(worker.name) \(worker.ready.version), warm", { try worker.load().wall * 1000 }))
    }
    // The first turn of each pays for page faults and cold caches.
    for task in tasks { _ = try task.milliseconds() }
    var samples = Array(repeating: [Double](), count: tasks.count)
    for _ in 0..<(arguments[CommonOptions.rounds] ?? (quick ? 1 : 5)) {
      for (index, task) in tasks.enumerated() { samples[index].append(try task.milliseconds()) }
    }
    let size = (try? Data(contentsOf: file, options: .mappedIfSafe).count) ?? 0
    var table = Table(
      .left("opening"), .right("ms to the first answer"), .right("spread ±"), .right("times ours"))
    let first = Sample(samples[0]).median
    for (index, task) in tasks.enumerated() {
      let sample = Sample(samples[index])
      table.append([
        task.name, Format.fixed(sample.median, 2), Format.fixed(sample.spread * 100, 0) + " %",
        Format.fixed(sample.median / first, 1),
      ])
    }
    Terminal.print(
      "\(data.name): \(data.base.count) vectors in a file of \(Format.bytes(size))\n\n\(table.text)\n")

    let (found, tried) = try damageFound(in: file, size: size)
    Terminal.print("single flipped bytes found: \(found) of \(tried)\n")
    try Report.write(
      Figures(
        set: data.name, vectors: data.base.count, fileBytes: size,
        milliseconds: Dictionary(
          uniqueKeysWithValues: zip(tasks.map(\.name), samples.map { Sample($0).median })),
        damageFound: found, damageTried: tried), machine, arguments)
    return found == tried ? .success : .no
  }

  private static func dropPages(of file: URL) throws(InputError) {
    let descriptor = open(file.path, O_RDONLY)
    guard descriptor >= 0 else { throw InputError("\(file.path) cannot be opened.") }
    defer { close(descriptor) }
    fsync(descriptor)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  /// Flips bytes across the file, one at a time, and counts how many openings notice.
  private static func damageFound(in file: URL, size: Int) throws -> (found: Int, tried: Int) {
    let tried = 8
    var found = 0
    let handle = try FileHandle(forUpdating: file)
    defer { try? handle.close() }
    for part in 0..<tried {
      let offset = UInt64(size / tried * part + size / (2 * tried))
      try handle.seek(toOffset: offset)
      let original = try handle.read(upToCount: 1) ?? Data()
      let flip = { (bytes: Data) in
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: bytes)
      }
      try flip(Data(original.map { $0 ^ 0x10 }))
      do { try HNSWIndex.open(file.path).verify() } catch { found += 1 }
      try flip(original)
    }
    return (found, tried)
  }
}
