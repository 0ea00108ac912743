/// Counts of similarities in narrow bins, from −1 to 1: enough to read rates and thresholds off.
struct SimilarityHistogram: Sendable {
  private(set) var counts = [Int](repeating: 0, count: SimilarityHistogram.bins)
  private(set) var total = 0

  static let bins = 1 << 18
  private static let width = 2 / Float(bins)

  mutating func add(_ similarity: Float) {
    counts[min(max(Int((similarity + 1) / Self.width), 0), Self.bins - 1)] += 1
    total += 1
  }

  /// The middle of a bin.
  static func similarity(of bin: Int) -> Double { (Double(bin) + 0.5) * Double(width) - 1 }

  /// The share that reaches a threshold.
  func rate(reaching threshold: Float) -> Double {
    let first = min(max(Int(((threshold + 1) / Self.width).rounded(.up)), 0), Self.bins)
    return Double(counts[first...].reduce(0, +)) / Double(total)
  }

  /// The least threshold that at most this share reaches.
  func threshold(rate: Double) -> Float {
    var reached = 0
    for bin in counts.indices.reversed() {
      reached += counts[bin]
      if Double(reached) > rate * Double(total) { return Float(bin + 1) * Self.width - 1 }
    }
    return -1
  }

  /// Whether all of these are greater than all others.
  func lies(above others: SimilarityHistogram) -> Bool {
    guard let least = counts.firstIndex(where: { $0 > 0 }),
      let greatest = others.counts.lastIndex(where: { $0 > 0 })
    else { return false }
    return least > greatest
  }

  /// The similarity below which half of them lie.
  var median: Float { threshold(rate: 0.5) }
}
