/// Verification of pairs of people whom a run has never seen, with the threshold that is best on its validation people.
public struct HeldOutReport: Sendable, Codable {
  /// Pairs; those with a photo without a face are answered "different people".
  public let pairs: Int
  /// The share of right answers by the head's embeddings.
  public let accuracy: Double
  /// The same by the cosine of the features themselves.
  public let featureAccuracy: Double
  /// The area under the curve of the head's embeddings.
  public let areaUnderCurve: Double
}

extension TrainingRun {
  /// Verifies pairs of photos.
  ///
  /// - Parameter pairs: Pairs of people who were excluded from the run.
  public func verify(_ chosen: [PairsFile.Pair]) -> HeldOutReport {
    let faces = Dictionary(
      features.photos.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    let seen = Set(chosen.flatMap { [$0.first, $0.second] }.compactMap { faces[$0] }).sorted()
    func judged(_ rows: [Float]) -> [VerificationReport.Judged] {
      let vectors = Self.vectors(seen, rows)
      return chosen.map { pair in
        guard let first = faces[pair.first].flatMap({ vectors[$0] }),
          let second = faces[pair.second].flatMap({ vectors[$0] })
        else { return (-1, pair.isSame) }
        return (UnitVectors.similarity(first, second), pair.isSame)
      }
    }
    let raw = judged(UnitVectors.of(features.rows(seen), dimension: features.inputs))
    let own = judged(embeddings(seen))
    let validation = split.validation.flatMap { $0 }
    let thresholds = (
      raw: pairs.bestThreshold(
        Self.vectors(validation, UnitVectors.of(features.rows(validation), dimension: features.inputs))),
      own: pairs.bestThreshold(Self.vectors(validation, embeddings(validation)))
    )
    return HeldOutReport(
      pairs: chosen.count, accuracy: VerificationReport.accuracy(own, thresholds.own),
      featureAccuracy: VerificationReport.accuracy(raw, thresholds.raw),
      areaUnderCurve: VerificationReport([own], missing: 0).areaUnderCurve)
  }

  /// Thresholds and confidence, measured on people who were not trained on.
  ///
  /// - Throws: ``TrainingError`` with code `badData` when there are too few of them.
  public func calibration() throws(TrainingError) -> Calibration {
    let trained = Set(split.training.flatMap { $0.map { features.people[$0] } })
    let faces = features.people.indices.filter { !trained.contains(features.people[$0]) }
    let rows = embeddings(faces)
    let dimension = rows.count / max(faces.count, 1)
    return try Calibration(
      FaceSet(
        faces.indices.map { Array(rows[$0 * dimension..<($0 + 1) * dimension]) },
        people: faces.map { features.people[$0] }))
  }
}
