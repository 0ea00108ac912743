import FaceEngine
import Foundation
import NeuralNetwork
import Support
import Testing

@testable import FaceEvaluation
@testable import HeadTraining

@Suite("Features of photos", .serialized)
struct FeatureSetTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let weights =
    ProcessInfo.processInfo.environment["FACEGALLERY_WEIGHTS"].map { URL(filePath: $0) }
    ?? root.appending(path: "weights")
  private static let photos = root.appending(path: "data")
  private static let isThere =
    FileManager.default.fileExists(
      atPath: weights.appending(path: "shape_predictor_5_face_landmarks.dat").path)
    && FileManager.default.fileExists(atPath: photos.appending(path: "obama2.jpg").path)

  /// A folder with people in it, among them a damaged photo and one without a face, and a small backbone.
  private struct Scene {
    let folder: URL
    var people: URL { folder.appending(path: "people") }
    var cache: URL { folder.appending(path: "cache") }

    init() throws {
      folder = FileManager.default.temporaryDirectory.appending(path: "features-\(UUID().uuidString)")
      for (person, photo) in [
        ("Biden", "biden.jpg"), ("Obama", "obama.jpg"), ("Obama", "obama2.jpg"),
      ] {
        let place = people.appending(path: person)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
          at: FeatureSetTests.photos.appending(path: photo), to: place.appending(path: photo))
      }
      let nobody = people.appending(path: "Nobody")
      try FileManager.default.createDirectory(at: nobody, withIntermediateDirectories: true)
      try Data([0xFF, 0xD8, 0xFF, 0, 1, 2]).write(to: nobody.appending(path: "damaged.jpg"))
      try RGBPixels.grey.write(to: nobody.appending(path: "grey.png"))
    }

    /// Convolutions with weights by a seed, at 32 × 32 pixels.
    func backbone(_ seed: UInt64) throws -> Backbone {
      var generator = SplitMix64(seed)
      let kernel = Tensor(
        shape: [3, 3, 3, 4], values: (0..<108).map { _ in Float.random(in: -0.1...0.1, using: &generator) })
      let network = try Network(
        input: InputShape(),
        nodes: [
          Node(
            "conv", .convolution(Convolution(kernel: kernel, bias: [0, 0, 0, 0], padding: .same)),
            inputs: [Network.inputName]),
          Node("relu", .relu, inputs: ["conv"]),
          Node(
            "pool",
            .pooling(Pooling(.maximum, window: SlidingWindow(height: 8, width: 8, strideY: 8, strideX: 8))),
            inputs: ["relu"]),
        ])
      let file = folder.appending(path: "backbone\(seed).safetensors")
      try NetworkFile.write(network, to: file)
      return try Backbone(
        file, side: 32, configuration: EngineConfiguration(weightsDirectory: FeatureSetTests.weights))
    }
  }

  private enum RGBPixels {
    /// A grey picture of one pixel, as PNG.
    static let grey =
      Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
      ?? Data()
  }

  @Test(
    "are computed once, kept, and made anew where the disk was damaged",
    .enabled(if: isThere, "weights and sample photos are not there: make weights data"))
  func keeps() throws {
    let scene = try Scene()
    defer { try? FileManager.default.removeItem(at: scene.folder) }
    let dataset = try PersonPhotos(scene.people)
    let backbone = try scene.backbone(1)
    #expect(backbone.features == 64)
    let first = try FeatureSet(dataset, backbone: backbone, augmentations: 2, cache: scene.cache)
    #expect(first.people == [0, 2, 2] && first.variants == 3)
    #expect(first.report.computed == 9 && first.report.reused == 0)
    #expect(first.report.photos == 5 && first.report.withoutFace == 1)
    #expect(first.report.unreadable.map { URL(filePath: $0).lastPathComponent } == ["damaged.jpg"])
    let pictures = (0..<3).map { first.values([$0]) }
    #expect(pictures[0].contains { $0 > 0 } && Set(pictures).count == 3)

    let again = try FeatureSet(dataset, backbone: backbone, augmentations: 2, cache: scene.cache, threads: 2)
    #expect(again.report.computed == 0 && again.report.reused == 9)
    #expect(again.values == first.values && again.photos == first.photos)

    let files = try FileManager.default.contentsOfDirectory(at: scene.cache, includingPropertiesForKeys: nil)
    let kept = try #require(files.first { $0.lastPathComponent.hasPrefix("features") })
    var bytes = try Data(contentsOf: kept)
    bytes[48 + 60] ^= 1
    try bytes.write(to: kept)
    let completed = try FeatureSet(dataset, backbone: backbone, augmentations: 2, cache: scene.cache)
    #expect(completed.report.computed == 1 && completed.values == first.values)
  }

  @Test(
    "are never those of another backbone",
    .enabled(if: isThere, "weights and sample photos are not there: make weights data"))
  func otherBackbone() throws {
    let scene = try Scene()
    defer { try? FileManager.default.removeItem(at: scene.folder) }
    let dataset = try PersonPhotos(scene.people)
    let first = try FeatureSet(
      dataset, backbone: scene.backbone(1), augmentations: 0, cache: scene.cache)
    let second = try FeatureSet(
      dataset, backbone: scene.backbone(2), augmentations: 0, cache: scene.cache)
    #expect(second.report.computed == 3 && second.values != first.values)
  }

  @Test(
    "are what the joined model computes",
    .enabled(if: isThere, "weights and sample photos are not there: make weights data"))
  func joined() throws {
    let scene = try Scene()
    defer { try? FileManager.default.removeItem(at: scene.folder) }
    let backbone = try scene.backbone(1)
    let features = try FeatureSet(
      PersonPhotos(scene.people), backbone: backbone, augmentations: 0, cache: scene.cache)
    var generator = SplitMix64(4)
    let head = HeadParameters(HeadShape(inputs: 64, units: [16, 12, 8, 6]), using: &generator)
    let network = try backbone.joined(with: head)
    #expect(network.preprocessing == .vggFace && network.input.height == 32)
    #expect(network.annotations["detector"] == "yunet")
    let wrong = HeadParameters(HeadShape(inputs: 65, units: [16, 12, 8, 6]), using: &generator)
    #expect(throws: TrainingError.self) { try backbone.joined(with: wrong) }
    let file = scene.folder.appending(path: "model.safetensors")
    try NetworkFile.write(network, to: file)
    let model = try FaceEngine(
      EngineConfiguration(weightsDirectory: Self.weights, detector: Backbone.standardDetector),
      embedding: EmbeddingNetwork(NetworkFile.read(file), digest: "", file: "model"))
    let image = try ImageReader.photo(Self.photos.appending(path: "biden.jpg"))
    let face = try #require(try model.centralFace(in: image))
    let chip = try model.chip(of: face, in: image)
    #expect(try backbone.engine.chip(of: face, in: image) == chip)
    // The same features through the trainer's head and through the runtime's.
    let exact = try backbone.engine.descriptors(of: [chip])
    let own = HeadTrainer(head).embed(exact)
    let whole = try model.descriptors(of: [chip])
    let rms = (own.reduce(0) { $0 + $1 * $1 } / Float(own.count)).squareRoot()
    #expect(whole.count == 6 && rms > 0)
    for (a, b) in zip(whole, own) { #expect(abs(a - b) <= 1e-4 * abs(b) + 1e-4 * rms) }
    // What is kept for training is those features in half precision, and nothing else.
    #expect(features.rows([0]) == HalfRows(exact, width: 64)([0]))
  }

  @Test(
    "of photos with long names are jittered by their names alone",
    .enabled(if: isThere, "weights and sample photos are not there: make weights data"))
  func jitter() throws {
    let scene = try Scene()
    defer { try? FileManager.default.removeItem(at: scene.folder) }
    // Dozens of letters overflow every integer that is multiplied for each of them.
    let name = "a photograph of the forty-fourth president of the United States_0001"
    for (person, ending) in [("Biden", "1"), ("Biden", "2"), ("Obama", "1")] {
      try FileManager.default.copyItem(
        at: Self.photos.appending(path: "obama2.jpg"),
        to: scene.people.appending(path: "\(person)/\(name)\(ending).jpg"))
    }
    let engine = try scene.backbone(1).engine
    let photos = try PersonPhotos(scene.people)
    let plain = try FaceSet(photos, engine: engine)
    let jittered = try FaceSet(photos, engine: engine, averaging: .jitter)
    #expect(jittered.people == plain.people)
    func vectors(_ faces: FaceSet) -> [String: [ArraySlice<Float>]] {
      var found: [String: [ArraySlice<Float>]] = [:]
      for (photo, place) in zip(photos.photos, faces.place) {
        guard let place else { continue }
        let row = faces.vectors[place * faces.dimension..<(place + 1) * faces.dimension]
        found[photo.url.lastPathComponent, default: []].append(row)
      }
      return found
    }
    let (before, after) = (vectors(plain), vectors(jittered))
    let (first, second) = (try #require(after[name + "1.jpg"]), try #require(after[name + "2.jpg"]))
    #expect(Array(first[0]) == Array(first[1]), "one photo under one name")
    #expect(Array(first[0]) != Array(second[0]), "one photo under two names")
    let unmoved = try #require(before[name + "1.jpg"])[0]
    let alike = UnitVectors.similarity(first[0], unmoved)
    #expect(Array(first[0]) != Array(unmoved) && alike > 0.9, "\(alike)")
  }

  @Test("need convolutions that take the size, and a face")
  func badBackbones() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "features-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "head.safetensors")
    var generator = SplitMix64(1)
    let head = HeadParameters(HeadShape(inputs: 4, units: [4, 4, 4, 4]), using: &generator)
    try NetworkFile.write(head.network(height: 1, width: 1, channels: 4), to: file)
    for url in [file, folder.appending(path: "missing.h5")] {
      #expect(throws: TrainingError.self) {
        try Backbone(
          url, side: 32, configuration: EngineConfiguration(weightsDirectory: Self.weights))
      }
    }
  }
}
