import Foundation
import NeuralNetwork
import Testing

@Suite("Networks read from ONNX files give what onnxruntime gives")
struct ONNXParityTests {
  /// A network and an image that its golden numbers are for.
  struct Case: CustomTestStringConvertible {
    let name: String
    let height: Int
    let width: Int

    var testDescription: String { "\(name) \(height)×\(width)" }
    var base: String { "onnx/\(name)_\(height)x\(width)" }
    var file: URL { Fixtures.url("onnx/\(name).onnx") }
  }

  /// Every pair of a network and an image in the folder.
  static let cases: [Case] = {
    let folder = Fixtures.url("onnx")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".golden.json") }.sorted().compactMap { name in
      let base = name.dropLast(".golden.json".count)
      guard let place = base.lastIndex(of: "_") else { return nil }
      let sides = base[base.index(after: place)...].split(separator: "x").compactMap { Int($0) }
      guard sides.count == 2 else { return nil }
      return Case(name: String(base[..<place]), height: sides[0], width: sides[1])
    }
  }()

  @Test("There is a file for every family of operators")
  func families() { #expect(Set(ONNXParityTests.cases.map(\.name)).count == 22) }

  @Test("Every result, on every instruction set, fused and not, for one image and three", arguments: cases)
  func everyResult(item: Case) throws {
    let golden = try Golden(Fixtures.url(item.base))
    let network = try ONNXImporter.network(at: item.file).anySize()
    #expect(network.outputs == golden.outputs.map(\.name))
    for set in InstructionSet.available {
      for isFused in [true, false] {
        for batch in [1, 3] {
          var options = PlanOptions(batch: batch)
          options.instructionSet = set
          if !isFused { options.outputs = try network.computedLayers(height: item.height, width: item.width) }
          let plan = try ExecutionPlan(network, height: item.height, width: item.width, options: options)
          try plan.execute((0..<batch).flatMap { _ in golden.input })
          for layer in golden.outputs {
            let shape = try #require(plan.shape(of: layer.name))
            #expect(shape.extents == layer.shape, "\(layer.name)")
            let result = try #require(plan.result(of: layer.name))
            for image in 0..<batch {
              let one = Array(result[image * layer.count..<(image + 1) * layer.count])
              #expect(
                golden.violation(of: layer.name, one) <= 1,
                "\(layer.name), \(set), \(isFused ? "fused" : "alone"), image \(image)")
            }
          }
        }
      }
    }
  }

  @Test(
    "The same bits on any number of threads",
    arguments: ["embedder", "detector", "depthwise", "convolutions", "rounded"])
  func threads(name: String) throws {
    let item = try #require(ONNXParityTests.cases.first { $0.name == name })
    let golden = try Golden(Fixtures.url(item.base))
    let network = try ONNXImporter.network(at: item.file)
    func results(_ threads: Int) throws -> [[Float]?] {
      let plan = try ExecutionPlan(
        network, height: item.height, width: item.width, options: PlanOptions(threads: threads))
      try plan.execute(golden.input)
      return network.outputs.map { plan.result(of: $0) }
    }
    let alone = try results(1)
    for threads in [2, 3, 5] { #expect(try results(threads) == alone, "\(threads) threads") }
  }

  @Test("Our own format keeps every layer, option and result", arguments: cases)
  func throughOurFormat(item: Case) throws {
    let network = try ONNXImporter.network(at: item.file).anySize()
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: copy) }
    try NetworkFile.write(network, to: copy)
    #expect(try NetworkFile.read(copy) == network)
  }

  @Test("A network of any size refuses one that its layers cannot have, by name")
  func wrongSize() throws {
    let network = try ONNXImporter.network(at: Fixtures.url("onnx/embedder.onnx")).anySize()
    let error = #expect(throws: NetworkError.self) { try ExecutionPlan(network, height: 20, width: 16) }
    #expect(error?.message.contains("gemm") == true, "\(error?.message ?? "")")
  }

  @Test("What a plan fuses: an embedder's normalisations, functions and sums leave no step of their own")
  func fusion() throws {
    let network = try ONNXImporter.network(at: Fixtures.url("onnx/embedder.onnx"))
    let plan = try ExecutionPlan(network, height: 16, width: 16)
    let kernels = plan.layerDescriptions.map(\.kernel)
    #expect(
      !kernels.contains { $0.hasPrefix("scale") || $0.hasPrefix("sum") || $0.hasPrefix("plain") },
      "\(kernels)")
  }

  @Test("A file of onnxruntime's static quantisation embeds nearly as the float one")
  func staticQuantisation() throws {
    let golden = try Golden(Fixtures.url("onnx/embedder_16x16"))
    let layer = try #require(golden.outputs.first)
    let expected = try #require(golden.values[layer.name])
    let network = try ONNXImporter.network(at: Fixtures.url("onnx/static.onnx"))
    let result = try ExecutionPlan(network, height: 16, width: 16).run(golden.input)
    try #require(result.count == expected.count)
    func product(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let lengths = (product(result, result) * product(expected, expected)).squareRoot()
    // onnxruntime has 0.9998.
    #expect(product(result, expected) / lengths > 0.999)
  }

  @Test("A dense layer that is quantised in blocks is run by its bytes")
  func quantisedDense() throws {
    let network = try ONNXImporter.network(at: Fixtures.url("onnx/quantised.onnx"))
    for precision in PlanOptions.Precision.allCases {
      var options = PlanOptions(precision: precision)
      let plan = try ExecutionPlan(network, height: 5, width: 6, options: options)
      #expect(plan.layerDescriptions.filter { $0.kernel.contains("8-bit") }.count == 1)
      options.convolutions = .direct
      let plain = try ExecutionPlan(network, height: 5, width: 6, options: options)
      #expect(!plain.layerDescriptions.contains { $0.kernel.contains("8-bit") })
    }
  }
}
