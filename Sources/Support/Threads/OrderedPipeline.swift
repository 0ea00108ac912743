/// Works on items with several threads and hands the results over in the order of the items, with a bounded
/// number of items under way.
public final class OrderedPipeline<Output: Sendable>: Sendable {
  private struct State {
    var results: [Int: Output] = [:]
    var nextToStart = 0
    var nextToHandOver = 0
    var isStopped = false
  }

  private let state = Monitor(State())
  private let count: Int
  private let window: Int
  private let work: @Sendable (Int) -> Output

  /// A pipeline that has not begun.
  ///
  /// - Parameters:
  ///   - count: How many items there are.
  ///   - window: How many items may be ahead of the one handed over last.
  ///   - work: What is done with an item, on one of the threads.
  public init(count: Int, window: Int, work: @escaping @Sendable (Int) -> Output) {
    self.count = count
    self.window = window
    self.work = work
  }

  /// Runs all items, calling `consume` on this thread with results in order, several at a time.
  ///
  /// - Throws: What `consume` throws; items that are under way are finished first, and no others begun.
  public func run(threads: Int, maximumBatch: Int, _ consume: ([Output]) throws -> Void) rethrows {
    let finished = Countdown()
    var started = 0
    for _ in 0..<max(1, min(threads, count)) {
      finished.add()
      let starts = WorkerThread.start("photos") { [self] in
        while let item = takeItem() { put(work(item), for: item) }
        finished.subtract()
      }
      guard starts else {
        finished.subtract()
        break
      }
      started += 1
    }
    if started == 0 { return try runAlone(consume) }
    defer {
      stop()
      finished.wait()
    }
    while let batch = takeBatch(maximumBatch) { try consume(batch) }
  }

  /// Runs all items on this thread: the system has no more threads.
  private func runAlone(_ consume: ([Output]) throws -> Void) rethrows {
    for item in 0..<count { try consume([work(item)]) }
  }

  private func takeItem() -> Int? {
    state.withLock(
      when: { [count, window] in
        $0.isStopped || $0.nextToStart >= count || $0.nextToStart < $0.nextToHandOver + window
      }, waking: .nobody
    ) { state in
      guard !state.isStopped, state.nextToStart < count else { return nil }
      state.nextToStart += 1
      return state.nextToStart - 1
    }
  }

  private func put(_ output: Output, for item: Int) { state.withLock { $0.results[item] = output } }

  private func takeBatch(_ maximum: Int) -> [Output]? {
    state.withLock(
      when: { [count] in $0.nextToHandOver >= count || $0.results[$0.nextToHandOver] != nil }
    ) { state in
      guard state.nextToHandOver < count else { return nil }
      var batch: [Output] = []
      while batch.count < maximum, let output = state.results.removeValue(forKey: state.nextToHandOver) {
        batch.append(output)
        state.nextToHandOver += 1
      }
      return batch
    }
  }

  private func stop() { state.withLock { $0.isStopped = true } }
}
