extension Network {
  /// The shape of every layer's result for images of one size, in the order of `nodes`.
  ///
  /// - Throws: `NetworkError` that names the layer which does not fit.
  public func shapes(height: Int, width: Int) throws(NetworkError) -> [ActivationShape] {
    guard height > 0, width > 0, input.height ?? height == height, input.width ?? width == width else {
      throw NetworkError(
        .wrongInput, "The network takes images of \(input), not of \(height)×\(width)×\(input.channels).")
    }
    var resolution = NetworkResolution(
      input: .image(height: height, width: width, channels: input.channels), limited: hasTensors)
    var result: [ActivationShape] = []
    for node in nodes { result.append(try resolution.append(node)) }
    return result
  }

  /// The names of the layers that depend on the image's pixels, rather than on its size alone.
  ///
  /// - Throws: `NetworkError` as ``shapes(height:width:)``.
  public func computedLayers(height: Int, width: Int) throws(NetworkError) -> [String] {
    try resolved(height: height, width: width).map(\.node.name)
  }

  /// The layers that compute something for images of one size, each with its shape: what follows from shapes alone has
  /// become constants.
  func resolved(height: Int, width: Int) throws(NetworkError) -> [(node: Node, shape: ActivationShape)] {
    _ = try shapes(height: height, width: width)
    var resolution = NetworkResolution(
      input: .image(height: height, width: width, channels: input.channels), limited: hasTensors)
    for node in nodes { _ = try resolution.append(node) }
    return resolution.nodes
  }
}

extension Node {
  /// The shape of the result.
  func shape(of inputs: [ActivationShape]) throws(NetworkError) -> ActivationShape {
    guard let first = inputs.first else { throw NetworkError(.invalidGraph, "Layer \(name) takes nothing.") }
    switch layer {
    case .relu, .identity: return first
    case .activation(let activation):
      if case .prelu(let slopes) = activation, slopes.count != 1 {
        if case .tensor = first { throw mismatch("takes an image or a vector", first) }
        guard slopes.count == first.channels else { throw mismatch("takes \(slopes.count) channels", first) }
      }
      return first
    case .flatten, .flattenChannelsFirst: return .vector(first.count)
    case .tensor(let operation):
      let shapes = inputs.map { Optional(TensorValue($0.extents)) }
      var rest = shapes[...]
      let values = operation.operands.map { $0 == .result ? rest.popFirst() ?? nil : $0.value }
      return ActivationShape(operation, try operation.prepare(values, name: name).extents)
    case .convolution(let convolution):
      guard let (height, width, channels) = first.asImage else { throw needsImage(first) }
      guard channels == convolution.inputChannels else {
        throw mismatch("takes \(convolution.inputChannels) channels", first)
      }
      return try slide(convolution.window, height, width, convolution.outputChannels)
    case .pooling(let pooling):
      guard let (height, width, channels) = first.asImage else { throw needsImage(first) }
      return try slide(pooling.window, height, width, channels)
    case .globalAverage:
      guard case .image(_, _, let channels) = first else { throw needsImage(first) }
      return .vector(channels)
    case .zeroPadding(let top, let left, let bottom, let right):
      guard let (height, width, channels) = first.asImage else { throw needsImage(first) }
      return .image(height: height + top + bottom, width: width + left + right, channels: channels)
    case .dense(let dense):
      guard case .vector(let count) = first, count == dense.inputs else {
        throw mismatch("takes a vector of \(dense.inputs)", first)
      }
      return .vector(dense.outputs)
    case .batchNormalization(let normalization):
      guard first.channels == normalization.channels else {
        throw mismatch("takes \(normalization.channels) channels", first)
      }
      return first
    case .addition(let addition): return try sum(inputs, addition)
    }
  }

  private func slide(
    _ window: SlidingWindow, _ height: Int, _ width: Int, _ channels: Int
  ) throws(NetworkError) -> ActivationShape {
    guard let places = window.places(over: height, width) else {
      throw NetworkError(
        .wrongInput,
        "Layer \(name) has a window of \(window.height)×\(window.width), larger than its input of "
          + "\(height)×\(width); give the network larger images.")
    }
    return .image(height: places.height, width: places.width, channels: channels)
  }

  private func sum(
    _ inputs: [ActivationShape], _ addition: Addition
  ) throws(NetworkError) -> ActivationShape {
    guard inputs.count == 2 else { throw NetworkError(.invalidGraph, "Layer \(name) adds two activations.") }
    if inputs[0] == inputs[1] { return inputs[0] }
    guard addition.paddingWithZeros, case .image(let h0, let w0, let c0) = inputs[0],
      case .image(let h1, let w1, let c1) = inputs[1]
    else {
      throw NetworkError(.invalidGraph, "Layer \(name) cannot add \(inputs[0]) and \(inputs[1]).")
    }
    return .image(height: max(h0, h1), width: max(w0, w1), channels: max(c0, c1))
  }

  private func needsImage(_ shape: ActivationShape) -> NetworkError { mismatch("takes an image", shape) }

  func mismatch(_ wanted: String, _ shape: ActivationShape) -> NetworkError {
    NetworkError(.invalidGraph, "Layer \(name) \(wanted), but is given \(shape).")
  }
}
