/// What an engine is made of.
package struct EngineParts: Sendable {
  /// An embedder with its measured thresholds.
  package typealias Made = (embedder: any FaceEmbedder, operatingPoint: OperatingPoint)

  /// The detector, unless the configuration names another.
  package let detector: DetectorKind
  /// How faces are cut out.
  package let aligner: any FaceAligner
  /// YuNet's weights, where it is the detector.
  package let yuNetFile: String
  /// Says how large the chips are; reads the weights only where nothing else says it.
  package let chip: @Sendable () throws(EngineError) -> ChipSize
  /// Reads the weights and makes the embedder; others share its weights.
  package let embedder: @Sendable () throws(EngineError) -> Made

  /// An engine of any embedder.
  ///
  /// - Parameter chip: How large the chips are that the embedder takes.
  package init(
    detector: DetectorKind, aligner: any FaceAligner, yuNetFile: String = YuNetNetwork.fileName,
    chip: ChipSize, embedder: @escaping @Sendable () throws(EngineError) -> Made
  ) {
    (self.detector, self.aligner, self.yuNetFile) = (detector, aligner, yuNetFile)
    self.chip = { () throws(EngineError) in chip }
    self.embedder = embedder
  }

  /// An engine of one network.
  ///
  /// - Parameter chip: How large the chips are that the network takes; nil where only its weights say it.
  package init(
    detector: DetectorKind = .hog, aligner: any FaceAligner = DlibAligner(),
    yuNetFile: String = YuNetNetwork.fileName, chip: ChipSize? = nil, precision: EnginePrecision,
    network: @escaping @Sendable () throws(EngineError) -> EmbeddingNetwork
  ) {
    (self.detector, self.aligner, self.yuNetFile) = (detector, aligner, yuNetFile)
    self.chip = { () throws(EngineError) in
      if let chip { return chip }
      let read = try network()
      return ChipSize(height: read.height, width: read.width)
    }
    embedder = { () throws(EngineError) in
      let read = try network()
      return (try NetworkEmbedder(read, precision: precision), read.operatingPoint)
    }
  }

  /// The parts that a configuration names.
  ///
  /// - Parameter embedding: A network to use instead of the one that the configuration names.
  /// - Throws: ``EngineError``: `invalidOption`, and as ``EngineKind/parts(_:weightsDirectory:)``.
  init(_ configuration: EngineConfiguration, embedding: EmbeddingNetwork? = nil) throws(EngineError) {
    guard EngineConfiguration.threadRange.contains(configuration.threads) else {
      throw EngineError(
        .invalidOption,
        "An engine runs 1 to \(EngineConfiguration.threadRange.upperBound) threads, not \(configuration.threads)."
      )
    }
    if let embedding {
      self.init(precision: configuration.engine.precision) { () throws(EngineError) in embedding }
    } else {
      self = try EngineKinds.parts(configuration.engine, weightsDirectory: configuration.weightsDirectory)
    }
  }
}

/// Rows and columns of a face as a network sees it.
package struct ChipSize: Sendable, Hashable, CustomStringConvertible {
  /// Rows.
  package let height: Int
  /// Columns.
  package let width: Int

  /// A size by its sides.
  package init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  /// A square.
  package init(side: Int) { self.init(height: side, width: side) }

  /// As the fingerprint has it: one side of a square, columns and rows of an oblong.
  package var description: String { height == width ? "\(width)" : "\(width)×\(height)" }
}
