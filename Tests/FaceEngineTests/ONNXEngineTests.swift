import Foundation
import Imaging
import NeuralNetwork
import Testing

@testable import FaceEngine

@Suite("A user's own ONNX network")
struct ONNXEngineTests {
  private static let sface = "face_recognition_sface_2021dec_int8bq.onnx"
  private static let notes = #"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": "arcface"}"#

  /// Runs `body` with a folder that has these notes as `own.json`.
  private func withNotes(_ notes: String, _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "onnx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(notes.utf8).write(to: folder.appending(path: "own.json"))
    try body(folder.appending(path: "own.onnx"))
  }

  private func engine(_ file: URL) throws -> FaceEngine {
    try FaceEngine(
      EngineConfiguration(
        weightsDirectory: TestData.weights, engine: EngineSpecification(name: "onnx", weights: file.path)))
  }

  @Test(
    "SFace's file with notes beside it embeds as the engine sface does, and keeps its thresholds in the notes",
    .enabled(if: TestData.hasSFace, "the weights are not there: Scripts/set-up.sh fetches them"))
  func same() throws {
    try withNotes(Self.notes) { file in
      try FileManager.default.createSymbolicLink(
        at: file, withDestinationURL: TestData.weights.appending(path: Self.sface))
      let own = try engine(file)
      #expect(own.detector == .yunet && own.fingerprint.network == "onnx")
      #expect(!own.operatingPoint.isCalibrated)
      let image = try TestData.photo("obama.jpg")
      let (mine, reference) = (
        try #require(own.faces(in: image).first), try #require(TestData.sface.get().faces(in: image).first)
      )
      #expect(mine.embedding == reference.embedding)

      let point = OperatingPoint(
        points: [.init(falseMatchRate: 1e-3, threshold: 0.4)], slope: 30, offset: -10)
      let json = file.deletingPathExtension().appendingPathExtension("json")
      try point.store(inWeightsFile: json)
      try point.store(inWeightsFile: json, augmentation: .flip)
      let measured = try engine(file)
      #expect(measured.operatingPoint == point && measured.fingerprint == own.fingerprint)
      #expect(throws: EngineError.self) { try OperatingPoint.uncalibrated.store(inWeightsFile: file) }
    }
  }

  @Test(
    "what the notes say is what the engine does",
    .enabled(if: TestData.hasSFace, "the weights are not there: Scripts/set-up.sh fetches them"))
  func own() throws {
    let notes = """
      {"input": [112, 112], "channels": "bgr", "mean": [1, 2, 3], "scale": [1, 0.5, 1], "normalization": "unit",
       "alignment": {"side": 100, "points": [[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]}, "output": "fc1"}
      """
    try withNotes(notes) { file in
      try FileManager.default.createSymbolicLink(
        at: file, withDestinationURL: TestData.weights.appending(path: Self.sface))
      let engine = try engine(file)
      #expect(engine.fingerprint.preprocessing == "bgr, (value - (1.0, 2.0, 3.0)) * (1.0, 0.5, 1.0)")
      #expect(engine.fingerprint.alignment.contains("30.0 40.0, 70.0 40.0"))
      let face = DetectedFace(
        box: PixelRect(x: 0, y: 0, width: 112, height: 112),
        landmarks: [(30, 40), (70, 40), (50, 60), (35, 80), (65, 80)].map { PixelPoint(x: $0.0, y: $0.1) },
        scheme: .eyesNoseMouth,
        quality: FaceQuality(size: 112, sharpness: 1, yaw: 0, roll: 0, detectorScore: 1))
      // The eyes lie where the chip has them: the chip is the photo, at 112 pixels for the template's 100.
      let photo = RGBImage(width: 100, height: 100, red: 10, green: 20, blue: 30)
      #expect(try engine.chip(of: face, in: photo)[56, 56] == photo[50, 50])
    }
  }

