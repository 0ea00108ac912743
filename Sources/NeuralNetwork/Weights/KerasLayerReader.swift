/// Turns Keras layers and their variables into a network, checking each layer against its configuration.
struct KerasLayerReader {
  let variables: KerasVariables

  /// Builds the network.
  func network(_ layers: [KerasLayer], input: InputShape) throws(WeightsError) -> Network {
    var nodes: [Node] = []
    var channels: [String: Int] = [Network.inputName: input.channels]
    for layer in layers {
      let (operation, isRectified) = try read(
        layer, inputChannels: layer.inputs.first.flatMap { channels[$0] })
      if let count = operation.outputChannels
        ?? (operation.keepsChannels ? layer.inputs.first.flatMap { channels[$0] } : nil)
      {
        channels[layer.name] = count
      }
      if isRectified {
        // The layer's name is that of its result, after the activation, as in Keras.
        let linear = layer.name + "/linear"
        nodes.append(Node(linear, operation, inputs: layer.inputs))
        nodes.append(Node(layer.name, .relu, inputs: [linear]))
      } else {
        nodes.append(Node(layer.name, operation, inputs: layer.inputs))
      }
    }
    do {
      let network = try Network(input: input, nodes: nodes)
      if let height = input.height, let width = input.width {
        _ = try network.shapes(height: height, width: width)
      }
      return network
    } catch {
      throw WeightsError(.wrongShape, "\(variables.file) does not fit together: \(error.message)")
    }
  }

  private func read(
    _ layer: KerasLayer, inputChannels: Int?
  ) throws(WeightsError) -> (Layer, isRectified: Bool) {
    if let format = layer.config["data_format"]?.string, format != "channels_last" {
      throw unsupported(layer, "has data_format \(format); only channels_last can be read")
    }
    switch layer.className {
    case "Conv2D", "Convolution2D": return (try convolution(layer, inputChannels), try isRectified(layer))
    case "Dense": return (try dense(layer), try isRectified(layer))
    case "BatchNormalization": return (try normalization(layer), false)
    case "Activation":
      return try isRectified(layer) ? (.relu, false) : (.identity, false)
    case "ReLU":
      guard layer.config["max_value"]?.number == nil, layer.config["negative_slope"]?.number ?? 0 == 0,
        layer.config["threshold"]?.number ?? 0 == 0
      else { throw unsupported(layer, "is a ReLU with a slope, a threshold or a maximum") }
      return (.relu, false)
    case "MaxPooling2D", "MaxPool2D":
      return (.pooling(Pooling(.maximum, window: try window(layer, "pool_size"))), false)
    case "AveragePooling2D", "AvgPool2D":
      return (.pooling(Pooling(.average, window: try window(layer, "pool_size"))), false)
    case "GlobalAveragePooling2D": return (.globalAverage, false)
    case "Flatten": return (.flatten, false)
    case "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout": return (.identity, false)
    case "Add": return (.addition(Addition()), false)
    case "ZeroPadding2D": return (try zeroPadding(layer), false)
    default: throw unsupported(layer, "is a \(layer.className), which the runtime does not have")
    }
  }

  private func unsupported(_ layer: KerasLayer, _ what: String) -> WeightsError {
    WeightsError(.unsupported, "Layer \(layer.name) of \(variables.file) \(what).")
  }

  private func isRectified(_ layer: KerasLayer) throws(WeightsError) -> Bool {
    let activation = layer.config["activation"]?.string ?? layer.config["activation"]?["class_name"]?.string
    switch activation?.lowercased() {
    case nil, "linear": return false
    case "relu": return true
    case let other?: throw unsupported(layer, "has the activation \(other); only relu and linear can be read")
    }
  }

  private func convolution(_ layer: KerasLayer, _ inputChannels: Int?) throws(WeightsError) -> Layer {
    let window = try window(layer, "kernel_size")
    guard layer.config["groups"]?.integer ?? 1 == 1 else { throw unsupported(layer, "has groups") }
    if let dilation = try pair(layer, "dilation_rate"), dilation != (1, 1) {
      throw unsupported(layer, "is dilated")
    }
    let found = try variables.variables(of: layer, order: ["kernel", "bias"])
    let kernel = try tensor(
      "kernel", of: layer, in: found,
      shape: [window.height, window.width, inputChannels, layer.config["filters"]?.integer])
    return .convolution(
      Convolution(
        kernel: kernel, bias: try bias(layer, found, kernel.shape[3]), strideY: window.strideY,
        strideX: window.strideX, padding: window.padding))
  }

  private func dense(_ layer: KerasLayer) throws(WeightsError) -> Layer {
    let found = try variables.variables(of: layer, order: ["kernel", "bias"])
    let kernel = try tensor("kernel", of: layer, in: found, shape: [nil, layer.config["units"]?.integer])
    return .dense(Dense(kernel: kernel, bias: try bias(layer, found, kernel.shape[1])))
  }

