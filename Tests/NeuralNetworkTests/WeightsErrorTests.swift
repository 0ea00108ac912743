import Foundation
import NeuralNetwork
import Support
import Testing

@Suite("Weights files with faults")
struct WeightsErrorTests {
  /// File to the word that the message must have, most often the layer's name.
  private static func faults() throws -> [String: String] {
    try JSONDecoder().decode([String: String].self, from: Data(contentsOf: Fixtures.url("broken.json")))
  }

  @Test("The message names the layer")
  func namesLayer() throws {
    for (file, word) in try WeightsErrorTests.faults() {
      let error = #expect(throws: WeightsError.self, "\(file)") {
        try NetworkReader.network(at: Fixtures.url(file))
      }
      #expect(error?.description.contains(word) == true, "\(file): \(error?.description ?? "")")
    }
  }

  @Test(
    "A file cut anywhere is refused, never read past its end",
    arguments: [
      "sequential3.h5", "sequential2.h5", "sequential3.keras", "flat3.weights.h5", "reference.safetensors",
    ])
  func truncated(file: String) throws {
    let bytes = try Data(contentsOf: Fixtures.url(file))
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + "-" + file)
    defer { try? FileManager.default.removeItem(at: copy) }
    for part in 0..<40 {
      try bytes.prefix(bytes.count * part / 40).write(to: copy)
      if file.hasSuffix("safetensors") {
        #expect(throws: WeightsError.self) { try SafetensorsFile(copy) }
      } else {
        #expect(throws: WeightsError.self) { try NetworkReader.network(at: copy) }
      }
    }
  }

  @Test(
    "Flipped bytes never crash the readers of checksummed archives and of our own format",
    arguments: ["sequential3.keras", "reference.safetensors"])
  func flipped(file: String) throws {
    let bytes = try Data(contentsOf: Fixtures.url(file))
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + "-" + file)
    defer { try? FileManager.default.removeItem(at: copy) }
    var generator = SplitMix64(9)
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0..<4 {
        damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      try damaged.write(to: copy)
      // Most are refused; a flipped weight is still a weight.
      _ = try? NetworkReader.network(at: copy)
    }
  }

  @Test("What is no weights file is refused")
  func foreign() throws {
    #expect(throws: WeightsError.self) { try NetworkReader.network(at: Fixtures.url("absent.h5")) }
    #expect(throws: WeightsError.self) { try NetworkReader.network(at: Fixtures.url("broken.json")) }
    #expect(throws: WeightsError.self) {
      try NetworkReader.network(at: Fixtures.url("reference.safetensors"))
    }
  }
}
