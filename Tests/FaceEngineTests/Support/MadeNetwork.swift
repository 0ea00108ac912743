import FaceEngine
import Foundation
import NeuralNetwork

/// Networks with seeded weights of a sensible size, and folders to put them in.
enum MadeNetwork {
  /// Numbers of about unit length a row, the same on every run.
  private static func kernel(_ shape: [Int], seed: UInt64) -> Tensor {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    let fanIn = shape.dropLast().reduce(1, *)
    let scale = (6 / Float(fanIn)).squareRoot()
    let values = (0..<shape.reduce(1, *)).map { _ in
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return (Float(state >> 40) / 8_388_608 - 1) * scale
    }
    return Tensor(shape: shape, values: values)
  }

  /// VGG16's convolutions, or its first blocks of them.
  static func backbone(height: Int? = nil, width: Int? = nil, blocks: Int = 5) throws -> Network {
    var nodes: [Node] = []
    var channels = 3
    func add(_ name: String, _ layer: Layer) {
      nodes.append(Node(name, layer, inputs: [nodes.last?.name ?? Network.inputName]))
    }
    for (block, (count, width)) in [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)].prefix(blocks)
      .enumerated()
    {
      for index in 1...count {
        let name = "conv\(block + 1)_\(index)"
        let kernel = kernel([3, 3, channels, width], seed: UInt64(block * 10 + index))
        add(name + "/linear", .convolution(Convolution(kernel: kernel, padding: .same)))
        add(name, .relu)
        channels = width
      }
      let window = SlidingWindow(height: 2, width: 2, strideY: 2, strideX: 2, padding: .valid)
      add("pool\(block + 1)", .pooling(Pooling(.maximum, window: window)))
    }
    return try Network(input: InputShape(height: height, width: width), nodes: nodes)
  }

  /// A dense head without a flattening layer of its own.
  static func head(inputs: Int, outputs: Int = 128) throws -> Network {
    try Network(
      input: InputShape(),
      nodes: [
        Node(
          "embedding", .dense(Dense(kernel: kernel([inputs, outputs], seed: 99))), inputs: [Network.inputName]
        )
      ])
  }

  /// Runs `body` with a folder that holds the landmarks' weights and is removed afterwards.
  static func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "networks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let landmarks = "shape_predictor_5_face_landmarks.dat"
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: landmarks),
      withDestinationURL: TestData.weights.appending(path: landmarks))
    try body(folder)
  }
}
