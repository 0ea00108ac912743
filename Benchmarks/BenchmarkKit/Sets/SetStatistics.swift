/// What a set of face embeddings looks like in figures.
public struct SetStatistics: Sendable, Codable {
  /// Mean and standard deviation of the cosine of two images of one identity.
  public let sameMean: Double, sameDeviation: Double
  /// Mean, standard deviation and 99.9 % quantile of the cosine of images of two identities.
  public let differentMean: Double, differentDeviation: Double, different999: Double
  /// (Σλ)² / Σλ² over the eigenvalues of the covariance: how many dimensions the set fills.
  public let participationRatio: Double

  /// Measures up to 20,000 pairs and 20,000 rows of a set, chosen by `seed`.
  ///
  /// Figures of a set without identities leave the same-identity pair at 0.
  public init(_ set: GeneratedSet, seed: UInt64 = 1) {
    let base = set.base
    var random = SeededRandom(seed: seed)
    var rowsOf: [Int32: [Int]] = [:]
    for (row, identity) in set.identities.enumerated().prefix(200_000) {
      rowsOf[identity, default: []].append(row)
    }
    var same: [Double] = []
    for rows in rowsOf.values.sorted(by: { $0[0] < $1[0] }) where rows.count > 1 && same.count < 20_000 {
      same.append(Self.dot(base, rows[0], rows[1]))
    }
    var different: [Double] = []
    for _ in 0..<20_000 {
      let a = Int.random(in: 0..<base.count, using: &random)
      let b = Int.random(in: 0..<base.count, using: &random)
      if a == b || (!set.identities.isEmpty && set.identities[a] == set.identities[b]) { continue }
      different.append(Self.dot(base, a, b))
    }
    sameMean = Sample(same).mean
    sameDeviation = Sample(same).standardDeviation
    differentMean = Sample(different).mean
    differentDeviation = Sample(different).standardDeviation
    different999 = Sample(different).quantile(0.999)
    participationRatio = Self.participationRatio(base.prefix(20_000))
  }

  private static func dot(_ set: VectorSet, _ a: Int, _ b: Int) -> Double {
    let d = set.dimension
    var sum = 0.0
    for axis in 0..<d { sum += Double(set.values[a * d + axis] * set.values[b * d + axis]) }
    return sum
  }

  /// By trace and Frobenius norm of the covariance, which need no eigenvalues.
  private static func participationRatio(_ set: VectorSet) -> Double {
    let d = set.dimension
    var mean = [Double](repeating: 0, count: d)
    for (index, value) in set.values.enumerated() { mean[index % d] += Double(value) / Double(set.count) }
    var covariance = [Float](repeating: 0, count: d * d)
    var row = [Float](repeating: 0, count: d)
    for start in stride(from: 0, to: set.values.count, by: d) {
      for axis in 0..<d { row[axis] = set.values[start + axis] - Float(mean[axis]) }
      for i in 0..<d {
        let factor = row[i]
        for j in 0..<d { covariance[i * d + j] += factor * row[j] }
      }
    }
    var trace = 0.0
    var square = 0.0
    for i in 0..<d { trace += Double(covariance[i * d + i]) }
    for value in covariance { square += Double(value) * Double(value) }
    return square > 0 ? trace * trace / square : 0
  }
}
