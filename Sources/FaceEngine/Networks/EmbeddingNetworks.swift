package import Foundation

/// The kinds of embedding networks that are known.
package enum EmbeddingNetworks {
  /// Those with code of their own; every other name is looked up in the weights folder's manifest.
  static let kinds: [any EmbeddingNetworkKind.Type] = [ResNetNetwork.self, VGG16Network.self]

  /// Reads the network of a choice.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, and `invalidOption` for a name that is not known.
  package static func load(
    _ choice: EngineChoice, weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    if let kind = kinds.first(where: { $0.name == choice.name }) {
      return try kind.load(choice, weightsDirectory: weightsDirectory)
    }
    let manifest = WeightsManifest(in: weightsDirectory)
    if let file = manifest?.files.first(where: { $0.engine == choice.name }) {
      return try EmbeddingFiles(choice, default: file.name, weightsDirectory: weightsDirectory).load()
    }
    let names = kinds.map { $0.name } + (manifest?.files.compactMap(\.engine) ?? [])
    throw EngineError(
      .invalidOption,
      "There is no engine named \"\(choice.name)\"; there are \(names.joined(separator: ", "))"
        + (manifest == nil ? ", and the weights folder has no manifest that could name more." : "."))
  }
}
