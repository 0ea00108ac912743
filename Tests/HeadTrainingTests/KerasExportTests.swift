import Foundation
import HeadTraining
import NeuralNetwork
import Support
import Testing

@Suite("The head for Keras")
struct KerasExportTests {
  @Test("is read back as the layers that were written, bit for bit")
  func roundTrip() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).weights.h5")
    defer { try? FileManager.default.removeItem(at: url) }
    var generator = SplitMix64(2)
    let head = HeadParameters(HeadShape(inputs: 18, units: [10, 8, 6, 5]), using: &generator)
    let network = try head.network(height: 1, width: 3, channels: 6)
    try KerasExporter.write(network, to: url)
    let read = try KerasImporter.network(at: url)
    func tensors(_ network: Network) -> [[Float]] {
      network.nodes.flatMap { node -> [[Float]] in
        switch node.layer {
        case .dense(let layer): [layer.kernel.values, layer.bias]
        case .batchNormalization(let layer): [layer.gamma, layer.beta, layer.mean, layer.variance]
        default: []
        }
      }
    }
    #expect(tensors(read) == tensors(network))
    #expect(tensors(read).count == 20)
  }

  @Test("says when it cannot be written, and leaves nothing behind")
  func unwritable() throws {
    var generator = SplitMix64(2)
    let head = HeadParameters(HeadShape(inputs: 18, units: [10, 8, 6, 5]), using: &generator)
    let url = URL(filePath: "/nonexistent/head.weights.h5")
    #expect(throws: WeightsError.self) {
      try KerasExporter.write(head.network(height: 1, width: 3, channels: 6), to: url)
    }
  }
}
