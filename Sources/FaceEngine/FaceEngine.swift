internal import COpenBLAS
internal import Support

/// From a photo to embeddings: finds the faces, aligns them, embeds them.
///
/// All methods may be called from any number of threads; ``EngineConfiguration/threads`` of them run at a time
/// and the rest wait. They compute for milliseconds to seconds and block their thread: an `async` program calls
/// them from threads of its own, not from the cooperative pool.
///
/// OpenBLAS, which dlib's CNN detector computes with, is set to one thread for the whole process: faces and photos
/// are what runs in parallel here.
public final class FaceEngine: Sendable {
  /// What the engine was made of.
  public let configuration: EngineConfiguration

  /// What its embeddings mean; see ``EngineFingerprint``.
  public let fingerprint: EngineFingerprint

  /// Its measured thresholds; ``OperatingPoint/uncalibrated`` for a network that has none on record.
  public let operatingPoint: OperatingPoint

  /// Rows of a face as the network sees it.
  public let chipHeight: Int

  /// Columns of a face as the network sees it.
  public let chipWidth: Int

  /// The landmarks by which it cuts faces out.
  public var scheme: LandmarkScheme { aligner.scheme }

  /// Which detector finds the faces.
  public let detector: DetectorKind

  /// Which landmarks faces are cut out by, and what finds them: the beginning of ``EngineFingerprint/alignment``.
  package let landmarkIdentity: String

  let aligner: any FaceAligner
  /// Finds the landmarks that the aligner takes; nil where the detector gives them.
  let predictor: (any LandmarkPredictor)?
  // A network's plan takes a hundred megabytes and more, and a detector little: where faces are embedded by one thread
  // and looked for by many, there is one plan.
  let detectors: WorkerPool<any FaceDetector>
  let embedders: WorkerPool<any FaceEmbedder>

  /// See ``FaceDetector/decodeSizeHint``.
  let detectorSizeHint: Int?

  /// How many faces the network embeds at a time, 1 to 8 by the size of its chips; more are done one such batch after the
  /// other.
  public let batch: Int

  /// Loads the networks.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  /// - Complexity: About 0.3 s for SFace and for the ResNet, 1 s for VGG16.
  public convenience init(_ configuration: EngineConfiguration = EngineConfiguration()) throws(EngineError) {
    try self.init(configuration, embedding: nil)
  }

  /// Runs a network that is in memory, such as the convolutions that a head is trained behind.
  ///
  /// - Parameter embedding: The network; nil is the one that the configuration names.
  package init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork?) throws(EngineError) {
    guard EngineConfiguration.threadRange.contains(configuration.threads) else {
      throw EngineError(
        .invalidOption,
        "An engine runs 1 to \(EngineConfiguration.threadRange.upperBound) threads, not \(configuration.threads)."
      )
    }
    openblas_set_num_threads(1)
    let factory = try WorkerFactory(configuration, embedding: embedding)
    let (detector, embedder) = (try factory.makeDetector(), factory.embedder)
    self.configuration = configuration
    self.detector = factory.detector
    (aligner, predictor) = (factory.aligner, factory.predictor)
    (chipHeight, chipWidth) = (embedder.chipHeight, embedder.chipWidth)
    batch = embedder.batch
    detectorSizeHint = detector.decodeSizeHint
    let size = chipHeight == chipWidth ? "\(chipWidth)" : "\(chipWidth)×\(chipHeight)"
    landmarkIdentity = factory.predictor?.identity ?? detector.landmarkIdentity
    fingerprint = EngineFingerprint(
      alignment: "\(landmarkIdentity), \(size) pixels, \(aligner.identity)",
      weightsDigest: embedder.weightsDigest, preprocessing: embedder.preprocessing,
      normalization: embedder.normalization, dimension: embedder.dimension,
      network: configuration.engine.name, precision: configuration.engine.precision,
      augmentation: configuration.engine.augmentation)
    operatingPoint = factory.operatingPoint
    let permits = FairSemaphore(permits: configuration.threads)
    detectors = WorkerPool(first: detector, permits: permits) { () throws(EngineError) in
      try factory.makeDetector()
    }
    embedders = WorkerPool(first: embedder, permits: permits) { () throws(EngineError) in
      try factory.makeEmbedder()
    }
  }
}
