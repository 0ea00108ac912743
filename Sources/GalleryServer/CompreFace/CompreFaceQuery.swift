internal import FaceGallery
internal import HTTPServing
internal import Support

/// The parameters that CompreFace's calls with photos have in common.
struct CompreFaceQuery {
  var detection = DetectionOptions()
  let plugins: Set<CompreFacePlugin>
  let wantsStatus: Bool
  let probability: DetectionProbability
  /// Parameters and form fields that are not known here.
  let passedOver: [String]

  /// Their names.
  static let parameters = ["limit", "detect_faces", "status", "det_prob_threshold", "face_plugins"]

  /// - Parameter engine: The engine that will look for the faces.
  /// - Throws: ``HTTPFailure`` 400 for a parameter out of its range.
  init(_ call: Call, _ engine: (any EmbeddingEngine)?) throws(HTTPFailure) {
    let query = call.request.query
    passedOver = call.passedOver
    let limit = try query.integer("limit", in: 0...10_000) ?? 0
    detection.maxFaces = limit > 0 ? limit : nil
    detection.detectFaces = try query.flag("detect_faces") ?? true
    wantsStatus = try query.flag("status") ?? false
    plugins = try CompreFacePlugin.named(in: query.list("face_plugins"))
    probability = DetectionProbability(detector: engine?.detectorName)
    // The probability is a rising function of the detector's score, so faces can be left out before they are embedded.
    detection.minimumScore = probability.score(try query.number("det_prob_threshold", in: 0...1) ?? 0)
  }
}

/// What CompreFace can say of a face, by the words of `face_plugins`.
enum CompreFacePlugin: String, CaseIterable {
  case age
  case calculator
  case detector
  case gender
  case landmarks
  case landmarks2d106
  case mask
  case pose

  /// Whether it is here. CompreFace says nothing of what a plugin would that it was not built with.
  private var isHere: Bool { [.calculator, .detector, .landmarks, .pose].contains(self) }

  /// What stands behind the plugins that are here, by their names.
  static func versions(of engine: any EmbeddingEngine) -> [String: String] {
    [
      "detector": engine.detectorName ?? "unknown", "calculator": engine.fingerprint.network,
      "landmarks": "of-detection", "pose": "of-landmarks",
    ]
  }

  /// The plugins of these names.
  ///
  /// - Throws: ``HTTPFailure`` 400 for a word that is none of CompreFace's.
  static func named(in words: [String]) throws(HTTPFailure) -> Set<Self> {
    var plugins: Set<Self> = []
    for word in words {
      guard let plugin = Self(rawValue: word.asciiLowercased()) else {
        throw HTTPFailure(
          400, "bad-parameter",
          "The parameter face_plugins has “\(word.prefix(64))”, and known are "
            + "\(allCases.map(\.rawValue).joined(separator: ", ")).", number: 26)
      }
      plugins.insert(plugin)
    }
    return plugins
  }

  /// What is to be said of plugins that were asked for and are not here, or can say less of these faces.
  static func remarks(_ plugins: Set<Self>, on faces: [DetectedFace]) -> [String] {
    var remarks: [String] = []
    let absent = plugins.filter { !$0.isHere }.map(\.rawValue).sorted()
    if !absent.isEmpty {
      remarks.append("Not estimated here, and so not in the reply: \(absent.joined(separator: ", ")).")
    }
    if faces.contains(where: { $0.eyesNoseMouth == nil }) {
      if plugins.contains(.landmarks) {
        remarks.append(
          "The engine's landmarks do not reach the mouth, so the reply has none of a face's five points.")
      }
      if plugins.contains(.pose) {
        remarks.append("The engine's landmarks do not reach the mouth, so pitch is not estimated; it is 0.")
      }
    }
    return remarks
  }
}
