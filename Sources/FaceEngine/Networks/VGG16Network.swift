internal import Foundation
internal import NeuralNetwork

/// VGG16's convolutions and an embedding head behind them, from the user's own weights.
/// (Simonyan & Zisserman, 2015; Parkhi, Vedaldi & Zisserman, "Deep Face Recognition", 2015.)
///
/// The file is a Keras model or our own format; `rcmalli_vggface_tf_notop_vgg16.h5` holds the convolutions only and
/// needs a head.
enum VGG16Network: EmbeddingNetworkKind {
  static let name = "vgg16"

  /// Output channels of the thirteen 3 × 3 convolutions.
  private static let channels = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]

  static func load(_ choice: EngineChoice, weightsDirectory: URL) throws(EngineError) -> EmbeddingNetwork {
    guard choice.weights != nil else {
      throw EngineError(
        .invalidOption,
        "The engine vgg16 has no weights of its own; name your file: vgg16:FILE, or vgg16:FILE,HEAD for convolutions "
          + "and a head in two files.")
    }
    let embedding = try EmbeddingFiles(choice, weightsDirectory: weightsDirectory)
      .load(preprocessing: .vggFace)
    try check(embedding.network, file: choice.weights ?? "")
    return embedding
  }

  private static func check(_ network: Network, file: String) throws(EngineError) {
    var found: [Int] = []
    for node in network.nodes {
      guard case .convolution(let layer) = node.layer else { continue }
      guard found.count < channels.count, layer.outputChannels == channels[found.count],
        layer.window.height == 3, layer.window.width == 3
      else {
        throw EngineError(
          .invalidWeights,
          "\(file) is not VGG16: its layer \(node.name.split(separator: "/")[0]) is a \(layer.window.height) × \(layer.window.width) "
            + "convolution to \(layer.outputChannels) channels, where VGG16 has "
            + (found.count < channels.count ? "3 × 3 to \(channels[found.count])." : "no more."))
      }
      found.append(layer.outputChannels)
    }
    guard found.count == channels.count else {
      throw EngineError(
        .invalidWeights, "\(file) is not VGG16: it has \(found.count) convolutions, and VGG16 has 13.")
    }
  }
}
