package import Foundation

/// An engine that ``EngineSpecification/name`` may name: which detector finds the faces, how they are cut out, and what embeds them, with
/// its operating point. One file an implementation, and its place in ``EngineKinds``; a network whose file says everything needs
/// none: see `docs/adding-a-network.md`.
package protocol EngineKind: Sendable {
  /// What ``EngineSpecification/name`` calls it.
  static var name: String { get }

  /// What it is made of; weights are read when ``EngineParts/embedder`` is called.
  ///
  /// - Throws: ``EngineError``: `invalidOption`, and `missingWeights` or `invalidWeights` where a file says what it is made of.
  static func parts(_ specification: EngineSpecification, weightsDirectory: URL) throws(EngineError)
    -> EngineParts
}

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
  /// Reads the weights and makes the embedder; others share its weights.
  package let embedder: @Sendable () throws(EngineError) -> Made

  /// An engine of any embedder.
  package init(
    detector: DetectorKind, aligner: any FaceAligner, yuNetFile: String = YuNetNetwork.fileName,
    embedder: @escaping @Sendable () throws(EngineError) -> Made
  ) {
    (self.detector, self.aligner, self.yuNetFile) = (detector, aligner, yuNetFile)
    self.embedder = embedder
  }

  /// An engine of one network.
  package init(
    detector: DetectorKind = .hog, aligner: any FaceAligner = DlibAligner(),
    yuNetFile: String = YuNetNetwork.fileName, precision: EnginePrecision,
    network: @escaping @Sendable () throws(EngineError) -> EmbeddingNetwork
  ) {
    self.init(detector: detector, aligner: aligner, yuNetFile: yuNetFile) { () throws(EngineError) in
      let read = try network()
      return (try NetworkEmbedder(read, precision: precision), read.operatingPoint)
    }
  }
}
