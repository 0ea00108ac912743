internal import Foundation
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
  ///   - side: The side of the chips that the notes' alignment is for, which a network whose size is open takes; nil where there are
  ///     no notes.
  ///   - file: How messages call the file it came from.
  /// - Throws: ``EngineError`` with code `invalidWeights` when the network gives no vector, takes no RGB chips or none of `side`
  ///   pixels, or has a damaged operating point on record.
  package init(
    _ network: Network, digest: String, preprocessing: Preprocessing? = nil,
    operatingPoint: OperatingPoint? = nil, augmentation: EngineAugmentation = .none, side: Int? = nil,
    file: String
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
      (height, width) = try Self.size(of: network, side: side, file: file)
      var fixed = try network.fixed(height: height, width: width).endingInVector()
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

  /// The size of the chips: the network's, and for what it leaves open the alignment's, where there is one.
  private static func size(
    of network: Network, side: Int?, file: String
  ) throws -> (height: Int, width: Int) {
    guard let side, network.input.height == nil || network.input.width == nil else {
      return try network.preferredSize()
    }
    let (height, width) = (network.input.height ?? side, network.input.width ?? side)
    guard (try? network.shapes(height: height, width: width)) != nil else {
      throw EngineError(
        .invalidWeights,
        "\(file) does not say how large its images are, and its layers do not take the \(height) × \(width) pixels of its "
          + "alignment: give \"input\": [height, width] in "
          + "\(NetworkNotes.url(beside: URL(filePath: file)).lastPathComponent).")
    }
    return (height, width)
  }
}

extension Network {
  /// The network of a fixed size, whose result becomes a vector where all of its extents but one are 1, as behind a pooling of the
  /// whole image (1×N×1×1).
  fileprivate func endingInVector() throws(NetworkError) -> Network {
    guard let height = input.height, let width = input.width,
      let last = try shapes(height: height, width: width).last, last.extents.count != 2,
      last.extents.count(where: { $0 != 1 }) <= 1
    else { return self }
    let extents = TensorOperation.Operand.integers(shape: [2], values: [1, last.count])
    let vector = Node(
      "vector", .tensor(TensorOperation(.reshape, [.result, extents])), inputs: [Network.inputName])
    return try followed(by: Network(input: InputShape(channels: input.channels), nodes: [vector]))
  }
}
