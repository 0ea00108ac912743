internal import FaceGallery
internal import Foundation
internal import HTTPServing

/// The parameters that CompreFace's calls with photos have in common.
struct CompreFaceQuery {
  var detection = DetectionOptions()
  let plugins: Set<String>
  let wantsStatus: Bool
  let minimumProbability: Double

  /// - Throws: ``HTTPFailure`` 400 for a parameter out of its range.
  init(_ request: HTTPRequest) throws(HTTPFailure) {
    let query = request.query
    let limit = try query.integer("limit", in: 0...10_000) ?? 0
    detection.maxFaces = limit > 0 ? limit : nil
    detection.detectFaces = try query.flag("detect_faces") ?? true
    wantsStatus = try query.flag("status") ?? false
    minimumProbability = try query.number("det_prob_threshold", in: 0...1) ?? 0
    plugins = Set(
      (query["face_plugins"] ?? "").split(separator: ",").map { $0.trimmingPrefix { $0 == " " }.lowercased() }
    )
    // The probability is a rising function of the detector's score, so faces can be left out before they are embedded.
    detection.minimumScore = DetectionProbability.score(minimumProbability)
  }
}

/// The detector's score as a number from 0 to 1, which is what CompreFace's clients expect.
///
/// It is a logistic function of the score, .5 at the detector's own threshold and .99 for a score of 1: monotone, not a
/// calibrated probability.
enum DetectionProbability {
  private static let slope = 4.6

  static func value(_ score: Float) -> Double { 1 / (1 + exp(-slope * Double(score))) }

  /// The least score with this probability, never below the detector's own threshold.
  static func score(_ probability: Double) -> Float {
    guard probability > 0.5 else { return 0 }
    guard probability < 1 else { return .infinity }
    return Float(-log(1 / probability - 1) / slope)
  }
}
