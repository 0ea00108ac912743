import FaceEngine
import Foundation
import Imaging

/// Where the photos and weights that tests use are; the package keeps neither.
enum TestData {
  static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let photos = folder("FACEGALLERY_DATA", else: "data")
  static let weights = folder("FACEGALLERY_WEIGHTS", else: "weights")
  static let shared = folder("FACEGALLERY_SHARED", else: "../shared")

  static let hasWeights = FileManager.default.fileExists(
    atPath: weights.appending(path: "dlib_face_recognition_resnet_model_v1.dat").path)
  static let hasPhotos =
    hasWeights
    && FileManager.default.fileExists(atPath: photos.appending(path: "obama.jpg").path)
  static let lfwArchive = shared.appending(path: "lfw/lfw-deepfunneled.tar")
  static let hasLFW = hasWeights && FileManager.default.fileExists(atPath: lfwArchive.path)

  static let weightsReason = "the weights are not there: make weights, or set FACEGALLERY_WEIGHTS"
  static let photosReason = "the sample photos are not there: make demo, or set FACEGALLERY_DATA"
  static let lfwReason = "LFW is not there: set FACEGALLERY_SHARED to the folder that holds lfw/"

  /// dlib's engine for all tests: reading the weights takes longer than most of them.
  static let engine = Result { () throws(EngineError) in
    try FaceEngine(EngineConfiguration(weightsDirectory: weights, threads: 2, engine: .resNet))
  }

  static let hasSFace =
    ["face_detection_yunet_2023mar_int8bq.onnx", "face_recognition_sface_2021dec_int8bq.onnx"]
    .allSatisfy { FileManager.default.fileExists(atPath: weights.appending(path: $0).path) }
    && FileManager.default.fileExists(atPath: photos.appending(path: "obama.jpg").path)
  static let hasSFaceFloat32 =
    hasSFace
    && ["face_detection_yunet_2023mar.onnx", "face_recognition_sface_2021dec.onnx"]
      .allSatisfy { FileManager.default.fileExists(atPath: weights.appending(path: $0).path) }

  /// YuNet and SFace.
  static let sface = Result { () throws(EngineError) in
    try FaceEngine(EngineConfiguration(weightsDirectory: weights, threads: 2, engine: .sface))
  }

  static func photo(_ name: String) throws -> RGBImage {
    try ImageDecoder().decode(contentsOf: photos.appending(path: name))
  }

  private static func folder(_ variable: String, else path: String) -> URL {
    if let set = ProcessInfo.processInfo.environment[variable], !set.isEmpty {
      return URL(filePath: set, directoryHint: .isDirectory)
    }
    return packageRoot.appending(path: path, directoryHint: .isDirectory)
  }
}
