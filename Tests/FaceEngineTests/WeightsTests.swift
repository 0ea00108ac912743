import FaceEngine
import Foundation
import Testing

@Suite("Weights files")
struct WeightsTests {
  private static let names = [
    "dlib_face_recognition_resnet_model_v1.dat", "shape_predictor_5_face_landmarks.dat",
    "mmod_human_face_detector.dat",
  ]

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  private func failure(_ folder: URL, detector: DetectorKind = .cnn) -> EngineError? {
    do {
      _ = try FaceEngine(EngineConfiguration(weightsDirectory: folder, detector: detector, engine: .resNet))
      return nil
    } catch {
      return error
    }
  }

  @Test("A missing file is named")
  func missing() throws {
    try withFolder { folder throws in
      let error = try #require(failure(folder))
      #expect(error.code == .missingWeights)
      #expect(error.message.contains("shape_predictor_5_face_landmarks.dat"))
      #expect(error.weights?.hasSuffix("/shape_predictor_5_face_landmarks.dat") == true)
    }
  }

  @Test(
    "A damaged file is named", .enabled(if: TestData.hasWeights, Comment(rawValue: TestData.weightsReason)),
    arguments: names, ["empty", "noise", "truncated"])
  func damaged(name: String, damage: String) throws {
    try withFolder { folder throws in
      for other in Self.names where other != name {
        try FileManager.default.createSymbolicLink(
          at: folder.appending(path: other), withDestinationURL: TestData.weights.appending(path: other))
      }
      let data =
        switch damage {
        case "empty": Data()
        case "noise": Data((0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
        default: try Data(contentsOf: TestData.weights.appending(path: name)).prefix(200_000)
        }
      try data.write(to: folder.appending(path: name))
      let error = try #require(failure(folder))
      #expect(error.code == .invalidWeights)
      #expect(error.message.contains(name) && error.weights?.hasSuffix("/" + name) == true)
    }
  }

  @Test("A number of threads that makes no sense is refused", arguments: [0, -1, 100_000])
  func threads(count: Int) {
    #expect(throws: EngineError.self) { try FaceEngine(EngineConfiguration(threads: count)) }
  }
}
