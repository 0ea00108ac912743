package import Foundation
internal import Imaging

/// YuNet's faces embedded by SFace and by dlib's ResNet: both vectors behind each other, 256 numbers, at three times SFace's work.
package enum JoinedEngine: EngineKind {
  package static let name = "sface+resnet"

  /// The length of the ResNet's part, where SFace's has 1.
  static let weight: Float = 1

  package static func parts(
    _ choice: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    guard choice.weights == nil else {
      throw EngineError(.invalidOption, "The engine \(name) has two networks of its own and takes no file.")
    }
    return EngineParts(detector: .yunet, aligner: aligner) { () throws(EngineError) in
      let first = try SFaceEngine.network(choice, weightsDirectory: weightsDirectory)
      let second = try ResNetEngine.network(choice, weightsDirectory: weightsDirectory)
      let embedder = try JoinedEmbedder(
        first: NetworkEmbedder(first, precision: choice.precision),
        second: NetworkEmbedder(second, precision: choice.precision), weight: weight, side: side,
        views: views)
      return (embedder, .uncalibrated)
    }
  }

  /// Rows and columns of the chip that both networks' chips are taken from: twice as fine as SFace's.
  private static let side = 256

  /// ArcFace's places in the middle of a wider chip: dlib's reaches below the chin.
  private static let aligner = SimilarityAligner.arcFace.widened(left: 8, above: 0, side: 128)

  /// Where the pixels of both networks' chips lie in that chip.
  private static let views = [
    // Two pixels of the chip a pixel, from the place of ArcFace's.
    Similarity(a: 2, b: 0, u: 16.5, v: 0.5),
    // Where dlib's chip lies in the median of 501 faces of LFW, by both kinds of landmarks.
    Similarity(a: 1.3419, b: 0, u: 27.2, v: 44.69),
  ]
}
