package import Foundation

/// An engine that ``EngineSpecification/name`` may name: which detector finds the faces, how they are cut out, and what embeds them, with
/// its operating point. One file an implementation, and its place in ``EngineKinds``; a network whose file says everything needs
/// none: see `docs/adding-a-network.md`.
package protocol EngineKind: Sendable {
  /// What ``EngineSpecification/name`` calls it.
  static var name: String { get }

  /// Whether it has no weights of its own: the user names a file.
  static var needsFile: Bool { get }

  /// What it is made of; weights are read when ``EngineParts/embedder`` is called, and by ``EngineParts/chip`` where nothing else says its size.
  ///
  /// - Throws: ``EngineError``: `invalidOption`, and `missingWeights` or `invalidWeights` where a file says what it is made of.
  static func parts(_ specification: EngineSpecification, weightsDirectory: URL) throws(EngineError)
    -> EngineParts
}

extension EngineKind {
  package static var needsFile: Bool { false }
}
