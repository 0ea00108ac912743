internal import Dispatch

/// Reads the weights once and makes the workers of an engine from them.
///
/// The detector that was read is never run, only copied from: any number of threads may do that at once.
struct WorkerFactory: @unchecked Sendable {
  let aligner: FaceAligner
  let embedding: EmbeddingNetwork
  private let precision: EnginePrecision
  private let convolutionalDetector: CNNFaceDetector?

  /// - Parameter embedding: A network to use instead of the one that the configuration names.
  init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork? = nil) throws(EngineError) {
    if configuration.detector == .hog { DispatchQueue.global().async { HOGFaceDetector.prepare() } }
    let directory = configuration.weightsDirectory
    precision = configuration.engine.precision
    aligner = try FaceAligner(weights: WeightsFile("shape_predictor_5_face_landmarks.dat", in: directory))
    if let embedding {
      self.embedding = embedding
    } else {
      self.embedding = try EmbeddingNetworks.load(configuration.engine, weightsDirectory: directory)
    }
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
    try NetworkEmbedder(embedding, precision: precision)
  }
}