  @Test(
    "notes that cannot be used are one sentence that names what is wrong",
    arguments: [
      ("", "no JSON object"), ("[]", "no JSON object"), ("{}", "no \"channels\""),
      (#"{"channels": "grey", "mean": 0, "scale": 1, "alignment": "arcface"}"#, "\"channels\" is wrong"),
      (#"{"channels": "rgb", "mean": [0, 1], "scale": 1, "alignment": "arcface"}"#, "\"mean\" is wrong"),
      (#"{"channels": "rgb", "mean": "0", "scale": 1, "alignment": "arcface"}"#, "\"mean\""),
      (#"{"channels": "rgb", "mean": 0, "alignment": "arcface"}"#, "no \"scale\""),
      (#"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": "eyes"}"#, "\"alignment\" is wrong"),
      (
        #"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": {"side": 112, "points": [[1, 2]]}}"#,
        "five different points"
      ),
      (
        #"""
        {"channels": "rgb", "mean": 0, "scale": 1,
         "alignment": {"side": 112, "points": [[0.34, 0.46], [0.65, 0.46], [0.5, 0.64], [0.37, 0.82], [0.63, 0.82]]}}
        """#,
        "a twentieth of the side"
      ),
      (
        #"""
        {"channels": "rgb", "mean": 0, "scale": 1,
         "alignment": {"side": 100, "extra": 1, "points": [[30, 40], [70, 40], [50, 60], [35, 80], [65, 80]]}}
        """#,
        "\"alignment.extra\" is wrong"
      ),
      (
        #"{"input": [112.5, 112], "channels": "rgb", "mean": 0, "scale": 1, "alignment": "dlib"}"#,
        "whole pixels"
      ),
      (#"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": "dlib", "size": 3}"#, "\"size\" is wrong"),
      (
        #"{"input": [112], "channels": "rgb", "mean": 0, "scale": 1, "alignment": "dlib"}"#,
        "height and width"
      ),
      (
        #"{"channels": "rgb", "mean": 0, "scale": 1, "alignment": "dlib", "normalization": "none"}"#,
        "\"normalization\" is wrong"
      ),
    ])
  func broken(notes: String, what: String) throws {
    try withNotes(notes) { file in
      let error = #expect(throws: EngineError.self) { try NetworkNotes(beside: file) }
      #expect(
        error?.code == .invalidWeights && error?.message.contains(what) == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("own.json") == true)
    }
  }

  @Test("notes that are not there are asked for, and an engine needs one file")
  func missing() throws {
    try withNotes(Self.notes) { file in
      let other = file.deletingLastPathComponent().appending(path: "other.onnx")
      let error = #expect(throws: EngineError.self) { try NetworkNotes(beside: other) }
      #expect(error?.code == .missingWeights && error?.message.contains("other.json") == true)
      #expect(throws: EngineError.self) {
        try FaceEngine(
          EngineConfiguration(weightsDirectory: TestData.weights, engine: EngineSpecification(name: "onnx")))
      }
      let absent = #expect(throws: EngineError.self) { try engine(file) }
      #expect(absent?.code == .missingWeights && absent?.message.contains("own.onnx into") == true)
    }
  }

  @Test(
    "notes that cannot take thresholds are told before anything is measured, and checking changes nothing")
  func storable() throws {
    try withNotes(Self.notes) { file in
      let json = file.deletingPathExtension().appendingPathExtension("json")
      try OperatingPoint.checkStore(inWeightsFile: json)
      #expect(try Data(contentsOf: json) == Data(Self.notes.utf8))
      let folder = file.deletingLastPathComponent()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["own.json"])
      for name in ["none.json", "none.safetensors", "own.onnx"] {
        #expect(throws: EngineError.self) {
          try OperatingPoint.checkStore(inWeightsFile: folder.appending(path: name))
        }
      }
      try Data("[]".utf8).write(to: json)
      #expect(throws: EngineError.self) { try OperatingPoint.checkStore(inWeightsFile: json) }
    }
  }

  /// A network of images of any size: means of windows of 16 × 16 pixels, flattened for a dense layer where `cells` says of how many
  /// a side, else means of all as 1×3×1×1.
  private func openNetwork(cells: Int?) throws -> Network {
    let window = SlidingWindow(height: 16, width: 16, strideY: 16, strideX: 16, padding: .valid)
    var nodes = [Node("windows", .pooling(Pooling(.average, window: window)), inputs: [Network.inputName])]
    if let cells {
      let inputs = cells * cells * 3
      let kernel = Tensor(shape: [inputs, 4], values: (0..<inputs * 4).map { Float($0 % 7) - 3 })
      nodes.append(Node("flat", .flatten, inputs: ["windows"]))
      nodes.append(Node("embedding", .dense(Dense(kernel: kernel)), inputs: ["flat"]))
    } else {
      let extents = TensorOperation.Operand.integers(shape: [4], values: [1, 3, 1, 1])
      nodes.append(Node("mean", .globalAverage, inputs: ["windows"]))
      nodes.append(Node("shaped", .tensor(TensorOperation(.reshape, [.result, extents])), inputs: ["mean"]))
      nodes.append(Node("result", .tensor(TensorOperation(.rowMajor)), inputs: ["shaped"]))
    }
    return try Network(
      input: InputShape(), nodes: nodes, preprocessing: Preprocessing(order: .rgb, mean: [0, 0, 0], scale: 1))
  }

  @Test("a size that the file leaves open is the alignment's, or asked for where no layer takes that")
  func openSize() throws {
    #expect(SimilarityAligner.arcFace.usualSide == 112 && DlibAligner().usualSide == 150)
    // 6 cells are images of 96 to 111 pixels.
    let network = try openNetwork(cells: 6)
    let taken = try EmbeddingNetwork(network, digest: "", side: 100, file: "own.onnx")
    #expect(taken.height == 100 && taken.width == 100)
    let error = #expect(throws: EngineError.self) {
      try EmbeddingNetwork(network, digest: "", side: 112, file: "own.onnx")
    }
    #expect(error?.code == .invalidWeights && error?.message.contains("112 × 112") == true)
    #expect(error?.message.contains("\"input\": [height, width] in own.json") == true)
    let stated = try EmbeddingNetwork(
      network.fixed(height: 96, width: 96), digest: "", side: 112, file: "own.onnx")
    #expect(stated.height == 96)
    // Without notes: 7 cells are 112 to 127 pixels, of which 112 is the usual one.
    for (cells, side) in [(7, 112), (6, 96), (14, 224)] {
      let size = try openNetwork(cells: cells).preferredSize()
      #expect(size.height == side && size.width == side)
    }
  }

  @Test(
    "an engine of a file that leaves the size open has chips of ArcFace's size, or of that in the notes",
    .enabled(if: TestData.hasSFace, "the weights are not there: Scripts/set-up.sh fetches them"))
  func openEngine() throws {
    let sized = Self.notes.replacing("{", with: "{\"input\": [160, 160], ")
    for (notes, side) in [(Self.notes, 112), (sized, 160)] {
      try withNotes(notes) { file in
        let own = file.deletingPathExtension().appendingPathExtension("safetensors")
        try NetworkFile.write(try openNetwork(cells: nil), to: own)
        let engine = try engine(own)
        #expect(engine.chipHeight == side && engine.chipWidth == side && engine.fingerprint.dimension == 3)
        #expect(try engine.faces(in: TestData.photo("obama.jpg")).count == 1)
      }
    }
  }

  @Test("a result of 1×N×1×1 is a vector")
  func pooled() throws {
    let embedding = try EmbeddingNetwork(try openNetwork(cells: nil), digest: "", side: 32, file: "own.onnx")
    #expect(embedding.dimension == 3)
    let plan = try ExecutionPlan(embedding.network, height: 32, width: 32)
    var pixels: [Float] = []
    for place in 0..<32 * 32 { pixels += [Float(place % 5), 2, Float(place % 2)] }
    let result = try plan.run(pixels)
    #expect(result.count == 3 && abs(result[1] - 2) < 1e-5 && abs(result[2] - 0.5) < 1e-5)
    // Several numbers a place are none.
    let wide = try openNetwork(cells: nil).ending(with: "windows")
    #expect(throws: EngineError.self) { try EmbeddingNetwork(wide, digest: "", side: 32, file: "own.onnx") }
  }

  @Test("one of several results is taken, with the layers that it needs")
  func output() throws {
    let kernel = { (outputs: Int) in
      Tensor(shape: [4, outputs], values: [Float](repeating: 0.5, count: 4 * outputs))
    }
    let network = try Network(
      input: InputShape(height: 2, width: 2, channels: 1),
      nodes: [
        Node("flat", .flatten, inputs: [Network.inputName]),
        Node("embedding", .dense(Dense(kernel: kernel(3))), inputs: ["flat"]),
        Node("age", .dense(Dense(kernel: kernel(1))), inputs: ["flat"]),
      ], outputs: ["embedding", "age"])
    let part = try network.ending(with: "embedding")
    #expect(part.nodes.map(\.name) == ["flat", "embedding"] && part.outputs == ["embedding"])
    #expect(throws: NetworkError.self) { try network.ending(with: "gender") }
    try withNotes(Self.notes) { file in
      let error = #expect(throws: EngineError.self) {
        try NetworkNotes(beside: file).completed(network, file: "own.onnx")
      }
      #expect(error?.message.contains("embedding, age") == true)
    }
  }
}
