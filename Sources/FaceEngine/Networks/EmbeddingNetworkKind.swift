package import Foundation

/// A kind of embedding network that ``EngineChoice/name`` may name. One file an implementation, and its place in
/// ``EmbeddingNetworks``; a network whose weights file says everything needs none: see `docs/adding-a-network.md`.
package protocol EmbeddingNetworkKind: Sendable {
  /// What ``EngineChoice/name`` calls it.
  static var name: String { get }

  /// Reads and checks the network.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  static func load(_ choice: EngineChoice, weightsDirectory: URL) throws(EngineError) -> EmbeddingNetwork
}
