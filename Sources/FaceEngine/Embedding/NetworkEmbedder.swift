package import Imaging
package import NeuralNetwork

/// An embedding network on our inference runtime.
package final class NetworkEmbedder: FaceEmbedder {
  /// The most chips in one run of the network.
  private static let batch = 8

  package let weightsDigest: String
  package let preprocessing: String
  package let chipSide: Int
  package let dimension: Int
  private let plan: ExecutionPlan

  /// Plans `network` for square chips of its input size.
  ///
  /// - Parameter weightsDigest: SHA-256 of the file that the weights came from.
  /// - Throws: ``EngineError`` with code `invalidWeights` when it takes no square RGB chips of a fixed size, or gives
  ///   no vector.
  package init(_ network: Network, weightsDigest: String) throws(EngineError) {
    guard let side = network.input.height, network.input.width == side,
      let preprocessing = network.preprocessing
    else {
      throw EngineError(
        .invalidWeights, "An embedding network takes square RGB chips of a size and preprocessing on record.")
    }
    do {
      plan = try ExecutionPlan(network, height: side, width: side, options: PlanOptions(batch: Self.batch))
    } catch {
      throw EngineError(.invalidWeights, error.message)
    }
    guard case .vector(let length) = plan.outputShape else {
      throw EngineError(.invalidWeights, "An embedding network ends in a vector, not in \(plan.outputShape).")
    }
    self.weightsDigest = weightsDigest
    self.preprocessing = preprocessing.summary
    chipSide = side
    dimension = length
  }

  /// The same chip gives the same bits in any place of a batch, so faces of a photo run together.
  package func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float] {
    var descriptors: [Float] = []
    descriptors.reserveCapacity(chips.count * dimension)
    for start in stride(from: 0, to: chips.count, by: Self.batch) {
      var pixels: [UInt8] = []
      for chip in chips[start..<min(start + Self.batch, chips.count)] {
        guard chip.width == chipSide, chip.height == chipSide else {
          throw EngineError(
            .invalidInput,
            "An aligned face has \(chipSide) × \(chipSide) pixels, not \(chip.width) × \(chip.height).")
        }
        pixels += chip.pixels
      }
      do {
        descriptors += try plan.run(rgb: pixels)
      } catch {
        throw EngineError(.internalFailure, error.message)
      }
    }
    return descriptors
  }
}

extension Preprocessing {
  /// One line for the fingerprint: "rgb, (value - (122.782, 117.001, 104.298)) * 0.00390625".
  fileprivate var summary: String {
    let means = mean.map { "\($0)" }.joined(separator: ", ")
    return "\(order.rawValue), (value - (\(means))) * \(scale)"
  }
}
