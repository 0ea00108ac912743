internal import Support

/// Reads the weights once and makes the workers of an engine from them.
///
/// Of the detector and the embedder that were read only what never changes is copied: any number of threads may do that
/// at once, and while they are at work.
struct WorkerFactory: @unchecked Sendable {
  let aligner: FaceAligner
  let operatingPoint: OperatingPoint
  /// The first embedder; the others share its weights.
  let embedder: NetworkEmbedder
  private let convolutionalDetector: CNNFaceDetector?

  /// - Parameter embedding: A network to use instead of the one that the configuration names.
  init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork? = nil) throws(EngineError) {
    // Where there is no thread for it, the first detection does it.
    if configuration.detector == .hog { _ = WorkerThread.start("detector") { HOGFaceDetector.prepare() } }
    let directory = configuration.weightsDirectory
    aligner = try FaceAligner(weights: WeightsFile("shape_predictor_5_face_landmarks.dat", in: directory))
    let network: EmbeddingNetwork
    if let embedding {
      network = embedding
    } else {
      network = try EmbeddingNetworks.load(configuration.engine, weightsDirectory: directory)
    }
    operatingPoint = network.operatingPoint
    embedder = try NetworkEmbedder(network, precision: configuration.engine.precision)
    convolutionalDetector =
      switch configuration.detector {
      case .hog: nil
      case .cnn: try CNNFaceDetector(weights: WeightsFile("mmod_human_face_detector.dat", in: directory))
      }
  }

  func makeDetector() throws(EngineError) -> any FaceDetector {
    guard let convolutionalDetector else { return try HOGFaceDetector() }
    return try CNNFaceDetector(copying: convolutionalDetector)
  }

  func makeEmbedder() throws(EngineError) -> any FaceEmbedder {
    try NetworkEmbedder(sharingWeightsOf: embedder)
  }
}
