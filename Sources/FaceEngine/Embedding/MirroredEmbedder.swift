package import Imaging
package import NeuralNetwork

/// The sum of what a network makes of a face and of its mirror image.
package final class MirroredEmbedder: FaceEmbedder {
  private let embedder: any FaceEmbedder

  /// - Parameter embedder: What embeds both.
  package init(_ embedder: any FaceEmbedder) { self.embedder = embedder }

  package var weightsDigest: String { embedder.weightsDigest }
  package var preprocessing: String { embedder.preprocessing }
  package var normalization: String { embedder.normalization }
  package var chipHeight: Int { embedder.chipHeight }
  package var chipWidth: Int { embedder.chipWidth }
  package var dimension: Int { embedder.dimension }
  package var batch: Int { max(embedder.batch / 2, 1) }
  package var steps: [LayerDescription] { embedder.steps }

  package func profile() throws(EngineError) -> [Double] { try embedder.profile() }

  package func sharingWeights() throws(EngineError) -> any FaceEmbedder {
    MirroredEmbedder(try embedder.sharingWeights())
  }

  package func descriptors(of chips: [RGBImage]) throws(EngineError) -> [Float] {
    let both = try embedder.descriptors(of: chips.flatMap { [$0, $0.flippedHorizontally()] })
    return stride(from: 0, to: both.count, by: 2 * dimension).flatMap { start in
      (start..<start + dimension).map { both[$0] + both[$0 + dimension] }
    }
  }
}
