package import Foundation
internal import NeuralNetwork

/// dlib's face recognition ResNet: 29 convolutions, 150 × 150 RGB to 128 numbers.
/// (He et al., "Deep Residual Learning", 2016; trained by D. King, 2017.)
package enum ResNetNetwork: EmbeddingNetworkKind {
  package static let name = "resnet"

  /// The file in the weights folder.
  package static let fileName = "dlib_face_recognition_resnet_model_v1.dat"

  /// The digest of the weights that ``OperatingPoint/dlibResNet`` was measured with.
  private static let measured = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"

  package static func load(
    _ choice: EngineChoice, weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    let file = try WeightsFile(
      EmbeddingFiles(choice, default: fileName, weightsDirectory: weightsDirectory).weights)
    let network: Network
    do {
      network = try DlibImporter.network(at: URL(filePath: file.path))
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
    return try EmbeddingNetwork(
      network, digest: file.digest, operatingPoint: file.digest == measured ? .dlibResNet : nil,
      file: file.name)
  }
}
