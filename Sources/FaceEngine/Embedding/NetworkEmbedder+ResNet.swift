internal import Foundation
package import NeuralNetwork

extension NetworkEmbedder {
  /// Reads dlib's face recognition ResNet: 29 convolutions, 150 × 150 RGB to 128 numbers.
  /// (He et al., "Deep Residual Learning", 2016; trained by D. King, 2017.)
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights` when the file is damaged or of another network.
  package static func resNet(weights: WeightsFile) throws(EngineError) -> Network {
    do {
      return try DlibImporter.network(at: URL(filePath: weights.path))
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
  }
}
