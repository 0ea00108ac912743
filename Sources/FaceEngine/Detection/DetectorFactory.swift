internal import Support

/// Reads what faces are found with once, and makes detectors of it.
///
/// Of what was read only what never changes is copied: any number of threads may do that at once, and while the detectors are at
/// work.
struct DetectorFactory: @unchecked Sendable {
  let detector: DetectorKind
  let aligner: any FaceAligner
  /// Nil where the detector gives the landmarks that the aligner takes.
  let predictor: (any LandmarkPredictor)?
  private let convolutionalDetector: CNNFaceDetector?
  private let yuNet: YuNetNetwork.Source?

  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  init(_ configuration: EngineConfiguration, _ parts: EngineParts) throws(EngineError) {
    let directory = configuration.weightsDirectory
    detector = configuration.detector ?? parts.detector
    // Where there is no thread for it, the first detection does it.
    if detector == .hog { _ = WorkerThread.start("detector") { HOGFaceDetector.prepare() } }
    aligner = parts.aligner
    switch (aligner.scheme, detector) {
    case (.dlib5, _):
      predictor = try DlibLandmarks(
        weights: WeightsFile("shape_predictor_5_face_landmarks.dat", in: directory))
    case (.eyesNoseMouth, .yunet): predictor = nil
    default:
      throw EngineError(
        .invalidOption,
        "\(configuration.engine.name) needs landmarks that the detector \(detector.rawValue) does not find: use "
          + "\(DetectorKind.yunet.rawValue).")
    }
    switch detector {
    case .hog: (convolutionalDetector, yuNet) = (nil, nil)
    case .cnn:
      convolutionalDetector = try CNNFaceDetector(
        weights: WeightsFile("mmod_human_face_detector.dat", in: directory))
      yuNet = nil
    case .yunet:
      convolutionalDetector = nil
      yuNet = try YuNetNetwork.Source(weights: WeightsFile(parts.yuNetFile, in: directory))
    }
  }

  func make() throws(EngineError) -> any FaceDetector {
    if let yuNet { return YuNetDetector(yuNet.make()) }
    guard let convolutionalDetector else { return try HOGFaceDetector() }
    return try CNNFaceDetector(copying: convolutionalDetector)
  }

  /// What the fingerprint says of the landmarks that a detector of this factory leads to.
  func landmarkIdentity(_ detector: any FaceDetector) -> String {
    predictor?.identity ?? detector.landmarkIdentity
  }
}
