import FaceEngine
import Foundation
import Testing

@Suite("Finding faces without embedding them")
struct FinderTests {
  private static let sfaceWeights = "the weights are not there: Scripts/set-up.sh fetches them"

  /// A folder of weights that has some of the files.
  private func withWeights(_ names: [String], _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in names {
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: name), withDestinationURL: TestData.weights.appending(path: name))
    }
    try body(folder)
  }

  @Test(
    "The embedding network's file need not be there, and the faces are the engine's",
    .enabled(if: TestData.hasSFace, Comment(rawValue: sfaceWeights)))
  func withoutNetwork() throws {
    try withWeights(["face_detection_yunet_2023mar_int8bq.onnx"]) { folder in
      let configuration = EngineConfiguration(weightsDirectory: folder, engine: .sface)
      let finder = try FaceFinder(configuration)
      for name in ["obama.jpg", "group.jpg"] {
        let photo = try TestData.photo(name)
        let faces = try finder.detect(in: photo)
        #expect(!faces.isEmpty)
        #expect(try faces == TestData.sface.get().detect(in: photo))
        let chip = try finder.chip(of: faces[0], in: photo)
        #expect(try chip == TestData.sface.get().chip(of: faces[0], in: photo))
      }
      let error = #expect(throws: EngineError.self) { try FaceEngine(configuration) }
      #expect(error?.code == .missingWeights && error?.message.contains("sface") == true)
    }
  }

  @Test(
    "dlib's finder needs its landmarks and not its network",
    .enabled(if: TestData.hasPhotos, Comment(rawValue: TestData.photosReason)))
  func dlib() throws {
    try withWeights(["shape_predictor_5_face_landmarks.dat"]) { folder in
      let finder = try FaceFinder(EngineConfiguration(weightsDirectory: folder, engine: .resNet))
      let photo = try TestData.photo("obama.jpg")
      #expect(try finder.detect(in: photo) == TestData.engine.get().detect(in: photo))
    }
  }

  @Test(
    "A finder cuts faces out at the size that the engine's network has on record",
    .enabled(if: TestData.hasSFace, Comment(rawValue: sfaceWeights)),
    arguments: ["sface", "resnet", "sface+resnet"])
  func chips(name: String) throws {
    let specification = EngineSpecification(name: name)
    let configuration = EngineConfiguration(weightsDirectory: TestData.weights, engine: specification)
    let (finder, engine) = (try FaceFinder(configuration), try FaceEngine(configuration))
    #expect((finder.chipHeight, finder.chipWidth) == (engine.chipHeight, engine.chipWidth))
    #expect(finder.detector == engine.detector && finder.scheme == engine.scheme)
  }

  @Test("An engine that nobody knows is refused, and so is one that needs a file and is given none")
  func refusals() {
    for name in ["nosuch", "vgg16", "onnx"] {
      let configuration = EngineConfiguration(
        weightsDirectory: TestData.weights, engine: EngineSpecification(name: name))
      let error = #expect(throws: EngineError.self) { try FaceFinder(configuration) }
      #expect(error?.code == .invalidOption)
    }
    #expect(throws: EngineError.self) { try FaceFinder(EngineConfiguration(threads: 0)) }
  }
}
