package import Imaging
package import NeuralNetwork

/// An embedding network on our inference runtime.
package final class NetworkEmbedder: FaceEmbedder {
  package let weightsDigest: String
  package let preprocessing: String
  package let chipHeight: Int
  package let chipWidth: Int
  package let dimension: Int
  package let batch: Int
  private let plan: ExecutionPlan

  /// Plans a network for its chips.
  ///
  /// - Throws: ``EngineError`` with code `invalidWeights` when its layers do not fit together.
  package init(_ embedding: EmbeddingNetwork, precision: EnginePrecision) throws(EngineError) {
    (chipHeight, chipWidth) = (embedding.height, embedding.width)
    // Larger chips fill the processor by themselves, and a batch of them takes hundreds of megabytes.
    batch = min(max(Self.batchPixels / (chipHeight * chipWidth), 1), Self.largestBatch)
    do {
      plan = try ExecutionPlan(
        embedding.network, height: chipHeight, width: chipWidth,
        options: PlanOptions(batch: batch, precision: precision.planned))
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
    weightsDigest = embedding.weightsDigest
    preprocessing = embedding.preprocessing.description
    dimension = embedding.dimension
  }

  /// Makes an embedder that shares the weights of another one, which may be at work meanwhile.
  package init(sharingWeightsOf other: NetworkEmbedder) throws(EngineError) {
    do {
      plan = try ExecutionPlan(sharingWeightsOf: other.plan)
    } catch {
      throw EngineError(network: error)
    }
    (chipHeight, chipWidth) = (other.chipHeight, other.chipWidth)
    (batch, dimension) = (other.batch, other.dimension)
    (weightsDigest, preprocessing) = (other.weightsDigest, other.preprocessing)
  }

  package func sharingWeights() throws(EngineError) -> any FaceEmbedder {
    try NetworkEmbedder(sharingWeightsOf: self)
  }

  private static let largestBatch = 8
  private static let batchPixels = 8 * 150 * 150

  package var steps: [LayerDescription] { plan.layerDescriptions }

  package func profile() throws(EngineError) -> [Double] {
    do {
      return try plan.profile()
    } catch {
      throw EngineError(network: error)
    }
  }

  /// The same chip gives the same bits in any place of a batch, so faces of a photo run together.
  package func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float] {
    var descriptors: [Float] = []
    descriptors.reserveCapacity(chips.count * dimension)
    for start in stride(from: 0, to: chips.count, by: batch) {
      var pixels: [UInt8] = []
      for chip in chips[start..<min(start + batch, chips.count)] {
        guard chip.width == chipWidth, chip.height == chipHeight else {
          throw EngineError(
            .invalidInput,
            "An aligned face has \(chipWidth) × \(chipHeight) pixels, not \(chip.width) × \(chip.height).")
        }
        pixels += chip.pixels
      }
      do {
        descriptors += try plan.run(rgb: pixels)
      } catch {
        throw EngineError(network: error)
      }
    }
    return descriptors
  }
}
