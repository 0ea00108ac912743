public import NeuralNetwork

/// The weights of a head and the moving statistics of its normalisations, named as in its weights files.
public struct HeadParameters: Sendable, Hashable {
  /// Trained values by layer: kernel (inputs × units), bias, and behind all but the last gamma and beta.
  public internal(set) var trained: [Tensor]
  /// Moving mean and moving variance of each normalisation.
  public internal(set) var statistics: [Tensor]
  /// The layers.
  public let shape: HeadShape

  /// What keeps a normalisation's root away from zero; Keras' default.
  public static let epsilon: Float = 1e-3
  /// The share of the old moving statistic that a step keeps; Keras' default.
  public static let momentum: Float = 0.99

  /// Weights as Keras begins with them: Glorot uniform kernels (Glorot and Bengio, 2010), zero biases.
  public init(_ shape: HeadShape, using generator: inout some RandomNumberGenerator) {
    self.shape = shape
    trained = []
    statistics = []
    for layer in shape.units.indices {
      let (inputs, units) = (shape.inputs(of: layer), shape.units[layer])
      let limit = (6 / Float(inputs + units)).squareRoot()
      let kernel = (0..<inputs * units).map { _ in Float.random(in: -limit...limit, using: &generator) }
      trained.append(Tensor(shape: [inputs, units], values: kernel))
      let zeros = Tensor([Float](repeating: 0, count: units))
      let ones = Tensor([Float](repeating: 1, count: units))
      trained.append(zeros)
      guard layer < shape.hiddenLayers else { continue }
      trained += [ones, zeros]
      statistics += [zeros, ones]
    }
  }

  /// Weights in the order of ``trained`` and ``statistics``.
  ///
  /// - Precondition: Every tensor has the extents that the shape says.
  public init(_ shape: HeadShape, trained: [Tensor], statistics: [Tensor]) {
    self.shape = shape
    self.trained = trained
    self.statistics = statistics
    let fits = HeadParameters.extents(shape)
    precondition(
      trained.map(\.shape) == fits.trained && statistics.map(\.shape) == fits.statistics,
      "a head's tensors have the extents of its shape")
  }

  static func extents(_ shape: HeadShape) -> (trained: [[Int]], statistics: [[Int]]) {
    var trained: [[Int]] = []
    var statistics: [[Int]] = []
    for layer in shape.units.indices {
      let units = shape.units[layer]
      trained += [[shape.inputs(of: layer), units], [units]]
      guard layer < shape.hiddenLayers else { continue }
      trained += [[units], [units]]
      statistics += [[units], [units]]
    }
    return (trained, statistics)
  }

  /// The names of ``trained``: `dense_1.kernel`, `dense_1.bias`, `bn_1.gamma`, …
  public var trainedNames: [String] {
    shape.units.indices.flatMap { layer in
      let dense = ["dense_\(layer + 1).kernel", "dense_\(layer + 1).bias"]
      return layer < shape.hiddenLayers ? dense + ["bn_\(layer + 1).gamma", "bn_\(layer + 1).beta"] : dense
    }
  }

  /// The number of weights, moving statistics included.
  public var count: Int { (trained + statistics).reduce(0) { $0 + $1.count } }

  /// Whether every weight and statistic is a finite number.
  public var isFinite: Bool { (trained + statistics).allSatisfy { $0.firstNonFinite == nil } }

  /// The head as layers of the inference runtime, for feature maps of some size.
  ///
  /// - Precondition: The map has as many values as the head takes.
  public func network(height: Int, width: Int, channels: Int) throws(NetworkError) -> Network {
    precondition(height * width * channels == shape.inputs, "the head takes the whole feature map")
    var nodes = [Node("flatten", .flatten, inputs: [Network.inputName])]
    var last = "flatten"
    func add(_ name: String, _ layer: Layer) {
      nodes.append(Node(name, layer, inputs: [last]))
      last = name
    }
    for layer in shape.units.indices {
      let name = "dense_\(layer + 1)"
      let first = layer * 4
      add(name, .dense(Dense(kernel: trained[first], bias: trained[first + 1].values)))
      guard layer < shape.hiddenLayers else { continue }
      add(name + "_relu", .relu)
      add(
        "bn_\(layer + 1)",
        .batchNormalization(
          BatchNormalization(
            gamma: trained[first + 2].values, beta: trained[first + 3].values,
            mean: statistics[layer * 2].values, variance: statistics[layer * 2 + 1].values,
            epsilon: Self.epsilon)))
    }
    return try Network(input: InputShape(height: height, width: width, channels: channels), nodes: nodes)
  }
}
