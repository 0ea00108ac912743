package import Imaging
package import NeuralNetwork
internal import Support

/// Two networks that see the same face, each in a chip of its own that is taken from a larger one: both vectors at unit length, the
/// second times a weight, behind each other.
package final class JoinedEmbedder: FaceEmbedder {
  package let weightsDigest: String
  package let preprocessing: String
  package let normalization: String
  package let chipHeight: Int
  package let chipWidth: Int
  package let dimension: Int
  package let batch: Int
  private let networks: [NetworkEmbedder]
  private let weights: [Float]
  private let views: [Similarity]

  /// - Parameters:
  ///   - weight: The second vector's length, where the first's is 1.
  ///   - side: Rows and columns of the larger chip.
  ///   - views: Where the pixels of each network's chip lie in the larger one.
  init(
    first: NetworkEmbedder, second: NetworkEmbedder, weight: Float, side: Int, views: [Similarity]
  ) throws(EngineError) {
    networks = [first, second]
    weights = [1, weight]
    self.views = views
    (chipHeight, chipWidth) = (side, side)
    weightsDigest = SHA256.hexadecimal(of: Array((first.weightsDigest + second.weightsDigest).utf8))
    preprocessing = "\(first.preprocessing); \(second.preprocessing)"
    normalization = "unit length each, the second times \(weight), unit length"
    dimension = first.dimension + second.dimension
    batch = min(first.batch, second.batch)
  }

  private init(_ other: JoinedEmbedder, networks: [NetworkEmbedder]) {
    self.networks = networks
    (weights, views) = (other.weights, other.views)
    (chipHeight, chipWidth) = (other.chipHeight, other.chipWidth)
    (weightsDigest, preprocessing) = (other.weightsDigest, other.preprocessing)
    (normalization, dimension, batch) = (other.normalization, other.dimension, other.batch)
  }

  package func sharingWeights() throws(EngineError) -> any FaceEmbedder {
    var copies: [NetworkEmbedder] = []
    for network in networks { copies.append(try NetworkEmbedder(sharingWeightsOf: network)) }
    return JoinedEmbedder(self, networks: copies)
  }

  package var steps: [LayerDescription] { networks.flatMap(\.steps) }

  package func profile() throws(EngineError) -> [Double] {
    var seconds: [Double] = []
    for network in networks { seconds += try network.profile() }
    return seconds
  }

  package func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float] {
    var parts: [[Float]] = []
    for (network, view) in zip(networks, views) {
      var seen: [RGBImage] = []
      for chip in chips {
        guard chip.width == chipWidth, chip.height == chipHeight else {
          throw EngineError(
            .invalidInput,
            "An aligned face has \(chipWidth) × \(chipHeight) pixels, not \(chip.width) × \(chip.height).")
        }
        seen.append(try chip.sampled(by: view, width: network.chipWidth, height: network.chipHeight))
      }
      parts.append(try network.descriptors(of: seen))
    }
    var joined: [Float] = []
    joined.reserveCapacity(chips.count * dimension)
    for chip in chips.indices {
      for (part, (network, weight)) in zip(parts, zip(networks, weights)) {
        let vector = part[chip * network.dimension..<(chip + 1) * network.dimension]
        joined += try Embedding(normalizing: Array(vector)).values.map { $0 * weight }
      }
    }
    return joined
  }
}
