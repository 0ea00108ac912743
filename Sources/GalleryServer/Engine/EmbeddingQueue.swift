internal import FaceGallery
internal import Foundation

/// Embeds the chips of several callers in one go, on a thread of its own.
///
/// While a batch is computed the next one collects: batches grow with the load, and a lone caller waits for nobody.
final class EmbeddingQueue: @unchecked Sendable {
  private final class Job {
    let chips: [RGBImage]
    var result: Result<[Embedding], EngineError>?

    init(_ chips: [RGBImage]) { self.chips = chips }
  }

  private let engine: any ChipEngine
  private let maximumBatch: Int
  // Guards the variables below and the jobs' results.
  private let condition = NSCondition()
  private var jobs: [Job] = []
  private var counts = BatchingEngine.Statistics()
  private var isStopped = false

  init(_ engine: any ChipEngine, maximumBatch: Int) {
    self.engine = engine
    self.maximumBatch = maximumBatch
    let thread = Thread { [self] in while let batch = take() { run(batch) } }
    thread.name = "embedding"
    // Networks use more stack than a secondary thread's 512 KiB.
    thread.stackSize = 8 << 20
    thread.start()
  }

  var statistics: BatchingEngine.Statistics {
    condition.lock()
    defer { condition.unlock() }
    var counts = counts
    counts.waiting = jobs.reduce(0) { $0 + $1.chips.count }
    return counts
  }

  /// Embeds chips; waits for the batch that they are in.
  func embed(_ chips: [RGBImage]) throws(EngineError) -> [Embedding] {
    let job = Job(chips)
    condition.lock()
    guard !isStopped else {
      condition.unlock()
      throw EngineError(.internalFailure, "The engine was stopped.")
    }
    jobs.append(job)
    condition.broadcast()
    while job.result == nil { condition.wait() }
    let result = job.result
    condition.unlock()
    guard let result else { return [] }
    return try result.get()
  }

  /// Ends the thread when what waits is done.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
  }

  private func take() -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    while jobs.isEmpty, !isStopped { condition.wait() }
    guard !jobs.isEmpty else { return nil }
    var count = 0
    var size = 0
    while size < jobs.count, size == 0 || count + jobs[size].chips.count <= maximumBatch {
      count += jobs[size].chips.count
      size += 1
    }
    defer { jobs.removeFirst(size) }
    return Array(jobs.prefix(size))
  }

  private func run(_ batch: [Job]) {
    var results = embed(batch)
    // One caller's bad chip must not fail the others: each for itself then.
    if results == nil {
      results = batch.map { job in Result { () throws(EngineError) in try engine.embed(chips: job.chips) } }
    }
    condition.lock()
    defer { condition.unlock() }
    counts.batches += 1
    counts.faces += batch.reduce(0) { $0 + $1.chips.count }
    for (job, result) in zip(batch, results ?? []) { job.result = result }
    condition.broadcast()
  }

  /// The results of a batch; nil when it failed as a whole.
  private func embed(_ batch: [Job]) -> [Result<[Embedding], EngineError>]? {
    guard let all = try? engine.embed(chips: batch.flatMap(\.chips)) else { return nil }
    var rest = all[...]
    return batch.map { job in
      defer { rest = rest.dropFirst(job.chips.count) }
      return .success(Array(rest.prefix(job.chips.count)))
    }
  }
}
