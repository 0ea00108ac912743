/// A layer as our weights file describes it; its tensors are beside it under the layer's name.
struct LayerRecord: Codable {
  var name: String
  var type: String
  var inputs: [String]
  var window: SlidingWindow?
  var epsilon: Float?
  var pooling: Pooling.Kind?
  var sides: [Int]?
  var paddingWithZeros: Bool?

  init(_ node: Node) {
    name = node.name
    inputs = node.inputs
    switch node.layer {
    case .convolution(let layer):
      type = "convolution"
      window = layer.window
    case .dense: type = "dense"
    case .batchNormalization(let layer):
      type = "batchNormalization"
      epsilon = layer.epsilon
    case .relu: type = "relu"
    case .pooling(let layer):
      type = "pooling"
      window = layer.window
      pooling = layer.kind
    case .globalAverage: type = "globalAverage"
    case .addition(let layer):
      type = "addition"
      paddingWithZeros = layer.paddingWithZeros
    case .flatten: type = "flatten"
    case .zeroPadding(let top, let left, let bottom, let right):
      type = "zeroPadding"
      sides = [top, left, bottom, right]
    case .identity: type = "identity"
    }
  }
}

extension Node {
  /// The tensors of the layer by their full names.
  var tensors: [(name: String, tensor: Tensor)] {
    switch layer {
    case .convolution(let layer): [(name + ".kernel", layer.kernel), (name + ".bias", Tensor(layer.bias))]
    case .dense(let layer): [(name + ".kernel", layer.kernel), (name + ".bias", Tensor(layer.bias))]
    case .batchNormalization(let layer):
      [
        (name + ".gamma", Tensor(layer.gamma)), (name + ".beta", Tensor(layer.beta)),
        (name + ".mean", Tensor(layer.mean)), (name + ".variance", Tensor(layer.variance)),
      ]
    default: []
    }
  }

  /// Brings a layer back from its record and tensors.
  init(_ record: LayerRecord, from file: SafetensorsFile) throws(WeightsError) {
    func tensor(_ part: String, rank: Int) throws(WeightsError) -> Tensor {
      let tensor = try file.tensor(record.name + "." + part)
      guard tensor.shape.count == rank else {
        throw WeightsError(
          .wrongShape, "The \(part) of layer \(record.name) has \(tensor.shape.count) axes, not \(rank).")
      }
      if let place = tensor.firstNonFinite {
        throw WeightsError(
          .notFinite, "The \(part) of layer \(record.name) is not finite at element \(place).")
      }
      return tensor
    }
    func biased(_ kernel: Tensor) throws(WeightsError) -> [Float] {
      let bias = try tensor("bias", rank: 1)
      guard bias.count == kernel.shape.last else {
        throw WeightsError(
          .wrongShape, "The bias of layer \(record.name) has \(bias.count) values, not one for each output.")
      }
      return bias.values
    }
    let unknown = WeightsError(
      .unsupported, "Layer \(record.name) is a \(record.type) that this version cannot read; use a newer one."
    )
    let layer: Layer
    switch (record.type, record.window) {
    case ("convolution", let window?):
      let kernel = try tensor("kernel", rank: 4)
      guard kernel.shape[0] == window.height, kernel.shape[1] == window.width else {
        throw WeightsError(
          .wrongShape, "The kernel of layer \(record.name) does not have the extents of its window.")
      }
      layer = .convolution(
        Convolution(
          kernel: kernel, bias: try biased(kernel), strideY: window.strideY, strideX: window.strideX,
          padding: window.padding))
    case ("dense", _):
      let kernel = try tensor("kernel", rank: 2)
      layer = .dense(Dense(kernel: kernel, bias: try biased(kernel)))
    case ("batchNormalization", _):
      let gamma = try tensor("gamma", rank: 1).values
      let beta = try tensor("beta", rank: 1).values
      let mean = try tensor("mean", rank: 1).values
      let variance = try tensor("variance", rank: 1).values
      guard beta.count == gamma.count, mean.count == gamma.count, variance.count == gamma.count else {
        throw WeightsError(.wrongShape, "The parameters of layer \(record.name) have different lengths.")
      }
      layer = .batchNormalization(
        BatchNormalization(
          gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: record.epsilon ?? 1e-3))
    case ("relu", _): layer = .relu
    case ("pooling", let window?):
      guard let kind = record.pooling else { throw unknown }
      layer = .pooling(Pooling(kind, window: window))
    case ("globalAverage", _): layer = .globalAverage
    case ("addition", _): layer = .addition(Addition(paddingWithZeros: record.paddingWithZeros ?? false))
    case ("flatten", _): layer = .flatten
    case ("zeroPadding", _):
      guard let sides = record.sides, sides.count == 4 else { throw unknown }
      layer = .zeroPadding(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
    case ("identity", _): layer = .identity
    default: throw unknown
    }
    self.init(record.name, layer, inputs: record.inputs)
  }
}
