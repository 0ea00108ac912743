internal import FaceEvaluation

/// The people whom a run is validated with, and how well a head tells them apart.
struct ValidationSet {
  let faces: [Int]
  let pairs: VerificationPairs
  /// Verification by the cosine of the features themselves.
  let before: VerificationReport
  /// What a head takes of the faces.
  private let rows: [Float]

  init(_ groups: [[Int]], _ inputs: TrainingInputs, seed: UInt64) {
    let features = inputs.features
    faces = groups.flatMap { $0 }
    pairs = VerificationPairs(groups, seed: seed)
    rows = inputs.rows(faces, variant: 0)
    before = pairs.report(
      UnitVectors.byFace(faces, UnitVectors.of(features.rows(faces), dimension: features.inputs)))
  }

  /// Verification by a head's embeddings.
  func report(_ head: HeadParameters) -> VerificationReport {
    let embeddings = UnitVectors.of(HeadTrainer(head).embed(rows), dimension: head.shape.dimension)
    return pairs.report(UnitVectors.byFace(faces, embeddings))
  }
}
