import Foundation

/// Where photos and weights are: a variable of the environment, else a folder of the package.
enum TestData {
  static let photos = folder("FACEGALLERY_DATA", else: "data")
  static let weights = folder("FACEGALLERY_WEIGHTS", else: "weights")

  static let areThere =
    ["obama.jpg", "obama2.jpg", "biden.jpg"].allSatisfy {
      FileManager.default.fileExists(atPath: photos.appending(path: $0).path)
    }
    && ["dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat"].allSatisfy {
      FileManager.default.fileExists(atPath: weights.appending(path: $0).path)
    }

  static let hasSFace = [
    "face_detection_yunet_2023mar_int8bq.onnx", "face_recognition_sface_2021dec_int8bq.onnx",
  ].allSatisfy { FileManager.default.fileExists(atPath: weights.appending(path: $0).path) }

  private static func folder(_ variable: String, else name: String) -> URL {
    if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty {
      return URL(filePath: path, directoryHint: .isDirectory)
    }
    return URL(filePath: #filePath, directoryHint: .notDirectory)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: name, directoryHint: .isDirectory)
  }
}
