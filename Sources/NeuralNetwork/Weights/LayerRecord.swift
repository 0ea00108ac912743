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
  var groups: Int?
  /// The name of a function and its numbers.
  var function: String?
  var numbers: [Float]?
  /// The name of an operation on arrays, its operands and its options.
  var operation: TensorOperation.Kind?
  var operands: [OperandRecord]?
  var integers: [String: [Int]]?
  var words: [String: String]?

  /// Where an operand comes from; numbers are tensors beside the record, whole numbers are in it.
  struct OperandRecord: Codable {
    enum Place: String, Codable {
      case result
      case tensor
      case integers
      case absent
    }

    var place: Place
    var shape: [Int]?
    var values: [Int]?

    init(_ operand: TensorOperation.Operand) {
      switch operand {
      case .result: place = .result
      case .absent: place = .absent
      case .constant: place = .tensor
      case .integers(let shape, let values):
        place = .integers
        (self.shape, self.values) = (shape, values)
      }
    }
  }

  init(_ node: Node) {
    name = node.name
    inputs = node.inputs
    switch node.layer {
    case .convolution(let layer):
      type = "convolution"
      window = layer.window
      groups = layer.groups == 1 ? nil : layer.groups
    case .dense: type = "dense"
    case .batchNormalization(let layer):
      type = "batchNormalization"
      epsilon = layer.epsilon
    case .relu: type = "relu"
    case .activation(let activation):
      type = "activation"
      (function, numbers) = activation.record
    case .tensor(let operation):
      type = "tensor"
      self.operation = operation.kind
      operands = operation.operands.map(OperandRecord.init)
      integers = operation.integers.isEmpty ? nil : operation.integers
      words = operation.words.isEmpty ? nil : operation.words
    case .pooling(let layer):
      type = "pooling"
      window = layer.window
      pooling = layer.kind
    case .globalAverage: type = "globalAverage"
    case .addition(let layer):
      type = "addition"
      paddingWithZeros = layer.paddingWithZeros
    case .flatten: type = "flatten"
    case .flattenChannelsFirst: type = "flattenChannelsFirst"
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
    case .activation(.prelu(let slopes)): [(name + ".slopes", Tensor(slopes))]
    case .tensor(let operation):
      operation.operands.enumerated().compactMap { index, operand in
        if case .constant(let tensor) = operand { (name + ".operand\(index)", tensor) } else { nil }
      }
    default: []
    }
  }

  /// Brings a layer back from its record and tensors.
  init(_ record: LayerRecord, from file: SafetensorsFile) throws(WeightsError) {
    func tensor(_ part: String, rank: Int? = nil) throws(WeightsError) -> Tensor {
      let tensor = try file.tensor(record.name + "." + part)
      if let rank, tensor.shape.count != rank {
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
      let groups = record.groups ?? 1
      guard groups > 0, kernel.shape[3].isMultiple(of: groups) else { throw unknown }
      layer = .convolution(
        Convolution(
          kernel: kernel, bias: try biased(kernel), strideY: window.strideY, strideX: window.strideX,
          padding: window.padding, groups: groups))
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
    case ("activation", _):
      let slopes = record.function == Activation.preluName ? try tensor("slopes", rank: 1).values : []
      guard let activation = Activation(record.function, record.numbers ?? [], slopes: slopes) else {
        throw unknown
      }
      layer = .activation(activation)
    case ("tensor", _):
      guard let kind = record.operation, let records = record.operands else { throw unknown }
      var operands: [TensorOperation.Operand] = []
      for (index, operand) in records.enumerated() {
        switch operand.place {
        case .result: operands.append(.result)
        case .absent: operands.append(.absent)
        case .tensor: operands.append(.constant(try tensor("operand\(index)")))
        case .integers:
          guard let shape = operand.shape, let values = operand.values, shape.allSatisfy({ $0 >= 0 }),
            (try? TensorValue.count(shape, of: record.name)) == values.count
          else { throw unknown }
          operands.append(.integers(shape: shape, values: values))
        }
      }
      layer = .tensor(
        TensorOperation(kind, operands, integers: record.integers ?? [:], words: record.words ?? [:]))
    case ("flattenChannelsFirst", _): layer = .flattenChannelsFirst
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

extension Activation {
  static let preluName = "prelu"

  /// The name and the numbers by which a file knows the function.
  fileprivate var record: (name: String, numbers: [Float]?) {
    switch self {
    case .prelu: (Self.preluName, nil)
    case .clip(let low, let high): ("clip", [low, high])
    case .hardSigmoid(let alpha, let beta): ("hardSigmoid", [alpha, beta])
    case .elu(let alpha): ("elu", [alpha])
    default: (Self.plain.first { $0.value == self }?.key ?? kind, nil)
    }
  }

  /// The functions without numbers.
  private static let plain: [String: Activation] = [
    "sigmoid": .sigmoid, "hardSwish": .hardSwish, "tanh": .tanh, "exponential": .exponential,
    "logarithm": .logarithm,
    "squareRoot": .squareRoot, "negative": .negative, "absolute": .absolute, "reciprocal": .reciprocal,
    "floor": .floor, "ceiling": .ceiling, "errorFunction": .errorFunction, "softplus": .softplus,
  ]

  fileprivate init?(_ name: String?, _ numbers: [Float], slopes: [Float]) {
    switch (name, numbers.count) {
    case (Self.preluName, _): self = .prelu(slopes: slopes)
    case ("clip", 2): self = .clip(low: numbers[0], high: numbers[1])
    case ("hardSigmoid", 2): self = .hardSigmoid(alpha: numbers[0], beta: numbers[1])
    case ("elu", 1): self = .elu(alpha: numbers[0])
    default:
      guard let name, let plain = Self.plain[name] else { return nil }
      self = plain
    }
  }
}
