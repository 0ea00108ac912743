package import Foundation
internal import NeuralNetwork

/// YuNet's faces, ArcFace's places, and SFace: a MobileFaceNet of 9.7 million weights, 112 × 112 RGB to 128 numbers.
/// (Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", 2021.)
package enum SFaceEngine: EngineKind {
  package static let name = "sface"
  package static let detector = DetectorKind.yunet
  package static let alignment = Alignment.arcFace

  /// OpenCV Zoo's network with its weights in blocks of 8 bits, which are made float again while reading.
  package static let fileName = "face_recognition_sface_2021dec_int8bq.onnx"

  /// The digest of the weights that ``operatingPoint`` was measured with.
  private static let measured = "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee"

  package static func network(
    _ choice: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    try network(
      choice, fileName, measured: measured, operatingPoint: operatingPoint, weightsDirectory: weightsDirectory
    )
  }

  /// Reads SFace from an ONNX file.
  static func network(
    _ choice: EngineSpecification, _ fileName: String, measured: String, operatingPoint: OperatingPoint,
    weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    let files = EmbeddingFiles(choice, default: fileName, weightsDirectory: weightsDirectory)
    let digest = try WeightsFile(files.weights).digest
    return try EmbeddingNetwork(
      files.read(), digest: digest, preprocessing: preprocessing,
      operatingPoint: digest == measured ? operatingPoint : nil, file: files.weights.lastPathComponent)
  }

  /// The network takes values from 0 to 255, and scales them itself.
  static let preprocessing = Preprocessing(order: .rgb, mean: [0, 0, 0], scale: 1)

  /// Measured on LFW by `galleryctl eval --engine sface`: false match rates over 16,522,626 pairs of different people, the curve
  /// over those and 14,508 pairs of the same person. Below a rate of 3e-6 the data set's own wrong labels are measured (0.6752 at
  /// 1e-6), so that nothing is on record there.
  package static let operatingPoint = OperatingPoint(
    points: [
      .init(falseMatchRate: 1e-1, threshold: 0.1966), .init(falseMatchRate: 3.162e-2, threshold: 0.2475),
      .init(falseMatchRate: 1e-2, threshold: 0.2888), .init(falseMatchRate: 3.162e-3, threshold: 0.3243),
      .init(falseMatchRate: 1e-3, threshold: 0.3560), .init(falseMatchRate: 3.162e-4, threshold: 0.3851),
      .init(falseMatchRate: 1e-4, threshold: 0.4128), .init(falseMatchRate: 3.162e-5, threshold: 0.4385),
      .init(falseMatchRate: 1e-5, threshold: 0.4645), .init(falseMatchRate: 3.162e-6, threshold: 0.5000),
    ],
    slope: 35.452, offset: -11.624)
}

/// The same with the weights as they were trained, in float32: four times the file.
package enum SFaceFloat32Engine: EngineKind {
  package static let name = "sface-f32"
  package static let detector = DetectorKind.yunet
  package static let alignment = Alignment.arcFace

  /// OpenCV Zoo's network.
  package static let fileName = "face_recognition_sface_2021dec.onnx"
  package static let yuNetFile = "face_detection_yunet_2023mar.onnx"

  private static let measured = "0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79"

  package static func network(
    _ choice: EngineSpecification, weightsDirectory: URL
  ) throws(EngineError) -> EmbeddingNetwork {
    try SFaceEngine.network(
      choice, fileName, measured: measured, operatingPoint: SFaceEngine.operatingPoint,
      weightsDirectory: weightsDirectory)
  }
}
