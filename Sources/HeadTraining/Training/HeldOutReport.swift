public import FaceEvaluation

/// Verification of pairs of people whom a run has never seen, with the threshold that is best on its validation people.
public struct HeldOutReport: Sendable, Codable {
  /// Pairs; those with a photo without a face are answered "different people".
  public let pairs: Int
  /// The share of right answers by the head's embeddings.
  public let accuracy: Double
  /// The same by the cosine of the features themselves.
  public let featureAccuracy: Double
  /// The same by the sum of the embeddings of the photo and of its mirror image; nil without mirror images.
  public let mirroredAccuracy: Double?
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
    func judged(_ similarity: (Int, Int) -> Float) -> [VerificationReport.Judged] {
      chosen.map { pair in
        guard let first = faces[pair.first], let second = faces[pair.second] else { return (-1, pair.isSame) }
        return (similarity(first, second), pair.isSame)
      }
    }
    let validation = split.validation.flatMap { $0 }
    /// Accuracy by the embeddings of faces, and the pairs judged by them.
    func measured(_ embeddings: ([Int]) -> [Float]) -> (accuracy: Double, judged: [VerificationReport.Judged])
    {
      let vectors = UnitVectors.byFace(seen, embeddings(seen))
      let own = judged { first, second in
        guard let first = vectors[first], let second = vectors[second] else { return -1 }
        return UnitVectors.similarity(first, second)
      }
      let threshold = pairs.bestThreshold(UnitVectors.byFace(validation, embeddings(validation)))
      return (VerificationReport.accuracy(own, threshold), own)
    }
    let own = measured { embeddings($0) }
    return HeldOutReport(
      pairs: chosen.count, accuracy: own.accuracy,
      featureAccuracy: VerificationReport.accuracy(
        judged(features.similarity), pairs.bestThreshold(features.similarity)),
      mirroredAccuracy: features.variants > 1 ? measured { embeddings($0, mirrored: true) }.accuracy : nil,
      areaUnderCurve: VerificationReport([own.judged], missing: 0).areaUnderCurve)
  }

  /// Thresholds and confidence, measured on people who were not trained on.
  ///
  /// - Throws: ``TrainingError`` with code `badData` when there are too few of them.
  public func calibration() throws(TrainingError) -> Calibration {
    let trained = Set(split.training.flatMap { $0.map { features.people[$0] } })
    let faces = features.people.indices.filter { !trained.contains(features.people[$0]) }
    let rows = embeddings(faces)
    let dimension = rows.count / max(faces.count, 1)
    do {
      return try Calibration(
        FaceSet(
          faces.indices.map { Array(rows[$0 * dimension..<($0 + 1) * dimension]) },
          people: faces.map { features.people[$0] }))
    } catch {
      throw TrainingError(.badData, error.message)
    }
  }
}
