internal import Synchronization

/// How recall grew with ef when the index was last tuned.
struct Tuning: Sendable {
  struct Point: Sendable {
    var ef: Int
    var recall: Double
  }

  /// Rising in ef; empty until tuned.
  var points: [Point] = []
  var k = 10
  /// Recall that searches aim for when they do not say.
  var target = 0.99
  /// Vectors in the index when it was tuned, or opened as a tuned one.
  var count: Int?
  /// Whether a search is tuning.
  var isUnderWay = false

  /// Whether the points hold for an index of `count` vectors and reach as far as `recall`.
  func isFresh(count: Int, recall: Double) -> Bool {
    guard let last = points.last, let then = self.count else { return false }
    let reaches = last.recall >= min(recall, 0.995) || last.ef >= min(4096, then)
    return reaches && count < 4 * then && then < 4 * count
  }
}

extension HNSWIndex {
  /// The pool size of searches that do not give one.
  func defaultEf(k: Int, recall: Double?) -> Int {
    tuning.withLock { tuning in
      let wanted = recall ?? tuning.target
      let k = max(1, min(k, count))
      guard !tuning.points.isEmpty else {
        // A rule of thumb: misses fall about as the square root of the effort, which grows as the
        // root of the size from where 64 finds 0.99.
        let growth = max(1, Double(count) / 100_000).squareRoot()
        return max(k + k / 2, Int(0.64 * growth / max(0.0025, 1 - wanted)))
      }
      // A sample's recall may by chance be above the true one.
      let safe = wanted + 0.3 * (1 - wanted)
      let ef = (tuning.points.first { $0.recall >= safe } ?? tuning.points[tuning.points.count - 1]).ef
      // Points of a file may be of any size. What they say is of the size that the index then had.
      let growth = max(1, Double(count) / Double(max(1, tuning.count ?? count))).squareRoot()
      let grown = min(Double(max(1, count)), Double(ef) * growth)
      return k <= tuning.k
        ? Int(grown) : Int(min(Double(max(1, count)), grown * Double(k) / Double(tuning.k)))
    }
  }

  /// Measures which ef reaches a recall and makes it the default of searches for about `k` neighbours.
  ///
  /// - Parameters:
  ///   - recall: Recall to reach, 0…1.
  ///   - k: Neighbours that searches usually ask for.
  /// - Returns: The recall that was reached, and with which ef: less than `recall` where 4,096 candidates do not suffice.
  /// - Complexity: Two hundred exact scans.
  /// - Throws: ``IndexError/invalidParameter(name:value:allowed:)``, ``IndexError/damaged(path:part:)``.
  @discardableResult
  public func tune(recall: Double, k: Int) throws(IndexError) -> RecallReport {
    guard (0...1).contains(recall) else {
      throw .invalidParameter(name: "recall", value: "\(recall)", allowed: "0 to 1")
    }
    let k = max(1, min(k, count))
    let sample = try RecallSample(self, queries: 100, k: k)
    var points: [Tuning.Point] = []
    var ef = max(8, k)
    while true {
      let measured = try sample.recall(of: self, ef: ef)
      points.append(.init(ef: ef, recall: measured))
      if measured >= max(recall, 0.995) || ef >= count || ef >= 4096 { break }
      ef += max(4, ef / 4)
    }
    let size = count
    tuning.withLock { $0 = Tuning(points: points, k: k, target: recall, count: size) }
    let reached = points.first { $0.recall >= recall } ?? points[points.count - 1]
    return RecallReport(recall: reached.recall, queries: sample.queries.count, k: k, ef: reached.ef)
  }

  /// Tunes for a search that wishes a recall, unless that was done on an index of about this size.
  func tuneIfStale(k: Int, _ options: SearchOptions) throws(IndexError) {
    guard let recall = options.recall, options.ef == nil, options.plan != .exact, count > Self.smallCount
    else { return }
    let isMine = tuning.withLock { tuning in
      guard !tuning.isFresh(count: count, recall: recall), !tuning.isUnderWay else { return false }
      tuning.isUnderWay = true
      return true
    }
    guard isMine else { return }
    let target = tuning.withLock { $0.target }
    defer { tuning.withLock { ($0.target, $0.isUnderWay) = (target, false) } }
    try tune(recall: recall, k: max(1, min(k, 100)))
  }
}
