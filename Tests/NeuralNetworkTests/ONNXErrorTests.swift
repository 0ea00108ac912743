import Foundation
import NeuralNetwork
import Support
import Testing

@Suite("ONNX files with faults")
struct ONNXErrorTests {
  private static func faults() throws -> [String: [String]] {
    try JSONDecoder().decode(
      [String: [String]].self, from: Data(contentsOf: Fixtures.url("onnx/broken.json")))
  }

  @Test("The message is one sentence that names the node and its operator")
  func names() throws {
    let faults = try ONNXErrorTests.faults()
    #expect(faults.count >= 35)
    for (file, words) in faults {
      let error = #expect(throws: WeightsError.self, "\(file)") {
        try NetworkReader.network(at: Fixtures.url("onnx/\(file)"))
      }
      let message = error?.message ?? ""
      for word in words { #expect(message.contains(word), "\(file): \(message)") }
      #expect(
        message.hasSuffix(".") && !message.contains("\n") && !message.contains(".."), "\(file): \(message)")
    }
  }

  @Test(
    "A file cut anywhere is refused or read, never past its end",
    arguments: ["embedder.onnx", "shapes.onnx", "quantised.onnx"])
  func cut(file: String) throws {
    let whole = try Data(contentsOf: Fixtures.url("onnx/\(file)"))
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx")
    defer { try? FileManager.default.removeItem(at: copy) }
    var refused = 0
    let lengths = stride(from: 0, to: whole.count, by: max(whole.count / 200, 1))
    for length in lengths {
      try whole.prefix(length).write(to: copy)
      if (try? ONNXImporter.network(at: copy)) == nil { refused += 1 }
    }
    // Nothing but the version of the operators comes behind the graph.
    #expect(refused == Array(lengths).count)
  }

  @Test(
    "A file with flipped bits is refused or read, and its plan made or refused",
    arguments: ["moves.onnx", "resizes.onnx"])
  func flipped(file: String) throws {
    let whole = try Data(contentsOf: Fixtures.url("onnx/\(file)"))
    let copy = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).onnx")
    defer { try? FileManager.default.removeItem(at: copy) }
    var generator = SplitMix64(5)
    for _ in 0..<300 {
      var changed = whole
      changed[Int.random(in: 0..<whole.count, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
      try changed.write(to: copy)
      guard let network = try? ONNXImporter.network(at: copy) else { continue }
      let (height, width) = (network.input.height ?? 8, network.input.width ?? 8)
      guard height <= 64, width <= 64 else { continue }
      _ = try? ExecutionPlan(network, height: height, width: width)
    }
  }
}
