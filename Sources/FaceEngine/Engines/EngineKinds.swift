internal import Foundation

/// The engines that are known.
enum EngineKinds {
  /// Those with code of their own; every other name is looked up in the weights folder's manifest.
  private static let all: [any EngineKind.Type] = [
    SFaceEngine.self, SFaceFloat32Engine.self, ResNetEngine.self, JoinedEngine.self, VGG16Engine.self,
    ONNXEngine.self,
  ]

  /// The kind of this name with code of its own.
  static func named(_ name: String) -> (any EngineKind.Type)? { all.first { $0.name == name } }

  /// What the engine of a choice is made of.
  ///
  /// - Throws: ``EngineError`` as ``EngineKind/parts(_:weightsDirectory:)``, `invalidOption` also for a name that is not known.
  static func parts(_ specification: EngineSpecification, weightsDirectory: URL) throws(EngineError)
    -> EngineParts
  {
    if let kind = named(specification.name) {
      return try kind.parts(specification, weightsDirectory: weightsDirectory)
    }
    let manifest = WeightsManifest(in: weightsDirectory)
    if let file = manifest?.files.first(where: { $0.engine == specification.name }) {
      return EngineParts(precision: specification.precision) { () throws(EngineError) in
        try EmbeddingFiles(specification, default: file.name, weightsDirectory: weightsDirectory).load(
          specification)
      }
    }
    let names = all.map { $0.name } + (manifest?.files.compactMap(\.engine) ?? [])
    throw EngineError(
      .invalidOption,
      "There is no engine named \"\(specification.name)\"; there are \(names.joined(separator: ", "))"
        + (manifest == nil ? ", and the weights folder has no manifest that could name more." : "."))
  }
}