  private func bias(
    _ layer: KerasLayer, _ found: [String: Tensor], _ count: Int
  ) throws(WeightsError) -> [Float]? {
    guard layer.config["use_bias"]?.boolean ?? true else { return nil }
    return try tensor("bias", of: layer, in: found, shape: [count]).values
  }

  private func normalization(_ layer: KerasLayer) throws(WeightsError) -> Layer {
    if let axis = layer.config["axis"]?.integer ?? layer.config["axis"]?[0]?.integer, axis != -1, axis != 3,
      axis != 1
    {
      throw unsupported(layer, "normalises along axis \(axis)")
    }
    let isScaled = layer.config["scale"]?.boolean ?? true
    let isCentred = layer.config["center"]?.boolean ?? true
    let order =
      (isScaled ? ["gamma"] : []) + (isCentred ? ["beta"] : []) + ["moving_mean", "moving_variance"]
    let found = try variables.variables(of: layer, order: order)
    let mean = try tensor("moving_mean", of: layer, in: found, shape: [nil])
    let count = mean.count
    func values(_ name: String, _ isThere: Bool, _ value: Float) throws(WeightsError) -> [Float] {
      isThere
        ? try tensor(name, of: layer, in: found, shape: [count]).values
        : [Float](repeating: value, count: count)
    }
    return .batchNormalization(
      BatchNormalization(
        gamma: try values("gamma", isScaled, 1), beta: try values("beta", isCentred, 0), mean: mean.values,
        variance: try values("moving_variance", true, 1),
        epsilon: Float(layer.config["epsilon"]?.number ?? 1e-3)))
  }

  private func window(_ layer: KerasLayer, _ key: String) throws(WeightsError) -> SlidingWindow {
    let isPooling = key == "pool_size"
    let size = try pair(layer, key) ?? (isPooling ? (2, 2) : (3, 3))
    let stride = try pair(layer, "strides") ?? (isPooling ? size : (1, 1))
    let padding: Padding
    switch layer.config["padding"]?.string ?? "valid" {
    case "same": padding = .same
    case "valid": padding = .valid
    case let other: throw unsupported(layer, "has padding \(other)")
    }
    return SlidingWindow(
      height: size.0, width: size.1, strideY: stride.0, strideX: stride.1, padding: padding)
  }

  /// A pair of positive extents, given as one number or two.
  private func pair(_ layer: KerasLayer, _ key: String) throws(WeightsError) -> (Int, Int)? {
    guard let value = layer.config[key] else { return nil }
    let first = value.integer ?? value[0]?.integer
    let second = value.integer ?? value[1]?.integer
    guard let first, let second, (1...4096).contains(first), (1...4096).contains(second) else {
      throw unsupported(layer, "has a \(key) that is no pair of positive numbers")
    }
    return (first, second)
  }

  private func zeroPadding(_ layer: KerasLayer) throws(WeightsError) -> Layer {
    let value = layer.config["padding"]
    let sides = [value?[0]?[0], value?[1]?[0], value?[0]?[1], value?[1]?[1]].compactMap { $0?.integer }
    guard sides.count == 4, sides.allSatisfy({ (0...4096).contains($0) }) else {
      throw unsupported(layer, "has a padding that is not two pairs")
    }
    return .zeroPadding(top: sides[0], left: sides[1], bottom: sides[2], right: sides[3])
  }

  /// A variable that is there, has the extents that are known and only finite values.
  private func tensor(
    _ name: String, of layer: KerasLayer, in found: [String: Tensor], shape: [Int?]
  ) throws(WeightsError) -> Tensor {
    guard let tensor = found[name] else {
      throw WeightsError(.missingLayer, "\(variables.file) has no \(name) for layer \(layer.name).")
    }
    let fits =
      tensor.shape.count == shape.count
      && zip(tensor.shape, shape).allSatisfy { $0 > 0 && $0 == ($1 ?? $0) }
    guard fits else {
      let wanted = shape.map { $0.map(String.init) ?? "any" }.joined(separator: "×")
      throw WeightsError(
        .wrongShape,
        "The \(name) of layer \(layer.name) in \(variables.file) is "
          + "\(tensor.shape.map(String.init).joined(separator: "×")), and should be \(wanted).")
    }
    if let place = tensor.firstNonFinite {
      throw WeightsError(
        .notFinite,
        "The \(name) of layer \(layer.name) in \(variables.file) has a \(tensor.values[place]) at element \(place)."
      )
    }
    return tensor
  }
}

extension Layer {
  /// The channels of the result, where the weights say it.
  fileprivate var outputChannels: Int? {
    switch self {
    case .convolution(let layer): layer.outputChannels
    case .dense(let layer): layer.outputs
    case .batchNormalization(let layer): layer.channels
    default: nil
    }
  }

  /// Whether the result has as many channels as the input.
  fileprivate var keepsChannels: Bool {
    switch self {
    case .flatten, .dense, .convolution: false
    default: true
    }
  }
}
