internal import FaceEvaluation

/// What an embedding does to people it was not trained on: a plane of a few of them, and all distances.
public struct EmbeddingPicture: Sendable {
  /// Squared distances in bins, as shares of all.
  public struct Distances: Sendable {
    /// The bins' middles.
    public let middles: [Double]
    /// The share of pairs of one person in each bin.
    public let same: [Double]
    /// The share of pairs of two people in each bin.
    public let different: [Double]
  }

  /// A few people by their index, and the two strongest principal components of the faces of each.
  public let people: [(person: Int, faces: [(x: Double, y: Double)])]
  /// Squared distances of unit-length vectors.
  public let distances: Distances

  /// Draws up vectors of people.
  init(
    _ groups: [[Int]], owners: [Int], shown: Int, vectors: [Int: ArraySlice<Float>],
    pairs: [VerificationPairs.Pair]
  ) throws(TrainingError) {
    let chosen = groups.sorted { $0.count > $1.count }.prefix(shown).map { Array($0.prefix(20)) }
    let faces = chosen.flatMap { $0 }
    var rows = faces.flatMap { vectors[$0] ?? [] }
    let width = rows.count / max(faces.count, 1)
    for column in 0..<width {
      var mean: Float = 0
      for row in faces.indices { mean += rows[row * width + column] }
      mean /= Float(faces.count)
      for row in faces.indices { rows[row * width + column] -= mean }
    }
    var gram = [Float](repeating: 0, count: faces.count * faces.count)
    Gemm.multiply(
      rows, rows, into: &gram, rows: faces.count, inner: width, columns: faces.count, transposingB: true)
    let values = try Projection.eigen(&gram, faces.count)
    func coordinate(_ face: Int, _ rank: Int) -> Double {
      guard rank < faces.count else { return 0 }
      let vector = faces.count - 1 - rank
      return Double(gram[vector * faces.count + face] * max(values[vector], 0).squareRoot())
    }
    var start = 0
    people = chosen.map { group in
      defer { start += group.count }
      return (owners[group[0]], group.indices.map { (coordinate(start + $0, 0), coordinate(start + $0, 1)) })
    }
    distances = Self.distances(vectors, pairs)
  }

  private static func distances(
    _ vectors: [Int: ArraySlice<Float>], _ pairs: [VerificationPairs.Pair]
  ) -> Distances {
    // Unit vectors are at most 4 apart; empty bins behind the last pair are not shown.
    let bins = 64
    let width = 4 / Double(bins)
    var counts = (same: [Int](repeating: 0, count: bins), different: [Int](repeating: 0, count: bins))
    for pair in pairs {
      guard let first = vectors[pair.first], let second = vectors[pair.second] else { continue }
      let distance = Double(max(2 - 2 * UnitVectors.similarity(first, second), 0))
      let bin = min(Int(distance / width), bins - 1)
      if pair.isSame { counts.same[bin] += 1 } else { counts.different[bin] += 1 }
    }
    let shown =
      (0..<bins).last { counts.same[$0] + counts.different[$0] > 0 }.map { min($0 + 2, bins) } ?? bins
    func shares(_ counts: [Int]) -> [Double] {
      let total = Double(max(counts.reduce(0, +), 1))
      return counts.prefix(shown).map { Double($0) / total }
    }
    return Distances(
      middles: (0..<shown).map { (Double($0) + 0.5) * width }, same: shares(counts.same),
      different: shares(counts.different))
  }
}

extension TrainingRun {
  /// The validation people before and after training: by their features, and by the best epoch's embeddings.
  ///
  /// - Throws: ``TrainingError`` when the plane cannot be computed.
  public func pictures() throws(TrainingError) -> (before: EmbeddingPicture, after: EmbeddingPicture) {
    let faces = split.validation.flatMap { $0 }
    let raw = UnitVectors.of(features.rows(faces), dimension: features.inputs)
    return (
      try EmbeddingPicture(
        split.validation, owners: features.people, shown: 8, vectors: UnitVectors.byFace(faces, raw),
        pairs: pairs.pairs),
      try EmbeddingPicture(
        split.validation, owners: features.people, shown: 8,
        vectors: UnitVectors.byFace(faces, embeddings(faces)), pairs: pairs.pairs)
    )
  }
}
