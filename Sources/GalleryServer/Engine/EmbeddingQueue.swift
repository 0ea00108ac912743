internal import FaceGallery
internal import Foundation
internal import HTTPServing
internal import Support

/// Embeds the faces of several callers in one go, on threads of its own.
///
/// While a batch is computed the next one collects: batches grow with the load, and a lone caller waits for nobody. The
/// first thread takes whatever waits; the others help when there is more than a batch, so that they neither make batches
/// small nor, before they are needed, a copy of the network for themselves.
final class EmbeddingQueue: @unchecked Sendable {
  private final class Job {
    let faces: [LocatedFace]
    /// Whether anybody still waits for them.
    let cancellation = Cancellation.current
    var result: Result<[Embedding], EngineError>?

    init(_ faces: [LocatedFace]) { self.faces = faces }
  }

  private let batch: Int
  private let embedding: @Sendable ([LocatedFace]) throws(EngineError) -> [Embedding]
  // Guards the variables below and the jobs' results.
  private let condition = NSCondition()
  private var jobs: [Job] = []
  private var counts = BatchingEngine.Statistics()
  private var isStopped = false
  /// Whether the system gave no thread at all: callers embed their faces themselves. Set by `init` only.
  private var hasNoThread = false

  /// - Parameters:
  ///   - batch: At most so many faces are embedded at a time.
  ///   - threads: How many batches are computed at a time.
  ///   - embedding: Embeds the faces of a batch.
  init(
    batch: Int, threads: Int,
    embedding: @escaping @Sendable ([LocatedFace]) throws(EngineError) -> [Embedding]
  ) {
    self.batch = max(1, batch)
    self.embedding = embedding
    for index in 0..<max(1, threads) {
      let least = index == 0 ? 1 : self.batch
      let starts = WorkerThread.start("embedding") { [self] in
        while let jobs = take(atLeast: least) { run(jobs) }
      }
      guard starts else {
        hasNoThread = index == 0
        break
      }
    }
  }

  var statistics: BatchingEngine.Statistics {
    condition.lock()
    defer { condition.unlock() }
    return counts
  }

  /// Embeds faces; waits for the batches that they are in.
  func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    if faces.isEmpty { return [] }
    if hasNoThread { return try embedding(faces) }
    let parts = stride(from: 0, to: faces.count, by: batch).map {
      Job(Array(faces[$0..<min($0 + batch, faces.count)]))
    }
    condition.lock()
    guard !isStopped else {
      condition.unlock()
      throw EngineError(.internalFailure, "The engine was stopped.")
    }
    jobs += parts
    counts.waiting += faces.count
    condition.broadcast()
    while parts.contains(where: { $0.result == nil }) { condition.wait() }
    let results = parts.compactMap(\.result)
    condition.unlock()
    var embeddings: [Embedding] = []
    for result in results { embeddings += try result.get() }
    return embeddings
  }

  /// Ends the threads when what waits is done.
  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
  }

  private func take(atLeast least: Int) -> [Job]? {
    condition.lock()
    defer { condition.unlock() }
    while counts.waiting < least, !isStopped { condition.wait() }
    dropCancelled()
    guard !jobs.isEmpty else { return isStopped ? nil : [] }
    var count = 0
    var size = 0
    while size < jobs.count, count + jobs[size].faces.count <= batch {
      count += jobs[size].faces.count
      size += 1
    }
    counts.waiting -= count
    defer { jobs.removeFirst(size) }
    return Array(jobs.prefix(size))
  }

  /// Ends the jobs whose clients have left; in the lock.
  private func dropCancelled() {
    guard jobs.contains(where: { $0.cancellation?.isCancelled == true }) else { return }
    for job in jobs where job.cancellation?.isCancelled == true {
      job.result = .failure(EngineError(.internalFailure, "The client left before its faces were embedded."))
      counts.waiting -= job.faces.count
    }
    jobs.removeAll { $0.result != nil }
    condition.broadcast()
  }

  private func run(_ jobs: [Job]) {
    guard !jobs.isEmpty else { return }
    var results = embed(jobs)
    // One caller's bad face must not fail the others: each for itself then.
    if results == nil {
      results = jobs.map { job in Result { () throws(EngineError) in try embedding(job.faces) } }
    }
    condition.lock()
    defer { condition.unlock() }
    counts.batches += 1
    counts.faces += jobs.reduce(0) { $0 + $1.faces.count }
    for (job, result) in zip(jobs, results ?? []) { job.result = result }
    condition.broadcast()
  }

  /// The results of a batch; nil when it failed as a whole.
  private func embed(_ jobs: [Job]) -> [Result<[Embedding], EngineError>]? {
    guard let all = try? embedding(jobs.flatMap(\.faces)) else { return nil }
    var rest = all[...]
    return jobs.map { job in
      defer { rest = rest.dropFirst(job.faces.count) }
      return .success(Array(rest.prefix(job.faces.count)))
    }
  }
}
