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
}

extension HNSWIndex {
  /// The pool size of searches that do not give one.
  func defaultEf(k: Int, recall: Double?) -> Int {
    tuning.withLock { tuning in
      let wanted = recall ?? tuning.target
      guard !tuning.points.isEmpty else {
        // A rule of thumb: misses fall about as the square root of the effort.
        return max(k + k / 2, Int(0.64 / max(0.0025, 1 - wanted)))
      }
      let ef = (tuning.points.first { $0.recall >= wanted } ?? tuning.points[tuning.points.count - 1]).ef
      return k <= tuning.k ? ef : ef * k / tuning.k
    }
  }

  /// Measures which ef reaches a recall and makes it the default of searches for about `k` neighbours.
  ///
  /// - Parameters:
  ///   - recall: Recall to reach, 0…1.
  ///   - k: Neighbours that searches usually ask for.
  /// - Complexity: Some tens of exact scans.
  public func tune(recall: Double, k: Int) {
    let k = max(1, k)
    var points: [Tuning.Point] = []
    var ef = max(8, k)
    while true {
      let measured = measureRecall(sample: 100, k: k, ef: ef).recall
      points.append(.init(ef: ef, recall: measured))
      if measured >= max(recall, 0.995) || ef >= count || ef >= 4096 { break }
      ef += max(4, ef / 4)
    }
    tuning.withLock { $0 = Tuning(points: points, k: k, target: min(1, max(0, recall))) }
  }
}
