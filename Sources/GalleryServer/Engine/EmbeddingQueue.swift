internal import FaceGallery
internal import Support

/// Embeds the faces of several callers in one go, on threads of its own.
///
/// While a batch is computed the next one collects: batches grow with the load, and a lone caller waits for nobody. Who waits has a face
/// in the batch in turn (``EmbeddingTurns``), so that nobody waits for all faces of somebody else's photo. The
/// first thread takes whatever waits; the others help when there is more than a batch, so that they neither make batches
/// small nor, before they are needed, a copy of the network for themselves.
final class EmbeddingQueue: Sendable {
  /// Faces of a job that are in one batch.
  private struct Piece {
    let job: EmbeddingJob
    var range: Range<Int>
    var faces: ArraySlice<LocatedFace> { job.faces[range] }
  }

  private struct State {
    var turns = EmbeddingTurns()
    var counts = BatchingEngine.Statistics()
    var isStopped = false
    /// Whether the system gave no thread at all: callers embed their faces themselves.
    var hasNoThread = false

    /// Ends the jobs whose clients have left.
    mutating func dropCancelled() {
      for job in turns.remove(where: { $0.cancellation?.isCancelled == true }) {
        counts.waiting -= job.waiting
        job.fail(.cancelled)
      }
    }

    /// What a batch has room for.
    mutating func takePieces(_ room: Int) -> [Piece] {
      var pieces: [Piece] = []
      var places: [ObjectIdentifier: Int] = [:]
      for _ in 0..<room {
        guard let (job, face) = turns.takeFace() else { break }
        counts.waiting -= 1
        if let place = places[ObjectIdentifier(job)] {
          pieces[place].range = pieces[place].range.lowerBound..<face + 1
        } else {
          places[ObjectIdentifier(job)] = pieces.count
          pieces.append(Piece(job: job, range: face..<face + 1))
        }
      }
      return pieces
    }

    mutating func finish(_ piece: Piece, _ result: Result<[Embedding], EngineError>) {
      let waiting = piece.job.waiting
      piece.job.finish(piece.range, result)
      counts.faces += piece.range.count
      guard waiting > 0, piece.job.waiting == 0 else { return }
      // It failed: the rest of it is not embedded.
      counts.waiting -= waiting
      _ = turns.remove { $0 === piece.job }
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
    let job = EmbeddingJob(faces)
    try state.withLock { state throws(EngineError) in
      guard !state.isStopped else { throw EngineError(.internalFailure, "The engine was stopped.") }
      state.turns.add(job)
      state.counts.waiting += faces.count
    }
    let result = state.withLock(when: { _ in job.result != nil }, waking: .nobody) { _ in job.result }
    return try result?.get() ?? []
  }

  /// Ends the threads when what waits is done.
  func stop() { state.withLock { $0.isStopped = true } }

  /// What a batch has room for; nil when there is nothing more to come.
  private func take(atLeast least: Int) -> [Piece]? {
    state.withLock(when: { $0.counts.waiting >= least || $0.isStopped }) { [batch] state in
      state.dropCancelled()
      let pieces = state.takePieces(batch)
      return pieces.isEmpty && state.isStopped ? nil : pieces
    }
  }

  private func run(_ pieces: [Piece]) {
    guard !pieces.isEmpty else { return }
    var results = embed(pieces)
    // One caller's bad face must not fail the others: each for itself then.
    if results == nil {
      results = pieces.map { piece in
        Result { () throws(EngineError) in try embedding(Array(piece.faces)) }
      }
    }
    state.withLock { [results] state in
      state.counts.batches += 1
      for (piece, result) in zip(pieces, results ?? []) { state.finish(piece, result) }
    }
  }

  /// The results of a batch; nil when it failed as a whole.
  private func embed(_ pieces: [Piece]) -> [Result<[Embedding], EngineError>]? {
    guard let all = try? embedding(pieces.flatMap(\.faces)) else { return nil }
    var rest = all[...]
    return pieces.map { piece in
      defer { rest = rest.dropFirst(piece.range.count) }
      return .success(Array(rest.prefix(piece.range.count)))
    }
  }
}
