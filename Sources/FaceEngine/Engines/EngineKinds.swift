package import Foundation

/// The engines that are known.
package enum EngineKinds {
  /// Those with code of their own; every other name is looked up in the weights folder's manifest.
  static let all: [any EngineKind.Type] = [
    SFaceEngine.self, SFaceFloat32Engine.self, ResNetEngine.self, VGG16Engine.self,
  ]

  /// Reads the network of a choice.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, and `invalidOption` for a name that is not known.
  package static func load(
    _ choice: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    try parts(choice, weightsDirectory: weightsDirectory).network()
  }

  /// What the engine of a choice is made of.
  ///
  /// - Throws: ``EngineError`` with code `invalidOption` for a name that is not known.
  static func parts(_ choice: EngineSpecification, weightsDirectory: URL) throws(EngineError) -> EngineParts {
    if let kind = all.first(where: { $0.name == choice.name }) {
      return EngineParts(detector: kind.detector, alignment: kind.alignment, yuNetFile: kind.yuNetFile) {
        () throws(EngineError) in try kind.network(choice, weightsDirectory: weightsDirectory)
      }
    }
    let manifest = WeightsManifest(in: weightsDirectory)
    if let file = manifest?.files.first(where: { $0.engine == choice.name }) {
      return EngineParts { () throws(EngineError) in
        try EmbeddingFiles(choice, default: file.name, weightsDirectory: weightsDirectory).load()
      }
    }
    let names = all.map { $0.name } + (manifest?.files.compactMap(\.engine) ?? [])
    throw EngineError(
      .invalidOption,
      "There is no engine named \"\(choice.name)\"; there are \(names.joined(separator: ", "))"
        + (manifest == nil ? ", and the weights folder has no manifest that could name more." : "."))
  }
}
