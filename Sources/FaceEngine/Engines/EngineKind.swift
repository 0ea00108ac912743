package import Foundation

/// An engine that ``EngineSpecification/name`` may name: which detector finds the faces, how they are cut out, and which network embeds
/// them, with its operating point. One file an implementation, and its place in ``EngineKinds``; a network whose weights file says
/// everything needs none: see `docs/adding-a-network.md`.
package protocol EngineKind: Sendable {
  /// What ``EngineSpecification/name`` calls it.
  static var name: String { get }

  /// The detector, unless ``EngineConfiguration/detector`` names another.
  static var detector: DetectorKind { get }

  /// How faces are cut out for the network.
  static var alignment: Alignment { get }

  /// YuNet's weights, where it is the detector.
  static var yuNetFile: String { get }

  /// Reads and checks the network.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  static func network(_ choice: EngineSpecification, weightsDirectory: URL) throws(EngineError)
    -> EmbeddingNetwork
}

extension EngineKind {
  package static var yuNetFile: String { YuNetNetwork.fileName }
}

/// What an engine is made of.
package struct EngineParts: Sendable {
  /// The detector, unless the configuration names another.
  package var detector = DetectorKind.hog
  /// How faces are cut out.
  package var alignment = Alignment.dlib
  /// YuNet's weights, where it is the detector.
  package var yuNetFile = YuNetNetwork.fileName
  /// Reads the network, with its operating point.
  package var network: @Sendable () throws(EngineError) -> EmbeddingNetwork
}
