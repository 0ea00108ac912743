internal import Support

/// From a photo to embeddings: finds the faces, aligns them, embeds them.
///
/// It is a ``FaceFinder``, whose rules for threads hold here too.
public final class FaceEngine: FaceFinder, @unchecked Sendable {
  /// What its embeddings mean; see ``EngineFingerprint``.
  public let fingerprint: EngineFingerprint

  /// Its measured thresholds; ``OperatingPoint/uncalibrated`` for a network that has none on record.
  public let operatingPoint: OperatingPoint

  // A network's plan takes a hundred megabytes and more, and a detector little: where faces are embedded by one thread
  // and looked for by many, there is one plan.
  let embedders: WorkerPool<any FaceEmbedder>

  /// How many faces the network embeds at a time, 1 to 8 by the size of its chips; more are done one such batch after the
  /// other.
  public let batch: Int

  /// Loads the networks.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  /// - Complexity: About 35 ms for SFace, 0.3 s for the ResNet, 1 s for VGG16.
  public convenience init(_ configuration: EngineConfiguration = EngineConfiguration()) throws(EngineError) {
    try self.init(configuration, embedding: nil)
  }

  /// Runs a network that is in memory, such as the convolutions that a head is trained behind.
  ///
  /// - Parameter embedding: The network; nil is the one that the configuration names.
  package init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork?) throws(EngineError) {
    let parts = try EngineParts(configuration, embedding: embedding)
    let factory = try DetectorFactory(configuration, parts)
    let made = try parts.embedder()
    let embedder: any FaceEmbedder =
      switch configuration.engine.augmentation {
      case .none: made.embedder
      case .flip: MirroredEmbedder(made.embedder)
      }
    let detector = try factory.make()
    let chip = ChipSize(height: embedder.chipHeight, width: embedder.chipWidth)
    fingerprint = EngineFingerprint(
      alignment: "\(factory.landmarkIdentity(detector)), \(chip) pixels, \(factory.aligner.identity)",
      weightsDigest: embedder.weightsDigest, preprocessing: embedder.preprocessing,
      normalization: embedder.normalization, dimension: embedder.dimension,
      network: configuration.engine.name, precision: configuration.engine.precision,
      augmentation: configuration.engine.augmentation)
    operatingPoint = made.operatingPoint
    batch = embedder.batch
    let permits = FairSemaphore(permits: configuration.threads)
    let embedders = EmbedderFactory(embedder)
    self.embedders = WorkerPool(first: embedder, permits: permits) { () throws(EngineError) in
      try embedders.make()
    }
    super.init(configuration, factory, first: detector, chip: chip, permits: permits)
  }
}
