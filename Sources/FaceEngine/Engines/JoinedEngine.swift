package import Foundation
internal import Imaging

/// YuNet's faces embedded by SFace and by dlib's ResNet: both vectors behind each other, 256 numbers, at 1.4 times SFace's
/// work.
package enum JoinedEngine: EngineKind {
  package static let name = "sface+resnet"

  /// The length of the ResNet's part, where SFace's has 1: on LFW 0.8 to 1.5 do equally well, and less or more is worse.
  static let weight: Float = 1

  package static func parts(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    guard specification.weights == nil else {
      throw EngineError(.invalidOption, "The engine \(name) has two networks of its own and takes no file.")
    }
    return EngineParts(detector: .yunet, aligner: aligner, chip: ChipSize(side: side)) {
      () throws(EngineError) in
      let first = try SFaceEngine.network(specification, weightsDirectory: weightsDirectory)
      let second = try ResNetEngine.network(specification, weightsDirectory: weightsDirectory)
      let embedder = try JoinedEmbedder(
        first: NetworkEmbedder(first, precision: specification.precision),
        second: NetworkEmbedder(second, precision: specification.precision), weight: weight, side: side,
        views: views)
      let isMeasured =
        first.weightsDigest == SFaceEngine.measured && second.weightsDigest == ResNetEngine.measured
      return (embedder, isMeasured ? operatingPoint(specification.augmentation) : .uncalibrated)
    }
  }

  /// The measured thresholds.
  private static func operatingPoint(_ augmentation: EngineAugmentation) -> OperatingPoint {
    switch augmentation {
    case .none: operatingPoint
    case .flip: flippedPoint
    }
  }

  /// Measured on LFW by `galleryctl eval --engine sface+resnet --wrong-names Benchmarks/lfw-wrong-names.txt`, as SFace's.
  private static let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.5257), .init(falseMatchRate: 3.162e-2, threshold: 0.5568),
      .init(falseMatchRate: 1e-2, threshold: 0.5823), .init(falseMatchRate: 3.162e-3, threshold: 0.6044),
      .init(falseMatchRate: 1e-3, threshold: 0.6243), .init(falseMatchRate: 3.162e-4, threshold: 0.6420),
      .init(falseMatchRate: 1e-4, threshold: 0.6589), .init(falseMatchRate: 3.162e-5, threshold: 0.6733),
      .init(falseMatchRate: 1e-5, threshold: 0.6884), .init(falseMatchRate: 3.162e-6, threshold: 0.7056),
      .init(falseMatchRate: 1e-6, threshold: 0.7237),
    ],
    slope: 67.338, offset: -41.135, nearDuplicate: 0.973, floors: [0.713, 0.734, 0.742, 0.748],
    certainties: [0.684, 0.741, 0.761, 0.774, 0.783],
    evidence: [
      .init(slope: 98.26, offset: -60.749), .init(slope: 119.67, offset: -79.261),
      .init(slope: 108.26, offset: -72.402), .init(slope: 106.68, offset: -71.986),
      .init(slope: 112.69, offset: -76.782),
    ], falseNeighborRate: 0.01)

  /// Measured likewise.
  private static let flippedPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.5303), .init(falseMatchRate: 3.162e-2, threshold: 0.5613),
      .init(falseMatchRate: 1e-2, threshold: 0.5869), .init(falseMatchRate: 3.162e-3, threshold: 0.6090),
      .init(falseMatchRate: 1e-3, threshold: 0.6290), .init(falseMatchRate: 3.162e-4, threshold: 0.6467),
      .init(falseMatchRate: 1e-4, threshold: 0.6634), .init(falseMatchRate: 3.162e-5, threshold: 0.6783),
      .init(falseMatchRate: 1e-5, threshold: 0.6938), .init(falseMatchRate: 3.162e-6, threshold: 0.7102),
      .init(falseMatchRate: 1e-6, threshold: 0.7313),
    ],
    slope: 67.989, offset: -41.910, nearDuplicate: 0.976, floors: [0.719, 0.738, 0.750, 0.754],
    certainties: [0.691, 0.750, 0.767, 0.782, 0.791],
    evidence: [
      .init(slope: 95.96, offset: -59.742), .init(slope: 115.96, offset: -77.266),
      .init(slope: 107.61, offset: -72.413), .init(slope: 106.99, offset: -72.683),
      .init(slope: 112.78, offset: -77.231),
    ], falseNeighborRate: 0.01)

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
