import BenchmarkKit
import Console
import FaceEngine
import FaceGallery
import Foundation

/// `galleryscale step`: one step in this process, its figures as one line of JSON.
enum StepCommand: Subcommand {
  static let description = CommandDescription(
    name: "step", summary: "Runs one step in this process; run starts these.",
    positionals: [.init("STEP", help: "The step."), .init("FACES", help: "The gallery's size.")],
    options: [RunCommand.folder],
    examples: [.init("galleryscale step open 1m --folder /tmp/scale", "opens the gallery once more")])

  /// Things done one by one, where each takes a while.
  private static let some = 1000
  private static let fingerprint = EngineFingerprint(
    alignment: "none", weightsDigest: "generated", preprocessing: "none", normalization: "unit length",
    dimension: 128)

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let step = Step(rawValue: arguments.positionals[0]) else {
      throw InputError("There is no step \(arguments.positionals[0]).")
    }
    let folder = URL(filePath: RunCommand.folder(arguments), directoryHint: .isDirectory)
    let figures = try figures(
      step, faces: arguments.positionals[1], at: folder.appending(path: "gallery"), folder)
    report(figures)
    return .success
  }

  private static func report(_ figures: StepFigures) {
    let json = (try? JSONEncoder().encode(figures)) ?? Data()
    FileHandle.standardOutput.write(json + Data("\n".utf8))
  }

  private static func open(_ url: URL) throws -> Gallery {
    try Gallery.open(at: url, options: GalleryOptions(fingerprint: fingerprint))
  }

  private static func embedding(_ set: VectorSet, _ row: Int) throws -> Embedding {
    try Embedding(normalizing: Array(set.values[row * 128..<(row + 1) * 128]))
  }

  /// Has the system take a file out of its page cache.
  private static func forget(_ path: String) {
    let descriptor = Glibc.open(path, O_RDONLY)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    fsync(descriptor)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  private static let byPerson = QueryOptions(k: 5, threshold: 0.7)

  private static func figures(
    _ step: Step, faces: String, at url: URL, _ folder: URL
  ) throws -> StepFigures {
    var figures = StepFigures(step: step.rawValue, seconds: 0, count: 1, memory: 0, note: "")
    let all = try SetRecipe(name: "face\(faces)", queries: some)
    func timed(_ body: () throws -> Void) rethrows {
      let watch = Stopwatch()
      try body()
      figures.seconds = watch.wall
    }
    func each(_ count: Int, _ body: (Int) throws -> Void) rethrows {
      var times: [Double] = []
      try timed {
        for number in 0..<count {
          let watch = Stopwatch()
          try body(number)
          times.append(watch.wall * 1000)
        }
      }
      times.sort()
      figures.count = count
      (figures.median, figures.worst) = (times[count / 2], times[min(count - 1, count * 99 / 100)])
    }
    func addAll(_ set: GeneratedSet, _ gallery: Gallery, prefix: String) throws {
      let count = set.identities.count
      // So few commits that the index is not built beside them: that is a step of its own.
      let length = max(10_000, count / 50)
      for start in stride(from: 0, to: count, by: length) {
        let rows = start..<min(start + length, count)
        _ = try gallery.add(
          rows.map { ("\(prefix) \(set.identities[$0])", try embedding(set.base, $0)) })
      }
    }
    func few(seed: UInt64, count: Int) throws -> GeneratedSet {
      GeneratedSet(try SetRecipe(name: "face\(max(count, 10))", queries: 1, seed: seed))
    }
    func probes() throws -> [Embedding] {
      let set = try SetRecipe(name: "face1k", queries: some, seed: 7)
      let queries = GeneratedSet(set).queries
      return try (0..<some).map { try embedding(queries, $0) }
    }

    _ = StepFigures.peakMemory
    switch step {
    case .fill:
      let set = GeneratedSet(all)
      let gallery = try open(url)
      try timed { try addAll(set, gallery, prefix: "Person") }
      figures.count = all.count
    case .index:
      let gallery = try open(url)
      try timed { try gallery.rebuildIndex() }
      figures.count = all.count
      let info = try gallery.info()
      figures.note = "\(info.index.memoryBytes / max(info.index.count, 1)) bytes a face"
    case .open, .openCold, .reopen, .lostReopen:
      let probe = try probes()[0]
      if step == .openCold {
        for name in ["data.mdb", "index.snapshot"] { forget(url.appending(path: name).path) }
      }
      var plan = ""
      // The generator's threads go on spinning for a while before they sleep.
      usleep(300_000)
      try timed { plan = try open(url).query(probe, options: byPerson).plan }
      figures.note = plan
    case .query, .queryBest, .queryTenth, .queryHundredth:
      let probes = try probes()
      let gallery = try open(url)
      var options = byPerson
      if step == .queryBest { options.rule = .bestFace }
      if step == .queryTenth { options.conditions = [TagCondition(key: "group", value: nil)] }
      if step == .queryHundredth { options.conditions = [TagCondition(key: "group", value: "1")] }
      let watch = Stopwatch()
      _ = try gallery.query(probes[0], options: options)
      let first = watch.wall * 1000
      // The first ones bring pages in from the file; that is what the steps that open the gallery tell.
      for probe in probes { _ = try gallery.query(probe, options: options) }
      try each(some) { _ = try gallery.query(probes[$0], options: options) }
      figures.note =
        try gallery.query(probes[0], options: options).plan + "; first \(Format.fixed(first, 1)) ms"
    case .tag:
      let gallery = try open(url)
      let people = try gallery.info().people
      try each(max(1, people / 10)) { number in
        let person = PersonID(rawValue: UInt64(number * 10 + 1))
        try gallery.tag(person, ["group": number.isMultiple(of: 10) ? "1" : "2"])
      }
    case .add:
      let set = try few(seed: 11, count: some)
      let gallery = try open(url)
      try each(some) { _ = try gallery.add(embedding(set.base, $0), as: "\(step) \($0)") }
      let watch = Stopwatch()
      let answer = try gallery.query(embedding(set.base, some - 1), options: byPerson)
      figures.note =
        answer.candidates.first?.name == "\(step) \(some - 1)" ? "" : "the last one is not found; "
      figures.note += "query after: \(Format.fixed(watch.wall * 1000, 1)) ms"
    case .delete:
      let gallery = try open(url)
      try each(some) { try gallery.remove(FaceID(rawValue: UInt64($0 * 7 + 1))) }
    case .crash:
      let set = try few(seed: 13, count: all.count / 10)
      let gallery = try open(url)
      try timed { try addAll(set, gallery, prefix: "Late") }
      figures.count = set.identities.count
      figures.memory = StepFigures.peakMemory
      report(figures)
      kill(getpid(), SIGKILL)
    case .checkCrashed:
      let gallery = try open(url)
      let info = try gallery.info()
      figures.count = info.faces
      figures.note = "tail \(info.tail) changes, snapshot \(info.snapshot.state)"
    case .follow:
      let gallery = try open(url)
      try timed { try gallery.saveSnapshot() }
      figures.count = all.count / 10
    case .check:
      let gallery = try open(url)
      var report: HealthReport?
      try timed { report = try gallery.check() }
      figures.count = report?.faces ?? 0
      let recall = report?.recall.map { ", recall \(Format.fixed(Double($0) * 100, 1)) %" } ?? ""
      figures.note =
        (report?.isHealthy == true ? "healthy" : "\(report?.findings.count ?? 0) findings")
        + ", \(report?.withoutChecksum ?? 0) records without checksum" + recall
    case .backup:
      let gallery = try open(url)
      let copy = folder.appending(path: "backup")
      try? FileManager.default.removeItem(at: copy)
      try timed { try gallery.backup(to: copy) }
      figures.count = try gallery.info().faces
      try? FileManager.default.removeItem(at: copy)
    case .lost:
      try FileManager.default.removeItem(at: url.appending(path: "index.snapshot"))
    }
    figures.memory = StepFigures.peakMemory
    return figures
  }
}
