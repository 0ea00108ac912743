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
  /// Changes of the index's vectors until it was tuned.
  var changes = 0

  /// What a sample's recall has to be for the true one to be, in all likelihood, that wished for.
  static func safe(_ recall: Double) -> Double { recall + 0.5 * (1 - recall) }

  /// Whether the points hold for an index of `count` vectors after so many changes, and reach as far as a recall or a pool
  /// of `most`.
  func isFresh(count: Int, changes: Int, k: Int, recall: Double, upTo most: Int) -> Bool {
    guard let last = points.last, let then = self.count else { return false }
    let reaches = last.recall >= Self.safe(recall) || last.ef >= min(most, then)
    return reaches && k <= self.k && changes - self.changes < max(1, then)
  }

  /// The pool size for a recall, and the recall that it reached; less where none of the points reaches it.
  func effort(for recall: Double) -> Point? { points.first { $0.recall >= Self.safe(recall) } ?? points.last }
}

extension HNSWIndex {
  /// The pool size of searches that do not give one.
  func defaultEf(k: Int, recall: Double?) -> Int { effort(k: k, recall: recall).ef }

  /// The pool size of searches that do not give one, and the recall that it had when it was measured, if it was.
  func effort(k: Int, recall: Double?) -> (ef: Int, recall: Double?) {
    tuning.withLock { tuning in
      let wanted = recall ?? tuning.target
      let k = max(1, min(k, count))
      guard let point = tuning.effort(for: wanted) else {
        // A rule of thumb: misses fall about as the square root of the effort, which grows as the
        // root of the size from where 64 finds 0.99.
        let growth = max(1, Double(count) / 100_000).squareRoot()
        return (max(k + k / 2, Int(0.64 * growth / max(0.0025, 1 - wanted))), nil)
      }
      // Points of a file may be of any size. What they say is of the size that the index then had.
      let growth = max(1, Double(count) / Double(max(1, tuning.count ?? count))).squareRoot()
      let grown = min(Double(max(1, count)), Double(point.ef) * growth)
      return k <= tuning.k
        ? (Int(grown), point.recall)
        : (Int(min(Double(max(1, count)), grown * Double(k) / Double(tuning.k))), nil)
    }
  }

  /// Largest pool that tuning tries.
  private static let tunedUpTo = 4096

  /// Measures which ef reaches a recall and makes it the default of searches for about `k` neighbours.
  ///
  /// - Parameters:
  ///   - recall: Recall to reach, 0…1.
  ///   - k: Neighbours that searches usually ask for.
  /// - Returns: The recall that was reached, and with which ef: less than `recall` where 4,096 candidates do not suffice.
  /// - Complexity: Four hundred exact scans.
  /// - Throws: ``IndexError/invalidParameter(name:value:allowed:)``, ``IndexError/damaged(path:part:)``.
  @discardableResult
  public func tune(recall: Double, k: Int) throws(IndexError) -> RecallReport {
    guard (0...1).contains(recall) else {
      throw .invalidParameter(name: "recall", value: "\(recall)", allowed: "0 to 1")
    }
    return try tune(recall: recall, k: k, upTo: Self.tunedUpTo)
  }

  private func tune(recall: Double, k: Int, upTo most: Int) throws(IndexError) -> RecallReport {
    let k = max(1, min(k, count))
    let (size, changes) = (count, changes.load(ordering: .relaxed))
    let sample = try RecallSample(self, queries: 400, k: k)
    var points: [Tuning.Point] = []
    var report: RecallReport?
    var ef = max(8, k)
    while true {
      let measured = try sample.recall(of: self, ef: ef)
      points.append(.init(ef: ef, recall: max(0, measured.mean - measured.error)))
      if report?.recall ?? -1 < min(recall, measured.mean) {
        report = RecallReport(recall: measured.mean, queries: sample.queries.count, k: k, ef: ef)
      }
      if points.last?.recall ?? 1 >= Tuning.safe(recall) || ef >= min(count, most) { break }
      ef = min(ef + max(4, ef / 4), max(1, count), most)
    }
    tuning.withLock { $0 = Tuning(points: points, k: k, target: recall, count: size, changes: changes) }
    return report ?? RecallReport(recall: 1, queries: 0, k: k, ef: ef)
  }

  /// Tunes for a search that wishes a recall, unless that was done on an index of about this size.
  func tuneIfStale(k: Int, _ options: SearchOptions) throws(IndexError) {
    guard let recall = options.recall, options.ef == nil, options.plan != .exact, count > Self.smallCount,
      options.plan == .graph || recall < 1
    else { return }
    // A larger pool would cost more than the exact scan.
    let most = options.plan == .graph ? Self.tunedUpTo : max(64, count / Self.expansionCost)
    let k = max(1, min(k, 100))
    let (size, changes) = (count, changes.load(ordering: .relaxed))
    let before = tuning.withLock { tuning -> Tuning? in
      guard !tuning.isUnderWay,
        !tuning.isFresh(count: size, changes: changes, k: k, recall: recall, upTo: min(most, Self.tunedUpTo))
      else { return nil }
      tuning.isUnderWay = true
      return tuning
    }
    guard let before else { return }
    defer { tuning.withLock { ($0.target, $0.isUnderWay) = (before.target, false) } }
    let largest = before.points.isEmpty ? k : max(k, min(100, before.k))
    _ = try tune(recall: recall, k: largest, upTo: min(most, Self.tunedUpTo))
  }
}
