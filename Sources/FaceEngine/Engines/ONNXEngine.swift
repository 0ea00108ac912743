package import Foundation
internal import NeuralNetwork
internal import Support

/// Any face network in an ONNX file of the user's, with what the file does not say in a `.json` beside it; see
/// `docs/adding-a-network.md`.
package enum ONNXEngine: EngineKind {
  package static let name = "onnx"
  package static let needsFile = true

  package static func parts(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    guard specification.weights != nil, specification.head == nil else {
      throw EngineError(
        .invalidOption, "The engine onnx has no weights of its own and takes one file: onnx:FILE.")
    }
    let files = EmbeddingFiles(specification, weightsDirectory: weightsDirectory)
    guard InputFile.exists(files.weights.path(percentEncoded: false)) else {
      throw EngineError(
        .missingWeights,
        "\(files.weights.path(percentEncoded: false)) is not there: check the path, or put \(files.weights.lastPathComponent) into "
          + "the weights folder \(weightsDirectory.path(percentEncoded: false)), with its .json.")
    }
    let notes = try NetworkNotes(beside: files.weights)
    let aligner = try notes.aligner()
    return EngineParts(
      // dlib's landmarks are found on any detector's faces, the others come from YuNet.
      detector: aligner.scheme == .dlib5 ? .hog : .yunet, aligner: aligner, precision: specification.precision
    ) { () throws(EngineError) in
      let file = files.weights.lastPathComponent
      let digest = try WeightsFile(files.weights).digest
      return try EmbeddingNetwork(
        notes.completed(files.read(digest: digest), file: file), digest: digest,
        operatingPoint: notes.operatingPoint(specification.augmentation), side: aligner.usualSide, file: file)
    }
  }
}
