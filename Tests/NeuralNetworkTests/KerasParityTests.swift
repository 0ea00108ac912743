import Foundation
import NeuralNetwork
import Testing

@Suite("Networks read from Keras' files give what Keras gives")
struct KerasParityTests {
  @Test("Every layer of every format", arguments: Fixtures.models)
  func everyLayer(file: String) throws {
    let golden = try Fixtures.golden(for: file)
    let network = try KerasImporter.network(at: Fixtures.url(file))
    try expectEveryLayer(of: network, golden, PlanOptions(batch: golden.batch))
  }

  /// Runs a network unfused, and compares what each of its layers gives.
  private func expectEveryLayer(of network: Network, _ golden: Golden, _ options: PlanOptions) throws {
    var options = options
    options.outputs = golden.outputs.map(\.name)
    let plan = try ExecutionPlan(network, height: golden.height, width: golden.width, options: options)
    _ = try plan.run(golden.input)
    for layer in golden.outputs {
      let result = try #require(plan.result(of: layer.name))
      #expect(
        golden.violation(of: layer.name, result) <= 1,
        "layer \(layer.name), \(options.instructionSet ?? "the best instruction set")")
    }
  }

  @Test("Folding and fusion change nothing", arguments: Fixtures.models)
  func fused(file: String) throws {
    let golden = try Fixtures.golden(for: file)
    let network = try KerasImporter.network(at: Fixtures.url(file))
    let last = try #require(golden.layers.last)
    for name in InstructionSet.available {
      for convolutions in PlanOptions.Convolutions.allCases {
        var options = PlanOptions(batch: golden.batch)
        options.instructionSet = name
        options.convolutions = convolutions
        let plan = try ExecutionPlan(network, height: golden.height, width: golden.width, options: options)
        #expect(
          golden.violation(of: last.name, try plan.run(golden.input)) <= 1, "\(name), \(convolutions)")
      }
    }
  }

  @Test(
    "Weights without an architecture are taken for VGG16 and the head",
    arguments: [
      "flat2.legacy_weights.h5", "flat3.weights.h5", "nested2.legacy_weights.h5", "nested3.weights.h5",
    ])
  func weightsAlone(file: String) throws {
    let golden = try Fixtures.golden(for: file)
    let network = try KerasImporter.network(at: Fixtures.url(file))
    let last = try #require(golden.layers.last)
    let plan = try ExecutionPlan(
      network, height: golden.height, width: golden.width, options: PlanOptions(batch: golden.batch))
    #expect(golden.violation(of: last.name, try plan.run(golden.input)) <= 1)
  }

  /// The folder that `make_golden.py --vgg16 vgg16.h5 FOLDER` wrote, with `vgg16.h5` in it.
  private static let fullSize = ProcessInfo.processInfo.environment["FACEGALLERY_VGG16_GOLDEN"]

  @Test(
    "The full-size VGG16, every layer, several shapes",
    .enabled(if: fullSize != nil, "FACEGALLERY_VGG16_GOLDEN names no folder made by make_golden.py --vgg16"),
    arguments: ["224x224", "160x160", "112x112", "96x96", "100x140"])
  func vgg16(shape: String) throws {
    let folder = URL(fileURLWithPath: try #require(KerasParityTests.fullSize))
    let golden = try Golden(folder.appendingPathComponent("vgg16_" + shape))
    let network = try KerasImporter.network(at: folder.appendingPathComponent("vgg16.h5"))
    try expectEveryLayer(of: network, golden, PlanOptions())
  }

  @Test(
    "The whole embedding network around the full-size VGG16, every layer, several shapes",
    .enabled(if: fullSize != nil, "FACEGALLERY_VGG16_GOLDEN names no folder made by make_golden.py --vgg16"),
    arguments: ["224x224", "160x160", "112x112", "96x96", "100x140"])
  func wholeNetwork(shape: String) throws {
    let base = URL(fileURLWithPath: try #require(KerasParityTests.fullSize))
      .appendingPathComponent("embedding_" + shape)
    let golden = try Golden(base)
    let network = try KerasImporter.network(at: base.appendingPathExtension("keras"))
    let embedding = try #require(golden.layers.last)
    #expect(embedding.shape == [1, 128] && golden.outputs.count == 18 + 10)
    for name in InstructionSet.available {
      var options = PlanOptions()
      options.instructionSet = name
      let fused = try ExecutionPlan(network, height: golden.height, width: golden.width, options: options)
        .run(golden.input)
      #expect(golden.violation(of: embedding.name, fused) <= 1, "\(name)")
      try expectEveryLayer(of: network, golden, options)
    }
  }

  @Test("a file is read by its bytes, whatever it is called", arguments: ["flat3.keras", "flat2.h5"])
  func renamed(_ name: String) throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).weights")
    defer { try? FileManager.default.removeItem(at: file) }
    try FileManager.default.copyItem(at: Fixtures.url(name), to: file)
    let (renamed, own) = (
      try NetworkReader.network(at: file), try NetworkReader.network(at: Fixtures.url(name))
    )
    #expect(renamed.nodes == own.nodes && renamed.sourceDigest == own.sourceDigest)
  }
}
