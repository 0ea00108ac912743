internal import FaceGallery
internal import Support

/// Embeds the faces of several callers in one go, on threads of its own.
///
/// While a batch is computed the next one collects: batches grow with the load, and a lone caller waits for nobody. The
/// first thread takes whatever waits; the others help when there is more than a batch, so that they neither make batches
/// small nor, before they are needed, a copy of the network for themselves.
final class EmbeddingQueue: Sendable {
  // Safe to share because the result is set and read in the queue's lock only.
  private final class Job: @unchecked Sendable {
    let faces: [LocatedFace]
    /// Whether anybody still waits for them.
    let cancellation = Cancellation.current
    var result: Result<[Embedding], EngineError>?

    init(_ faces: [LocatedFace]) { self.faces = faces }
  }

  private struct State {
    var jobs: [Job] = []
    var counts = BatchingEngine.Statistics()
    var isStopped = false
    /// Whether the system gave no thread at all: callers embed their faces themselves.
    var hasNoThread = false

    /// Ends the jobs whose clients have left.
    mutating func dropCancelled() {
      for job in jobs where job.cancellation?.isCancelled == true {
        job.result = .failure(EngineError.cancelled)
        counts.waiting -= job.faces.count
      }
      jobs.removeAll { $0.result != nil }
    }
  }

  private let batch: Int
  private let embedding: @Sendable ([LocatedFace]) throws(EngineError) -> [Embedding]
  private let state = Monitor(State())

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
        if index == 0 { state.withLock { $0.hasNoThread = true } }
        break
      }
    }
  }

  var statistics: BatchingEngine.Statistics { state.withLock(waking: .nobody) { $0.counts } }

  /// Embeds faces; waits for the batches that they are in.
  func embed(_ faces: [LocatedFace]) throws(EngineError) -> [Embedding] {
    if faces.isEmpty { return [] }
    if state.withLock(waking: .nobody, { $0.hasNoThread }) { return try embedding(faces) }
    let parts = stride(from: 0, to: faces.count, by: batch).map {
      Job(Array(faces[$0..<min($0 + batch, faces.count)]))
    }
    try state.withLock { state throws(EngineError) in
      guard !state.isStopped else { throw EngineError(.internalFailure, "The engine was stopped.") }
      state.jobs += parts
      state.counts.waiting += faces.count
    }
    let results = state.withLock(
      when: { _ in parts.allSatisfy { $0.result != nil } }, waking: .nobody
    ) { _ in parts.compactMap(\.result) }
    var embeddings: [Embedding] = []
    for result in results { embeddings += try result.get() }
    return embeddings
  }

  /// Ends the threads when what waits is done.
  func stop() { state.withLock { $0.isStopped = true } }

  /// What a batch has room for; nil when there is nothing more to come.
  private func take(atLeast least: Int) -> [Job]? {
    state.withLock(when: { $0.counts.waiting >= least || $0.isStopped }) { [batch] state in
      state.dropCancelled()
      guard !state.jobs.isEmpty else { return state.isStopped ? nil : [] }
      var count = 0
      var size = 0
      while size < state.jobs.count, count + state.jobs[size].faces.count <= batch {
        count += state.jobs[size].faces.count
        size += 1
      }
      state.counts.waiting -= count
      defer { state.jobs.removeFirst(size) }
      return Array(state.jobs.prefix(size))
    }
  }

  private func run(_ jobs: [Job]) {
    guard !jobs.isEmpty else { return }
    var results = embed(jobs)
    // One caller's bad face must not fail the others: each for itself then.
    if results == nil {
      results = jobs.map { job in Result { () throws(EngineError) in try embedding(job.faces) } }
    }
    state.withLock { [results] state in
      state.counts.batches += 1
      state.counts.faces += jobs.reduce(0) { $0 + $1.faces.count }
      for (job, result) in zip(jobs, results ?? []) { job.result = result }
    }
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
