internal import Support

/// Reads the weights once and makes the workers of an engine from them.
///
/// Of the detector and the embedder that were read only what never changes is copied: any number of threads may do that
/// at once, and while they are at work.
struct WorkerFactory: @unchecked Sendable {
  let detector: DetectorKind
  let aligner: any FaceAligner
  /// Nil where the detector gives the landmarks that the aligner takes.
  let predictor: (any LandmarkPredictor)?
  let operatingPoint: OperatingPoint
  /// The first embedder; the others share its weights.
  let embedder: any FaceEmbedder
  private let convolutionalDetector: CNNFaceDetector?
  private let yuNet: YuNetNetwork.Source?

  /// - Parameter embedding: A network to use instead of the one that the configuration names.
  init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork? = nil) throws(EngineError) {
    let directory = configuration.weightsDirectory
    let parts: EngineParts
    if let embedding {
      parts = EngineParts(precision: configuration.engine.precision) { () throws(EngineError) in embedding }
    } else {
      parts = try EngineKinds.parts(configuration.engine, weightsDirectory: directory)
    }
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
        "The engine \(configuration.engine.name) aligns faces by \(aligner.scheme), landmarks that the detector "
          + "\(detector.rawValue) does not give: use \(DetectorKind.yunet.rawValue).")
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
    let made = try parts.embedder()
    operatingPoint = made.operatingPoint
    switch configuration.engine.augmentation {
    case .none: embedder = made.embedder
    case .flip: embedder = MirroredEmbedder(made.embedder)
    }
  }

  func makeDetector() throws(EngineError) -> any FaceDetector {
    if let yuNet { return YuNetDetector(yuNet.make()) }
    guard let convolutionalDetector else { return try HOGFaceDetector() }
    return try CNNFaceDetector(copying: convolutionalDetector)
  }

  func makeEmbedder() throws(EngineError) -> any FaceEmbedder {
    try embedder.sharingWeights()
  }
}
