package import Foundation
internal import NeuralNetwork

/// dlib's engine: HOG detector, five landmarks, chips of 150 pixels, and its face recognition ResNet (29 convolutions, RGB to 128
/// numbers).
/// (He et al., "Deep Residual Learning", 2016; trained by D. King, 2017.)
package enum ResNetEngine: EngineKind {
  package static let name = "resnet"

  /// The file in the weights folder.
  package static let fileName = "dlib_face_recognition_resnet_model_v1.dat"

  /// The digest of the weights that ``operatingPoint`` was measured with.
  static let measured = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"

  package static func parts(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    // A file of the user's may be of another size.
    let chip = specification.weights == nil ? ChipSize(side: 150) : nil
    return EngineParts(chip: chip, precision: specification.precision) { () throws(EngineError) in
      try network(specification, weightsDirectory: weightsDirectory)
    }
  }

  /// Reads the network.
  static func network(_ specification: EngineSpecification, weightsDirectory: URL) throws(EngineError)
    -> EmbeddingNetwork
  {
    let file = try WeightsFile(
      EmbeddingFiles(specification, default: fileName, weightsDirectory: weightsDirectory).weights)
    let network: Network
    do {
      network = try DlibImporter.network(at: URL(filePath: file.path))
    } catch {
      throw EngineError(.invalidWeights, error.message, weights: file.path)
    }
    return try EmbeddingNetwork(
      network, digest: file.digest,
      operatingPoint: file.digest == measured ? operatingPoint(specification.augmentation) : nil,
      augmentation: specification.augmentation, file: file.name)
  }

  /// The measured thresholds.
  private static func operatingPoint(_ augmentation: EngineAugmentation) -> OperatingPoint {
    switch augmentation {
    case .none: operatingPoint
    case .flip: flippedPoint
    }
  }

  /// Similarity from which two faces are nearly the same picture, measured on LFW.
  package static let nearDuplicate: Float = 0.993

  /// Measured with unit-length embeddings on LFW by `galleryctl eval --engine resnet --wrong-names Benchmarks/lfw-wrong-names.txt`:
  /// false match rates over 16,282,071 pairs of different people, the curve over those and 14,460 pairs of the same person.
  package static let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.8776), .init(falseMatchRate: 3.162e-2, threshold: 0.8944),
      .init(falseMatchRate: 1e-2, threshold: 0.9070), .init(falseMatchRate: 3.162e-3, threshold: 0.9173),
      .init(falseMatchRate: 1e-3, threshold: 0.9260), .init(falseMatchRate: 3.162e-4, threshold: 0.9338),
      .init(falseMatchRate: 1e-4, threshold: 0.9409), .init(falseMatchRate: 3.162e-5, threshold: 0.9472),
      .init(falseMatchRate: 1e-5, threshold: 0.9529), .init(falseMatchRate: 3.162e-6, threshold: 0.9577),
      .init(falseMatchRate: 1e-6, threshold: 0.9618),
    ],
    slope: 158.137, offset: -143.282, nearDuplicate: nearDuplicate, floors: [0.927, 0.933, 0.935, 0.936],
    certainties: [0.919, 0.937, 0.943, 0.945, 0.947],
    evidence: [
      .init(slope: 244.21, offset: -222.377), .init(slope: 298.56, offset: -275.846),
      .init(slope: 317.22, offset: -294.650), .init(slope: 306.12, offset: -284.612),
      .init(slope: 295.97, offset: -275.211),
    ], falseNeighborRate: 0.05)

  /// Measured on LFW by `galleryctl eval --engine resnet --augment flip --wrong-names Benchmarks/lfw-wrong-names.txt`: false match
  /// rates over 16,282,071 pairs of different people, the curve over those and 14,460 pairs of the same person.
  private static let flippedPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.8811), .init(falseMatchRate: 3.162e-2, threshold: 0.8976),
      .init(falseMatchRate: 1e-2, threshold: 0.9100), .init(falseMatchRate: 3.162e-3, threshold: 0.9201),
      .init(falseMatchRate: 1e-3, threshold: 0.9286), .init(falseMatchRate: 3.162e-4, threshold: 0.9362),
      .init(falseMatchRate: 1e-4, threshold: 0.9430), .init(falseMatchRate: 3.162e-5, threshold: 0.9490),
      .init(falseMatchRate: 1e-5, threshold: 0.9544), .init(falseMatchRate: 3.162e-6, threshold: 0.9589),
      .init(falseMatchRate: 1e-6, threshold: 0.9625),
    ],
    slope: 161.386, offset: -146.919, nearDuplicate: 0.995, floors: [0.932, 0.936, 0.939, 0.940],
    certainties: [0.924, 0.942, 0.947, 0.949, 0.950],
    evidence: [
      .init(slope: 253.83, offset: -232.175), .init(slope: 313.28, offset: -290.594),
      .init(slope: 322.85, offset: -300.753), .init(slope: 326.11, offset: -304.309),
      .init(slope: 315.35, offset: -294.176),
    ], falseNeighborRate: 0.02)
}
