package import NeuralNetwork

/// A network that is ready to be planned for aligned faces, with what its embeddings mean.
package struct EmbeddingNetwork: Sendable {
  /// The layers, from RGB chips of a fixed size and through a preprocessing on record to a vector.
  package let network: Network
  /// Rows of a chip.
  package let height: Int
  /// Columns of a chip.
  package let width: Int
  /// What is done to a chip's pixels first.
  package let preprocessing: Preprocessing
  /// The length of the vector.
  package let dimension: Int
  /// SHA-256 of the weights, in hexadecimal.
  package let weightsDigest: String
  /// The measured thresholds, or ``OperatingPoint/uncalibrated``.
  package let operatingPoint: OperatingPoint

  /// The smallest side of a chip: below it five poolings leave nothing.
  package static let smallestSide = 32
  /// The largest side of a chip: beyond it there are more pixels than a face has.
  package static let largestSide = 1_024

  /// Checks a network and fixes its input.
  ///
  /// - Parameters:
  ///   - network: Layers that end in a vector.
  ///   - preprocessing: What holds when the network has none on record.
  ///   - operatingPoint: What holds when the network has none on record.
  ///   - augmentation: Which pictures are embedded, for the operating point on record.
  ///   - file: How messages call the file it came from.
  /// - Throws: ``EngineError`` with code `invalidWeights` when the network gives no vector, takes no RGB chips, or has
  ///   a damaged operating point on record.
  package init(
    _ network: Network, digest: String, preprocessing: Preprocessing? = nil,
    operatingPoint: OperatingPoint? = nil, augmentation: EngineAugmentation = .none, file: String
  ) throws(EngineError) {
    guard let preprocessing = network.preprocessing ?? preprocessing, network.input.channels == 3 else {
      throw EngineError(
        .invalidWeights,
        "\(file) is no embedding network: it takes \(network.input) images, and how photos become them is not on record."
      )
    }
    do {
      if network.nodes.allSatisfy({ if case .dense = $0.layer { false } else { true } }),
        case .image? = try network.shapes(
          height: network.input.height ?? 224, width: network.input.width ?? 224
        ).last
      {
        throw EngineError(
          .invalidWeights,
          "\(file) holds convolutions only and no head that makes an embedding of them: name a head's file after it "
            + "(NAME:\(file),HEAD).")
      }
      (height, width) = try network.preferredSize()
      var fixed = try network.fixed(height: height, width: width)
      fixed.preprocessing = preprocessing
      self.network = fixed
      let last = try fixed.shapes(height: height, width: width).last
      guard case .vector(let length)? = last else {
        let extents = last.map { $0.extents.map(String.init).joined(separator: "×") } ?? "nothing"
        throw EngineError(
          .invalidWeights,
          "\(file) is no embedding network: it ends in \(extents), not in a vector a photo (1×N).")
      }
      dimension = length
    } catch let error as NetworkError {
      throw EngineError(.invalidWeights, "\(file) cannot embed faces: \(error.message)")
    } catch let error as EngineError {
      throw error
    } catch {
      throw EngineError(.internalFailure, "\(error)")
    }
    guard min(height, width) >= Self.smallestSide, max(height, width) <= Self.largestSide else {
      throw EngineError(
        .invalidWeights,
        "\(file) takes images of \(height) × \(width) pixels; faces are cut out with sides from "
          + "\(Self.smallestSide) to \(Self.largestSide).")
    }
    self.preprocessing = preprocessing
    weightsDigest = digest
    self.operatingPoint =
      try OperatingPoint(annotations: network.annotations, augmentation, file: file) ?? operatingPoint
      ?? .uncalibrated
  }
}
