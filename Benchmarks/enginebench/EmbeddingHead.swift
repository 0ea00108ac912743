import NeuralNetwork

/// The embedding head of the default width with weights that do not matter.
enum EmbeddingHead {
  /// Flatten and four dense layers with batch normalisation between them.
  static func blank(inputs: Int) throws -> Network {
    var nodes = [Node("flatten", .flatten, inputs: [Network.inputName])]
    var count = inputs
    for (index, width) in [512, 256, 128, 128].enumerated() {
      let kernel = Tensor(
        shape: [count, width], values: (0..<count * width).map { Float($0 % 17 - 8) * 1e-3 })
      nodes.append(
        Node("dense\(index + 1)", .dense(Dense(kernel: kernel)), inputs: [nodes[nodes.count - 1].name]))
      if index < 3 {
        nodes.append(Node("relu\(index + 1)", .relu, inputs: ["dense\(index + 1)"]))
        let ones = [Float](repeating: 1, count: width)
        nodes.append(
          Node(
            "bn\(index + 1)", .batchNormalization(BatchNormalization(scale: ones, shift: ones)),
            inputs: ["relu\(index + 1)"]))
      }
      count = width
    }
    return try Network(input: InputShape(), nodes: nodes)
  }
}
