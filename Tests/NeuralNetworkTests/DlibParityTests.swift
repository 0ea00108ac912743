import Foundation
import NeuralNetwork
import Testing

@Suite("dlib's face recognition network")
struct DlibParityTests {
  /// `$FACEGALLERY_WEIGHTS`, else `weights` at the package's root.
  private static let file: URL = {
    let folder =
      ProcessInfo.processInfo.environment["FACEGALLERY_WEIGHTS"].map { URL(fileURLWithPath: $0) }
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("weights")
    return folder.appendingPathComponent("dlib_face_recognition_resnet_model_v1.dat")
  }()
  private static let isThere = FileManager.default.isReadableFile(atPath: file.path)

  /// The chip that make_dlib_golden.py makes.
  private func chip(_ seed: Int) -> [UInt8] {
    (0..<150 * 150 * 3).map { index in
      let (x, y, c) = (index / 3 % 150, index / 450, index % 3)
      return UInt8(truncatingIfNeeded: (x * x * 3 + y * y * 5 + x * y * 7 * (c + 1) + seed * 977) >> 6)
    }
  }

  @Test(
    "Embeddings are dlib's, on every instruction set",
    .enabled(if: isThere, "dlib_face_recognition_resnet_model_v1.dat is not in the weights folder"))
  func embeddings() throws {
    let golden = try JSONDecoder().decode(
      [[Float]].self, from: Data(contentsOf: Fixtures.url("dlib.golden.json")))
    let network = try NetworkReader.network(at: DlibParityTests.file)
    #expect(network.preprocessing?.order == .rgb)
    let chips = (0..<golden.count).flatMap(chip)
    for name in InstructionSet.available {
      var options = PlanOptions(batch: golden.count)
      options.instructionSet = name
      let plan = try ExecutionPlan(network, height: 150, width: 150, options: options)
      let result = try plan.run(rgb: chips)
      let error = zip(golden.joined(), result).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(error <= 1e-5, "\(name)")
    }
  }

  @Test(
    "A truncated or damaged file is refused",
    .enabled(if: isThere, "dlib_face_recognition_resnet_model_v1.dat is not in the weights folder"))
  func truncated() throws {
    let bytes = try Data(contentsOf: DlibParityTests.file)
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".dat")
    defer { try? FileManager.default.removeItem(at: copy) }
    for length in [0, 1, 10, 40, 300, 400, 20_000, 1_000_000, bytes.count - 5] {
      try bytes.prefix(length).write(to: copy)
      #expect(throws: WeightsError.self, "\(length) bytes") { try NetworkReader.network(at: copy) }
    }
  }
}
