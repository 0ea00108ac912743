internal import Foundation

/// How likely it is that what a detector saw is a face, by its score: a logistic function of its own for each detector.
///
/// Clients of CompreFace leave out what is below 0.8 or 0.85. YuNet's score is its network's probability in log-odds, so that
/// this gives it back; those of dlib's detectors were fitted to what they find on photos of LFW. See docs/service.md.
struct DetectionProbability {
  private let slope: Double
  private let offset: Double

  /// For the scores of a detector; of one that is not known here the least score has 0.5.
  init(detector: String?) {
    (slope, offset) =
      switch detector {
      case "yunet": (1, log(0.6 / 0.4))
      case "hog": (3.1, 3.1)
      case "cnn": (9.8, 7.3)
      default: (4.6, 0)
      }
  }

  /// The probability of a score, which is the margin over the detector's threshold.
  func value(_ score: Float) -> Double { 1 / (1 + exp(-slope * Double(score) - offset)) }

  /// The least score with this probability, never below the detector's own threshold.
  func score(_ probability: Double) -> Float {
    guard probability < 1 else { return .greatestFiniteMagnitude }
    guard probability > 0 else { return 0 }
    return max(0, Float((log(probability / (1 - probability)) - offset) / slope))
  }
}
