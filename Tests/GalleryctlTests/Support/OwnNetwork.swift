import Foundation
import NeuralNetwork

extension Galleryctl {
  /// A weights folder with a small network of its own, `plain`, that the manifest names.
  static func withOwnNetwork(_ body: (Galleryctl, _ weights: String, _ file: URL) throws -> Void) throws {
    let galleryctl = try Galleryctl()
    let weights = galleryctl.folder.appending(path: "own weights")
    try FileManager.default.createDirectory(at: weights, withIntermediateDirectories: true)
    for name in Fixtures.engineFiles {
      try FileManager.default.createSymbolicLink(
        at: weights.appending(path: name), withDestinationURL: Fixtures.weights.appending(path: name))
    }
    let side = 32
    let kernel = Tensor(
      shape: [side * side * 3, 24],
      values: (0..<side * side * 3 * 24).map { Float($0 &* 7919 % 1009) / 1009 - 0.5 })
    let network = try Network(
      input: InputShape(height: side, width: side),
      nodes: [
        Node("flatten", .flatten, inputs: [Network.inputName]),
        Node("embedding", .dense(Dense(kernel: kernel)), inputs: ["flatten"]),
      ], preprocessing: Preprocessing(order: .rgb, mean: [127, 127, 127], scale: 1 / 128))
    let file = weights.appending(path: "plain.safetensors")
    try NetworkFile.write(network, to: file)
    let manifest = """
      {"sources": {}, "files": [{"name": "plain.safetensors", "licence": "CC0-1.0", "purpose": "test",
        "engine": "plain"}]}
      """
    try Data(manifest.utf8).write(to: weights.appending(path: "manifest.json"))
    try body(galleryctl, weights.path, file)
  }
}
