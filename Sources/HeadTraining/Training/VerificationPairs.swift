internal import FaceEngine
internal import FaceEvaluation
internal import Support

/// Pairs of faces of some people: all of one person among the first ten photos each, and as many of two people.
struct VerificationPairs {
  typealias Pair = (first: Int, second: Int, isSame: Bool)
  private(set) var pairs: [Pair] = []

  /// Pairs of one person at most.
  private static let limit = 3_000

  init(_ groups: [[Int]], seed: UInt64) {
    var generator = SplitMix64(seed ^ 0x9A12)
    for group in groups {
      let few = group.prefix(10)
      for (place, first) in few.enumerated() {
        for second in few.dropFirst(place + 1) { pairs.append((first, second, true)) }
      }
    }
    pairs.shuffle(using: &generator)
    pairs = Array(pairs.prefix(Self.limit))
    guard groups.count >= 2 else { return }
    for _ in pairs.indices {
      let one = Int.random(in: 0..<groups.count, using: &generator)
      let other = (one + Int.random(in: 1..<groups.count, using: &generator)) % groups.count
      guard let first = groups[one].randomElement(using: &generator),
        let second = groups[other].randomElement(using: &generator)
      else { continue }
      pairs.append((first, second, false))
    }
    pairs.shuffle(using: &generator)
  }

  /// Verification in two folds, each with the other's threshold.
  func report(_ vectors: [Int: ArraySlice<Float>]) -> VerificationReport {
    let judged = judged(vectors)
    let half = judged.count / 2
    return VerificationReport([Array(judged[..<half]), Array(judged[half...])], missing: 0)
  }

  /// The threshold that answers most pairs rightly.
  func bestThreshold(_ vectors: [Int: ArraySlice<Float>]) -> Float {
    VerificationReport.bestThreshold(judged(vectors))
  }

  /// The threshold that answers most pairs rightly, by any similarity.
  func bestThreshold(_ similarity: (Int, Int) -> Float) -> Float {
    VerificationReport.bestThreshold(pairs.map { (similarity($0.first, $0.second), $0.isSame) })
  }

  private func judged(_ vectors: [Int: ArraySlice<Float>]) -> [VerificationReport.Judged] {
    pairs.map { pair in
      guard let first = vectors[pair.first], let second = vectors[pair.second] else {
        return (-1, pair.isSame)
      }
      return (UnitVectors.similarity(first, second), pair.isSame)
    }
  }
}
