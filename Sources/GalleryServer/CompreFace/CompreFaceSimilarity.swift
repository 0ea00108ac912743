internal import FaceEngine
internal import FaceGallery

/// What CompreFace calls similarity: from 0 to 1, rising with the cosine similarity, and clients take 0.5 and more for the person.
///
/// It is the calibrated probability, so that 0.5 divides here as well, at any size of the gallery and with any engine. Of a face that the
/// gallery does not name (unknown, or ambiguous) every value is below 0.5.
struct CompreFaceSimilarity {
  private let point: OperatingPoint
  /// The cosine similarity that gets 0.5; nil when none is known.
  private let threshold: Float?

  /// For the candidates of an answer.
  init(_ answer: Answer) {
    point = .uncalibrated
    let best = answer.candidates.first?.similarity ?? answer.threshold
    threshold = answer.verdict.isKnown ? answer.threshold : max(answer.threshold, best.nextUp)
  }

  /// For the comparison with a subject.
  init(_ answer: ClaimAnswer) {
    point = .uncalibrated
    threshold = answer.threshold
  }

  /// For comparisons of two faces.
  init(_ point: OperatingPoint) {
    self.point = point
    threshold = point.isCalibrated ? point.threshold(falseMatchRate: OperatingPoint.loosestRate) : nil
  }

  /// The value for a candidate of the answer.
  func value(_ match: Match) -> Double { match.probability ?? value(match.similarity) }

  /// The value for the comparison with a subject.
  func value(_ answer: ClaimAnswer) -> Double { answer.probability ?? value(answer.similarity) }

  /// The value for a cosine similarity; where nothing was measured, the cosine itself, or its place between -1, the threshold and 1.
  func value(_ cosine: Float) -> Double {
    guard let threshold else { return min(max(Double(cosine), 0), 1) }
    if let probability = point.probability(similarity: cosine, threshold: threshold) { return probability }
    let (x, middle) = (Double(min(max(cosine, -1), 1)), Double(min(max(threshold, -1), 1)))
    if cosine >= threshold { return middle < 1 ? 0.5 + 0.5 * (x - middle) / (1 - middle) : 1 }
    return middle > -1 ? min(0.5 * (x + 1) / (middle + 1), (0.5).nextDown) : 0
  }
}
