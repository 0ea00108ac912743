import Foundation
import Testing

/// Where weights and sample photos are, and the traits that skip a test without them.
enum Fixtures {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let weights = folder("FACEGALLERY_WEIGHTS", else: "weights")
  static let data = folder("FACEGALLERY_DATA", else: "data")

  static func photo(_ name: String) -> String { data.appending(path: name).path }

  /// A file of the networks that NeuralNetworkTests has.
  static func network(_ name: String) -> String {
    root.appending(path: "Tests/NeuralNetworkTests/Fixtures/\(name)").path
  }

  static var isThere: Bool {
    [weights.appending(path: "dlib_face_recognition_resnet_model_v1.dat"), data.appending(path: "obama.jpg")]
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
