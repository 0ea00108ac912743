package import Foundation
package import NeuralNetwork

/// dlib's chips, and VGG16's convolutions with an embedding head behind them, from the user's own weights. Faces are found by the detector
/// that the file says its head was trained by, else by dlib's HOG.
/// (Simonyan & Zisserman, 2015; Parkhi, Vedaldi & Zisserman, "Deep Face Recognition", 2015.)
///
/// The file is a Keras model or our own format; `rcmalli_vggface_tf_notop_vgg16.h5` holds the convolutions only and
/// needs a head. The convolutions may end early, as those of a head that `galleryctl train` put behind the fourth block.
package enum VGG16Engine: EngineKind {
  package static let name = "vgg16"
  package static let needsFile = true
  /// Of our own format: the annotation that says which detector found the faces that the head was trained on.
  package static let detectorKey = "detector"

  /// Output channels of the thirteen 3 × 3 convolutions.
  private static let channels = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]

  package static func parts(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    let files = EmbeddingFiles(specification, weightsDirectory: weightsDirectory)
    // What cannot be read is told when the network is.
    let noted = (try? NetworkFile.annotations(files.weights))?[detectorKey].flatMap(DetectorKind.init)
    return EngineParts(detector: noted ?? .hog, precision: specification.precision) {
      () throws(EngineError) in
      try network(specification, weightsDirectory: weightsDirectory)
    }
  }

  /// Reads and checks the network.
  ///
  /// - Throws: ``EngineError``: `missingWeights`, `invalidWeights`, `invalidOption`.
  package static func network(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    guard specification.weights != nil else {
      throw EngineError(
        .invalidOption,
        "The engine vgg16 has no weights of its own; name your file: vgg16:FILE, or vgg16:FILE,HEAD for convolutions "
          + "and a head in two files.")
    }
    let embedding = try EmbeddingFiles(specification, weightsDirectory: weightsDirectory)
      .load(specification, preprocessing: .vggFace)
    try check(embedding.network, file: specification.weights ?? "")
    return embedding
  }

  /// Whether a network's convolutions are VGG16's first ones.
  package static func isBackbone(of network: Network) -> Bool {
    let convolutions = convolutions(network)
    return !convolutions.isEmpty && firstOther(convolutions) == nil
  }

  private static func check(_ network: Network, file: String) throws(EngineError) {
    let found = convolutions(network)
    guard !found.isEmpty else {
      throw EngineError(.invalidWeights, "\(file) is not VGG16: it has no convolutions.")
    }
    guard let place = firstOther(found) else { return }
    let (name, layer) = found[place]
    throw EngineError(
      .invalidWeights,
      "\(file) is not VGG16: its layer \(name.split(separator: "/")[0]) is a \(layer.window.height) × \(layer.window.width) "
        + "convolution to \(layer.outputChannels) channels, where VGG16 has "
        + (place < channels.count ? "3 × 3 to \(channels[place])." : "no more."))
  }

  private static func convolutions(_ network: Network) -> [(name: String, layer: Convolution)] {
    network.nodes.compactMap { node in
      if case .convolution(let layer) = node.layer { (node.name, layer) } else { nil }
    }
  }

  /// The place of the first convolution that is not VGG16's at that place.
  private static func firstOther(_ found: [(name: String, layer: Convolution)]) -> Int? {
    found.indices.first { place in
      let layer = found[place].layer
      return place >= channels.count || layer.outputChannels != channels[place]
        || layer.window.height != 3 || layer.window.width != 3
    }
  }
}
