internal import Foundation

/// The engines that are known.
enum EngineKinds {
  /// Those with code of their own; every other name is looked up in the weights folder's manifest.
  private static let all: [any EngineKind.Type] = [
    SFaceEngine.self, SFaceFloat32Engine.self, ResNetEngine.self, JoinedEngine.self, VGG16Engine.self,
    ONNXEngine.self,
  ]

  /// What the engine of a choice is made of.
  ///
  /// - Throws: ``EngineError`` as ``EngineKind/parts(_:weightsDirectory:)``, `invalidOption` also for a name that is not known.
  static func parts(_ choice: EngineSpecification, weightsDirectory: URL) throws(EngineError) -> EngineParts {
    if let kind = all.first(where: { $0.name == choice.name }) {
      return try kind.parts(choice, weightsDirectory: weightsDirectory)
    }
    let manifest = WeightsManifest(in: weightsDirectory)
    if let file = manifest?.files.first(where: { $0.engine == choice.name }) {
      return EngineParts(precision: choice.precision) { () throws(EngineError) in
        try EmbeddingFiles(choice, default: file.name, weightsDirectory: weightsDirectory).load(choice)
      }
    }
    let names = all.map { $0.name } + (manifest?.files.compactMap(\.engine) ?? [])
    throw EngineError(
      .invalidOption,
      "There is no engine named \"\(choice.name)\"; there are \(names.joined(separator: ", "))"
        + (manifest == nil ? ", and the weights folder has no manifest that could name more." : "."))
  }
}
