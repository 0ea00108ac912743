import Foundation
import Testing

/// Where weights and sample photos are, and the traits that skip a test without them.
enum Fixtures {
  /// A JPEG file with the same pixels, which is another picture to a gallery: by flags that mean nothing, in the segment of Adobe's.
  static func another(_ jpeg: Data, number: Int) -> Data {
    var segment: [UInt8] = [0xFF, 0xEE, 0, 14]
    segment += Array("Adobe".utf8)
    segment += [0, 100, 0, 0, UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number), 1]
    return jpeg.prefix(2) + segment + jpeg.dropFirst(2)
  }

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let weights = folder("FACEGALLERY_WEIGHTS", else: "weights")
  static let data = folder("FACEGALLERY_DATA", else: "data")

  static func photo(_ name: String) -> String { data.appending(path: name).path }

  /// A PNG of 15 × 40 pixels, too narrow to be a face.
  static let dot =
    Data(
      base64Encoded:
        "iVBORw0KGgoAAAANSUhEUgAAAA8AAAAoCAIAAACuHTeTAAAASUlEQVR42mNgEFQydglNK++YuWr3mbvv/gsoGjmHpJa1z1i56/Sdt//4"
        + "FQydglNK26av2Hnq9huGUdWjqkdVj6oeVT2qekSqBgBd043efOeQuwAAAABJRU5ErkJggg==") ?? Data()

  /// A file of the networks that NeuralNetworkTests has.
  static func network(_ name: String) -> String {
    root.appending(path: "Tests/NeuralNetworkTests/Fixtures/\(name)").path
  }

  /// The weights of the engines that need none of the user's.
  static let engineFiles = [
    "face_detection_yunet_2023mar_int8bq.onnx", "face_recognition_sface_2021dec_int8bq.onnx",
    "shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat",
  ]

  static var isThere: Bool {
    (engineFiles.map { weights.appending(path: $0) } + [data.appending(path: "obama.jpg")])
      .allSatisfy { FileManager.default.fileExists(atPath: $0.path) }
  }

  private static func folder(_ variable: String, else name: String) -> URL {
    ProcessInfo.processInfo.environment[variable].map { URL(filePath: $0) } ?? root.appending(path: name)
  }
}

extension Trait where Self == ConditionTrait {
  /// Runs the test only where weights and sample photos have been fetched.
  static var needsPhotos: Self {
    .enabled(if: Fixtures.isThere, "weights and sample photos are not there: run Scripts/set-up.sh")
  }
}
