internal import COpenBLAS

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

  let aligner: FaceAligner
  let workers: WorkerPool<Worker>

  /// What one thread works with.
  struct Worker {
    let detector: any FaceDetector
    let embedder: any FaceEmbedder
  }

  /// Loads the networks.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  /// - Complexity: About .3 s for the ResNet, 1 s for VGG16.
  public convenience init(_ configuration: EngineConfiguration = EngineConfiguration()) throws(EngineError) {
    try self.init(configuration, embedding: nil)
  }

  /// Runs a network that is in memory, such as the convolutions that a head is trained behind.
  ///
  /// - Parameter embedding: The network; nil is the one that the configuration names.
  package init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork?) throws(EngineError) {
    guard (1...1_024).contains(configuration.threads) else {
      throw EngineError(
        .invalidOption, "An engine runs 1 to 1024 threads, not \(configuration.threads).")
    }
    openblas_set_num_threads(1)
    let factory = try WorkerFactory(configuration, embedding: embedding)
    let first = try factory.makeWorker()
    self.configuration = configuration
    aligner = factory.aligner
    (chipHeight, chipWidth) = (first.embedder.chipHeight, first.embedder.chipWidth)
    fingerprint = EngineFingerprint(
      alignment: aligner.identity(height: chipHeight, width: chipWidth),
      weightsDigest: first.embedder.weightsDigest, preprocessing: first.embedder.preprocessing,
      normalization: "unit length", dimension: first.embedder.dimension, network: configuration.engine.name,
      precision: configuration.engine.precision)
    operatingPoint = factory.embedding.operatingPoint
    workers = WorkerPool(first: first, limit: configuration.threads) { () throws(EngineError) in
      try factory.makeWorker()
    }
  }
}
