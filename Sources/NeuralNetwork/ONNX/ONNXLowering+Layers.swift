extension ONNXLowering {
  // MARK: convolutions

  /// A pair of whole numbers, height first, within bounds.
  private func pair(
    _ node: ONNXGraph.Operator, _ option: String, default value: Int, _ bounds: ClosedRange<Int> = 1...4096
  ) throws(WeightsError) -> (Int, Int) {
    guard let given = node.integers[option] else { return (value, value) }
    guard given.count == 2, given.allSatisfy(bounds.contains) else {
      throw fault(
        node,
        "has \(option) of \(given), and should have two from \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return (given[0], given[1])
  }

  /// What surrounds the image.
  private func padding(_ node: ONNXGraph.Operator, completed: Bool = false) throws(WeightsError) -> Padding {
    switch node.words["auto_pad"] ?? "NOTSET" {
    case "SAME_UPPER": return .same
    case "SAME_LOWER": return .sameLower
    case "VALID": return completed ? .completed(top: 0, left: 0, bottom: 0, right: 0) : .valid
    case "NOTSET": break
    case let mode: throw fault(node, "pads by \(mode)")
    }
    let pads = node.integers["pads"] ?? [0, 0, 0, 0]
    guard pads.count == 4, pads.allSatisfy((0...4096).contains) else {
      throw fault(node, "has pads of \(pads), and should have four from 0 to 4096")
    }
    if completed { return .completed(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3]) }
    if pads.allSatisfy({ $0 == 0 }) { return .valid }
    if pads[0] == pads[2], pads[1] == pads[3] { return .symmetric(vertical: pads[0], horizontal: pads[1]) }
    return .sides(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
  }

  mutating func convolution(_ node: ONNXGraph.Operator) throws(WeightsError) {
    var quantized: QuantizedKernel?
    if case .bytes(let kernel)? = constant(node, 1)?.numbers { quantized = kernel }
    // Bytes are finite numbers: only others have to be looked at.
    let shape = try quantized == nil ? weights(node, 1).shape : constant(node, 1)?.extents ?? []
    guard shape.count == 4 else {
      throw fault(node, "has a kernel of \(shape), and should have one of four axes", .wrongShape)
    }
    if let axis = shape.firstIndex(of: 0) {
      let axes = ["outputs", "inputs", "rows", "columns"]
      throw fault(
        node, "has a kernel of no \(axes[axis]): \(shape.map(String.init).joined(separator: "×"))",
        .wrongShape)
    }
    let (outer, inner, height, width) = (shape[0], shape[1], shape[2], shape[3])
    if let stated = node.integers["kernel_shape"], stated != [height, width] {
      throw fault(node, "states a kernel of \(stated), and has one of \([height, width])", .wrongShape)
    }
    let stride = try pair(node, "strides", default: 1)
    let dilation = try pair(node, "dilations", default: 1)
    let groups = node.integer("group", default: 1)
    guard outer <= 1 << 16, inner <= 1 << 16 else {
      throw fault(
        node, "has a kernel of \(inner) inputs and \(outer) outputs, more than \(1 << 16)", .wrongShape)
    }
    guard groups > 0, outer.isMultiple(of: groups) else {
      throw fault(node, "has \(groups) groups for \(outer) outputs", .wrongShape)
    }
    let rows = (height - 1) * dilation.0 + 1
    let columns = (width - 1) * dilation.1 + 1
    guard rows <= 4096, columns <= 4096,
      // Groups of several channels are computed as one, with zeros where an output does not see an input.
      case let inputs = inner > 1 || groups < outer ? inner * groups : inner,
      (try? TensorValue.count([rows, columns, inputs, outer], of: node.name)) != nil
    else {
      throw fault(
        node,
        "has a kernel of \(rows)×\(columns) for \(inner) inputs and \(outer) outputs in \(groups) groups, which is too large",
        .wrongShape)
    }
    var bias: [Float]?
    if name(node, 2) != nil {
      let given = try weights(node, 2)
      guard given.count == outer else {
        throw fault(node, "has \(given.count) biases for \(outer) outputs", .wrongShape)
      }
      bias = given.values
    }
    let window = SlidingWindow(
      height: rows, width: columns, strideY: stride.0, strideX: stride.1, padding: try padding(node))
    let layer: Convolution
    if let quantized, dilation == (1, 1), quantized.outputs == outer {
      layer = Convolution(quantized: quantized, bias: bias, window: window, groups: groups)
    } else {
      // From output × input × height × width, with zeros between the rows and columns of a dilated kernel.
      let given = try weights(node, 1).values.transposed(rows: outer, columns: inner * height * width)
      var values = [Float](repeating: 0, count: rows * columns * inner * outer)
      for y in 0..<height {
        for x in 0..<width {
          for input in 0..<inner {
            let from = ((input * height + y) * width + x) * outer
            let to = ((y * dilation.0 * columns + x * dilation.1) * inner + input) * outer
            values.replaceSubrange(to..<to + outer, with: given[from..<from + outer])
          }
        }
      }
      layer = Convolution(
        kernel: Tensor(shape: [rows, columns, inner, outer], values: values), bias: bias, window: window,
        groups: groups)
    }
    try add(node, .convolution(layer), [try self.layer(node, 0)])
  }

  mutating func transposedConvolution(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let kernel = try weights(node, 1)
    var operands: [TensorOperation.Operand] = [.result, .constant(kernel)]
    if name(node, 2) != nil { operands.append(.constant(try weights(node, 2))) }
    let wanted: Set = ["strides", "dilations", "pads", "output_padding", "output_shape", "group"]
    try add(
      node, .transposedConvolution, operands, [try layer(node, 0)],
      integers: node.integers.filter { wanted.contains($0.key) },
      words: node.words.filter { $0.key == "auto_pad" })
  }

  mutating func batchNormalization(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let gamma = try weights(node, 1).values
    let beta = try weights(node, 2).values
    let mean = try weights(node, 3).values
    let variance = try weights(node, 4).values
    guard beta.count == gamma.count, mean.count == gamma.count, variance.count == gamma.count else {
      throw fault(node, "has parameters of different lengths", .wrongShape)
    }
    guard node.integer("training_mode", default: 0) == 0 else { throw fault(node, "is in training") }
    let epsilon = node.real("epsilon", default: 1e-5)
    guard epsilon.isFinite, variance.allSatisfy({ $0 + epsilon > 0 }) else {
      throw fault(node, "has a variance below zero")
    }
    let layer = BatchNormalization(gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: epsilon)
    let shape = try shape(node, 0)
    guard shape.isTensor else {
      try add(node, .batchNormalization(layer), [try self.layer(node, 0)])
      return
    }
    let extents = [gamma.count] + [Int](repeating: 1, count: max(shape.extents.count - 2, 0))
    let scaled = try add(
      node, .multiply, [.result, .constant(Tensor(shape: extents, values: layer.scale))],
      [try self.layer(node, 0)],
      part: "scaled")
    try add(node, .add, [.result, .constant(Tensor(shape: extents, values: layer.shift))], [scaled])
  }

  // MARK: matrices

  mutating func gemm(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let (alpha, beta) = (node.real("alpha", default: 1), node.real("beta", default: 1))
    let isTransposed = node.integer("transB", default: 0) != 0
    if node.integer("transA", default: 0) == 0, case .vector = try shape(node, 0), constant(node, 1) != nil,
      name(node, 2) == nil || constant(node, 2) != nil
    {
      let extents = constant(node, 1)?.extents ?? []
      guard extents.count == 2, extents[0] > 0, extents[1] > 0 else {
        throw fault(
          node, "has a kernel of \(extents), and should have one of two axes, neither of them 0", .wrongShape)
      }
      let (inputs, outputs) = isTransposed ? (extents[1], extents[0]) : (extents[0], extents[1])
      var bias = [Float](repeating: 0, count: outputs)
      if name(node, 2) != nil {
        let given = try weights(node, 2)
        guard given.count == 1 || given.count == outputs else {
          throw fault(node, "has \(given.count) biases for \(outputs) outputs", .wrongShape)
        }
        bias = (0..<outputs).map { given.values[given.count == 1 ? 0 : $0] * beta }
      }
      let dense: Dense
      if isTransposed, case .bytes(let kernel)? = constant(node, 1)?.numbers, kernel.outputs == outputs {
        dense = Dense(quantized: kernel.scaled(by: [Float](repeating: alpha, count: outputs)), bias: bias)
      } else {
        let kernel = try weights(node, 1).values
        let values = isTransposed ? kernel.transposed(rows: outputs, columns: inputs) : kernel
        dense = Dense(
          kernel: Tensor(shape: [inputs, outputs], values: alpha == 1 ? values : values.map { $0 * alpha }),
          bias: bias)
      }
      try add(node, .dense(dense), [try layer(node, 0)])
      return
    }
    // Whatever else it may be, in steps.
    var parts: [(operand: TensorOperation.Operand, input: String?)] = []
    for (index, option) in ["transA", "transB"].enumerated() {
      var (operands, inputs) = try operands(node, [index])
      if node.integer(option, default: 0) != 0 {
        if let value = operands[0].value, let numbers = value.reals, value.extents.count == 2 {
          let values = numbers.transposed(rows: value.extents[0], columns: value.extents[1])
          operands = [.constant(Tensor(shape: value.extents.reversed(), values: values))]
        } else {
          inputs = [try add(node, .transpose, operands, inputs, integers: ["perm": [1, 0]], part: option)]
        }
      }
      parts.append((operands[0], inputs.first))
    }
    let (bias, biasInputs) = try operands(node, [2])
    let scalar = { (value: Float) in TensorOperation.Operand.constant(Tensor(shape: [], values: [value])) }
    let hasBias = name(node, 2) != nil
    guard parts.contains(where: { $0.input != nil }) else { throw fault(node, "multiplies constants") }
    var product = try add(
      node, .product, parts.map(\.operand), parts.compactMap(\.input),
      part: hasBias || alpha != 1 ? "product" : nil)
    if alpha != 1 {
      product = try add(node, .multiply, [.result, scalar(alpha)], [product], part: hasBias ? "scaled" : nil)
    }
    guard hasBias else { return }
    if beta != 1 {
      if let value = bias[0].value, let numbers = value.reals {
        try add(
          node, .add, [.result, .constant(Tensor(shape: value.extents, values: numbers.map { $0 * beta }))],
          [product])
        return
      }
      let scaled = try add(node, .multiply, bias + [scalar(beta)], biasInputs, part: "bias")
      try add(node, .add, [.result, .result], [product, scaled])
      return
    }
    try add(node, .add, [.result] + bias, [product] + biasInputs)
  }

  mutating func matrixProduct(_ node: ONNXGraph.Operator) throws(WeightsError) {
    if constant(node, 0) == nil, case .vector = try shape(node, 0), let value = constant(node, 1),
      value.extents.count == 2, value.extents[1] > 0
    {
      try add(node, .dense(Dense(kernel: try weights(node, 1))), [try layer(node, 0)])
      return
    }
    let (operands, inputs) = try operands(node, [0, 1])
    try add(node, .product, operands, inputs)
  }

  // MARK: windows

  mutating func pool(_ node: ONNXGraph.Operator, _ kind: Pooling.Kind) throws(WeightsError) {
    guard node.integers["kernel_shape"] != nil else { throw fault(node, "lacks its kernel_shape", .damaged) }
    let size = try pair(node, "kernel_shape", default: 1)
    let stride = try pair(node, "strides", default: 1)
    guard try pair(node, "dilations", default: 1) == (1, 1) else { throw fault(node, "has a dilated window") }
    let padding = try padding(node, completed: node.integer("ceil_mode", default: 0) != 0)
    let isPadded = kind == .average && node.integer("count_include_pad", default: 0) != 0
    let window = SlidingWindow(
      height: size.0, width: size.1, strideY: stride.0, strideX: stride.1, padding: padding)
    try add(node, .pooling(Pooling(isPadded ? .paddedAverage : kind, window: window)), [try layer(node, 0)])
  }

  // MARK: sums

  /// Sums over axes that are an option of the operator or, since some version, an operand.
  mutating func reduce(
    _ node: ONNXGraph.Operator, _ kind: TensorOperation.Kind, axes fixed: [Int]? = nil,
    axesInputSince version: Int = 99
  ) throws(WeightsError) {
    if kind == .reduceMean, constant(node, 0) == nil, isWhole(node, 0) {
      throw fault(node, "takes means of whole numbers that depend on the image")
    }
    let keeps = fixed != nil || node.integer("keepdims", default: 1) != 0
    var axes = fixed ?? node.integers["axes"]
    if graph.opset >= version { axes = constant(node, 1)?.whole }
    if constant(node, 0) == nil, kind == .reduceMean, let axes,
      case .image(_, _, let channels) = try shape(node, 0),
      Set(axes.map { $0 < 0 ? $0 &+ 4 : $0 }) == [2, 3]
    {
      let input = try layer(node, 0)
      guard keeps else {
        try add(node, .globalAverage, [input])
        return
      }
      let mean = try add(node, .globalAverage, [input], part: "mean")
      try add(node, .reshape, [.result, .integers(shape: [4], values: [1, channels, 1, 1])], [mean])
      return
    }
    var (operands, inputs) = try operands(node, [0])
    if let axes {
      operands.append(.integers(shape: [axes.count], values: axes))
    } else if graph.opset >= version, name(node, 1) != nil {
      let (more, layers) = try self.operands(node, [1])
      operands += more
      inputs += layers
    }
    try add(
      node, kind, operands, inputs,
      integers: [
        "keepdims": [keeps ? 1 : 0],
        "noop_with_empty_axes": [node.integer("noop_with_empty_axes", default: 0)],
      ])
  }
}

extension ActivationShape {
  /// Whether the shape is neither an image nor a vector.
  var isTensor: Bool { if case .tensor = self { true } else { false } }
}
