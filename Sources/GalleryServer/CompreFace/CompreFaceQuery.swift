internal import FaceGallery
internal import Foundation
internal import HTTPServing

/// The parameters that CompreFace's calls with photos have in common.
struct CompreFaceQuery {
  var detection = DetectionOptions()
  let plugins: Set<String>
  let wantsStatus: Bool
  let minimumProbability: Double

  /// Their names.
  static let parameters = ["limit", "detect_faces", "status", "det_prob_threshold", "face_plugins"]

  /// CompreFace's plugins. Those for age, gender and mask have no effect here, nor have landmarks of another number.
  private static let knownPlugins: Set<String> = [
    "age", "calculator", "detector", "gender", "landmarks", "landmarks2d106", "mask", "pose",
  ]

  /// - Throws: ``HTTPFailure`` 400 for a parameter out of its range.
  init(_ request: HTTPRequest) throws(HTTPFailure) {
    let query = request.query
    let limit = try query.integer("limit", in: 0...10_000) ?? 0
    detection.maxFaces = limit > 0 ? limit : nil
    detection.detectFaces = try query.flag("detect_faces") ?? true
    wantsStatus = try query.flag("status") ?? false
    minimumProbability = try query.number("det_prob_threshold", in: 0...1) ?? 0
    let words = query["face_plugins"].map { $0.split(separator: ",", omittingEmptySubsequences: false) } ?? []
    plugins = Set(words.map { $0.trimmingCharacters(in: .whitespaces).lowercased() })
    if let unknown = plugins.subtracting(Self.knownPlugins).min() {
      throw HTTPFailure(
        400, "bad-parameter",
        "The parameter face_plugins has “\(unknown.prefix(64))”, and known are "
          + "\(Self.knownPlugins.sorted().joined(separator: ", ")).", number: 26)
    }
    // The probability is a rising function of the detector's score, so faces can be left out before they are embedded.
    detection.minimumScore = DetectionProbability.score(minimumProbability)
  }
}

/// The detector's score as a number from 0 to 1, which is what CompreFace's clients expect.
///
/// It is a logistic function of the score, 0.5 at the detector's own threshold and 0.99 for a score of 1: monotone, not a
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
