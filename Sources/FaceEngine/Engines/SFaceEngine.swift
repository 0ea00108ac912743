package import Foundation
internal import NeuralNetwork

/// YuNet's faces, ArcFace's places, and SFace: a MobileFaceNet of 9.7 million weights, 112 × 112 RGB to 128 numbers.
/// (Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", 2021.)
package enum SFaceEngine: EngineKind {
  package static let name = "sface"

  /// OpenCV Zoo's network with its weights in blocks of 8 bits, which are made float again while reading.
  package static let fileName = "face_recognition_sface_2021dec_int8bq.onnx"

  /// The digest of the weights that ``operatingPoint`` was measured with.
  static let measured = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"

  package static func parts(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    EngineParts(
      detector: .yunet, aligner: SimilarityAligner.arcFace, chip: chip(specification),
      precision: specification.precision
    ) { () throws(EngineError) in try network(specification, weightsDirectory: weightsDirectory) }
  }

  /// What SFace takes; a file of the user's may be of another size.
  static func chip(_ specification: EngineSpecification) -> ChipSize? {
    specification.weights == nil ? ChipSize(side: 112) : nil
  }

  /// Reads SFace from its file, or from another one with the same weights.
  static func network(
    _ specification: EngineSpecification, _ fileName: String = fileName, measured: String = measured,
    weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    let files = EmbeddingFiles(specification, default: fileName, weightsDirectory: weightsDirectory)
    let digest = try WeightsFile(files.weights).digest
    return try EmbeddingNetwork(
      files.read(digest: digest), digest: digest, preprocessing: preprocessing,
      operatingPoint: digest == measured ? operatingPoint(specification.augmentation) : nil,
      augmentation: specification.augmentation, file: files.weights.lastPathComponent)
  }

  /// The network takes values from 0 to 255, and scales them itself.
  static let preprocessing = Preprocessing(order: .rgb, mean: [0, 0, 0], scale: 1)

  /// The measured thresholds.
  static func operatingPoint(_ augmentation: EngineAugmentation) -> OperatingPoint? {
    switch augmentation {
    case .none: operatingPoint
    case .flip: flippedPoint
    }
  }

  /// Measured likewise.
  private static let flippedPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.1980), .init(falseMatchRate: 3.162e-2, threshold: 0.2489),
      .init(falseMatchRate: 1e-2, threshold: 0.2901), .init(falseMatchRate: 3.162e-3, threshold: 0.3259),
      .init(falseMatchRate: 1e-3, threshold: 0.3576), .init(falseMatchRate: 3.162e-4, threshold: 0.3868),
      .init(falseMatchRate: 1e-4, threshold: 0.4138), .init(falseMatchRate: 3.162e-5, threshold: 0.4400),
      .init(falseMatchRate: 1e-5, threshold: 0.4648), .init(falseMatchRate: 3.162e-6, threshold: 0.4908),
      .init(falseMatchRate: 1e-6, threshold: 0.5251),
    ],
    slope: 38.969, offset: -12.961, nearDuplicate: 0.956, floors: [0.468, 0.497, 0.516, 0.527],
    certainties: [0.443, 0.528, 0.564, 0.587, 0.604],
    evidence: [
      .init(slope: 56.91, offset: -19.519), .init(slope: 65.13, offset: -25.149),
      .init(slope: 62.93, offset: -24.922), .init(slope: 58.11, offset: -23.103),
      .init(slope: 61.79, offset: -25.060),
    ], falseNeighborRate: 0.01)

  /// Measured on LFW by `galleryctl eval --engine sface --wrong-names Benchmarks/lfw-wrong-names.txt`: false match rates over
  /// 16,362,060 pairs of different people, the curve over those and 14,501 pairs of the same person.
  static let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.1967), .init(falseMatchRate: 3.162e-2, threshold: 0.2475),
      .init(falseMatchRate: 1e-2, threshold: 0.2888), .init(falseMatchRate: 3.162e-3, threshold: 0.3243),
      .init(falseMatchRate: 1e-3, threshold: 0.3560), .init(falseMatchRate: 3.162e-4, threshold: 0.3851),
      .init(falseMatchRate: 1e-4, threshold: 0.4124), .init(falseMatchRate: 3.162e-5, threshold: 0.4378),
      .init(falseMatchRate: 1e-5, threshold: 0.4621), .init(falseMatchRate: 3.162e-6, threshold: 0.4875),
      .init(falseMatchRate: 1e-6, threshold: 0.5203),
    ],
    slope: 39.051, offset: -12.855, nearDuplicate: 0.95, floors: [0.467, 0.493, 0.517, 0.526],
    certainties: [0.436, 0.520, 0.551, 0.576, 0.596],
    evidence: [
      .init(slope: 58.36, offset: -19.934), .init(slope: 66.65, offset: -25.599),
      .init(slope: 63.42, offset: -24.965), .init(slope: 59.34, offset: -23.497),
      .init(slope: 61.91, offset: -25.037),
    ], falseNeighborRate: 0.01)
}

/// The same with the weights as they were trained, in float32: four times the file.
package enum SFaceFloat32Engine: EngineKind {
  package static let name = "sface-f32"

  /// OpenCV Zoo's networks.
  package static let fileName = "face_recognition_sface_2021dec.onnx"
  package static let yuNetFile = "face_detection_yunet_2023mar.onnx"

  private static let measured = "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79"

  package static func parts(
    _ specification: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EngineParts {
    EngineParts(
      detector: .yunet, aligner: SimilarityAligner.arcFace, yuNetFile: yuNetFile,
      chip: SFaceEngine.chip(specification), precision: specification.precision
    ) { () throws(EngineError) in
      try SFaceEngine.network(specification, fileName, measured: measured, weightsDirectory: weightsDirectory)
    }
  }
}
