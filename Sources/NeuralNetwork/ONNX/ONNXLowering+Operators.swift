extension ONNXLowering {
  /// Turns one operator into layers.
  mutating func lower(_ node: ONNXGraph.Operator) throws(WeightsError) {
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw fault(node, "is an operator of \(node.domain), which the runtime does not have")
    }
    for (option, values) in node.reals where values.contains(where: \.isNaN) {
      throw fault(node, "has a nan as its \(option)", .notFinite)
    }
    switch node.kind {
    case "Conv": try convolution(node)
    case "ConvTranspose": try transposedConvolution(node)
    case "BatchNormalization": try batchNormalization(node)
    case "Gemm": try gemm(node)
    case "MatMul": try matrixProduct(node)
    case "MaxPool": try pool(node, .maximum)
    case "AveragePool": try pool(node, .average)
    case "GlobalAveragePool": try reduce(node, .reduceMean, axes: [2, 3])
    case "GlobalMaxPool": try reduce(node, .reduceMaximum, axes: [2, 3])
    case "ReduceMean": try reduce(node, .reduceMean, axesInputSince: 18)
    case "ReduceSum": try reduce(node, .reduceSum, axesInputSince: 13)
    case "ReduceL2": try reduce(node, .reduceL2, axesInputSince: 18)
    case "ReduceMax": try reduce(node, .reduceMaximum, axesInputSince: 18)

    case "Relu": try function(node, nil)
    case "PRelu": try prelu(node)
    case "LeakyRelu": try function(node, .prelu(slopes: [node.real("alpha", default: 0.01)]))
    case "Clip": try clip(node)
    case "Sigmoid": try function(node, .sigmoid)
    case "HardSigmoid":
      try function(
        node, .hardSigmoid(alpha: node.real("alpha", default: 0.2), beta: node.real("beta", default: 0.5)))
    case "HardSwish": try function(node, .hardSwish)
    case "Tanh": try function(node, .tanh)
    case "Exp": try function(node, .exponential)
    case "Log": try function(node, .logarithm)
    case "Sqrt": try function(node, .squareRoot)
    case "Neg": try function(node, .negative)
    case "Abs": try function(node, .absolute)
    case "Reciprocal": try function(node, .reciprocal)
    case "Floor": try function(node, .floor)
    case "Ceil": try function(node, .ceiling)
    case "Erf": try function(node, .errorFunction)
    case "Elu": try function(node, .elu(alpha: node.real("alpha", default: 1)))
    case "Softplus": try function(node, .softplus)

    case "Add": try arithmetic(node, .add)
    case "Sub": try arithmetic(node, .subtract)
    case "Mul": try arithmetic(node, .multiply)
    case "Div": try arithmetic(node, .divide)
    case "Pow": try arithmetic(node, .power)
    case "Sum": try chain(node, .add)
    case "Max": try chain(node, .maximum)
    case "Min": try chain(node, .minimum)

    case "Softmax":
      let isOld = graph.opset < 13
      let (operands, inputs) = try operands(node, [0])
      try add(
        node, .softmax, operands, inputs,
        integers: ["axis": [node.integer("axis", default: isOld ? 1 : -1)], "coerced": [isOld ? 1 : 0]])
    case "LpNormalization":
      let (operands, inputs) = try operands(node, [0])
      try add(
        node, .normalize, operands, inputs,
        integers: ["axis": [node.integer("axis", default: -1)], "p": [node.integer("p", default: 2)]])
    case "LayerNormalization": try layerNormalization(node)

    case "Identity", "Dropout": try pass(node)
    case "Constant": try constant(node)
    case "ConstantOfShape": try constantOfShape(node)
    case "Shape": try shapeOf(node)
    case "Cast": try cast(node)
    case "Gather":
      let (operands, inputs) = try operands(node, [0, 1])
      try add(node, .gather, operands, inputs, integers: ["axis": [node.integer("axis", default: 0)]])
    case "Concat":
      let (operands, inputs) = try operands(node, node.inputs.indices)
      guard let axis = node.integers["axis"] else { throw fault(node, "lacks its axis", .damaged) }
      try add(node, .concatenate, operands, inputs, integers: ["axis": axis])
    case "Split": try split(node)
    case "Slice": try slice(node)
    case "Reshape": try reshape(node)
    case "Flatten": try flatten(node)
    case "Squeeze": try axes(node, .squeeze)
    case "Unsqueeze": try axes(node, .unsqueeze)
    case "Transpose":
      let (operands, inputs) = try operands(node, [0])
      try add(node, .transpose, operands, inputs, integers: node.integers.filter { $0.key == "perm" })
    case "Expand":
      let (operands, inputs) = try operands(node, [0, 1])
      try add(node, .expand, operands, inputs)
    case "Pad": try pad(node)
    case "Resize", "Upsample": try resize(node)
    case "DequantizeLinear": try dequantize(node)
    case "QuantizeLinear": try quantize(node)
    default: throw fault(node, "is an operator that the runtime does not have")
    }
  }

  // MARK: functions

  /// A function of every value; nil is ReLU.
  private mutating func function(
    _ node: ONNXGraph.Operator, _ activation: Activation?
  ) throws(WeightsError) {
    if let value = constant(node, 0) {
      try set(node, value.mapped(by: activation ?? .clip(low: 0, high: .infinity)))
    } else {
      try add(node, activation.map { .activation($0) } ?? .relu, [try layer(node, 0)])
    }
  }

  private mutating func prelu(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let slopes = try weights(node, 1)
    let shape = try shape(node, 0)
    if slopes.count == 1 {
      try function(node, .prelu(slopes: slopes.values))
    } else if let channels = perChannel(TensorValue(slopes), shape) {
      try function(node, .prelu(slopes: channels))
    } else {
      let (operands, inputs) = try operands(node, [0, 1])
      try add(node, .prelu, operands, inputs)
    }
  }

  private mutating func clip(_ node: ONNXGraph.Operator) throws(WeightsError) {
    func bound(_ index: Int, _ option: String, _ value: Float) throws(WeightsError) -> Float {
      if graph.opset < 11 { return node.real(option, default: value) }
      guard name(node, index) != nil else { return value }
      guard let bound = constant(node, index)?.reals?.first, !bound.isNaN else {
        throw fault(node, "has a bound that depends on the image")
      }
      return bound
    }
    let most = Float.greatestFiniteMagnitude
    let (low, high) = (try bound(1, "min", -most), try bound(2, "max", most))
    try function(node, .clip(low: max(low, -most), high: min(high, most)))
  }

  // MARK: arithmetic

  /// A constant as one value a channel of an image or a vector, where it is that or a single number.
  func perChannel(_ value: TensorValue, _ shape: ActivationShape) -> [Float]? {
    guard let numbers = value.reals, numbers.allSatisfy(\.isFinite) else { return nil }
    let extents = shape.extents
    guard value.extents.count <= extents.count, shape.isImage || extents.count == 2, extents[0] == 1 else {
      return nil
    }
    switch shape {
    case .tensor: return nil
    case .image, .vector:
      if numbers.count == 1 { return [Float](repeating: numbers[0], count: shape.channels) }
      var padded = [Int](repeating: 1, count: extents.count - value.extents.count) + value.extents
      guard padded[1] == shape.channels else { return nil }
      padded[1] = 1
      return padded.allSatisfy { $0 == 1 } ? numbers : nil
    }
  }

  private mutating func arithmetic(
    _ node: ONNXGraph.Operator, _ kind: TensorOperation.Kind
  ) throws(WeightsError) {
    let (first, second) = (constant(node, 0), constant(node, 1))
    let (operands, inputs) = try operands(node, [0, 1])
    if first == nil, second == nil {
      let shapes = (try shape(node, 0), try shape(node, 1))
      if kind == .add, shapes.0 == shapes.1, !shapes.0.isTensor {
        try add(node, .addition(Addition()), inputs)
        return
      }
    } else if inputs.count == 1, let value = first ?? second, kind != .divide || !value.isInteger {
      let shape = try shape(node, first == nil ? 0 : 1)
      if let numbers = perChannel(value, shape),
        let layer = affine(kind, numbers, constantFirst: first != nil)
      {
        try add(node, .batchNormalization(layer), inputs)
        return
      }
    }
    let areWhole = !inputs.isEmpty && [0, 1].allSatisfy { isWhole(node, $0) }
    try add(node, kind, operands, inputs, integers: areWhole && kind == .divide ? ["whole": [1]] : [:])
  }

  /// A sum or product with one constant a channel as a scale and a shift.
  private func affine(
    _ kind: TensorOperation.Kind, _ numbers: [Float], constantFirst: Bool
  ) -> BatchNormalization? {
    let (ones, zeros) = (numbers.map { _ in Float(1) }, numbers.map { _ in Float(0) })
    switch (kind, constantFirst) {
    case (.add, _): return BatchNormalization(scale: ones, shift: numbers)
    case (.subtract, false): return BatchNormalization(scale: ones, shift: numbers.map { -$0 })
    case (.subtract, true): return BatchNormalization(scale: ones.map { -$0 }, shift: numbers)
    case (.multiply, _): return BatchNormalization(scale: numbers, shift: zeros)
    case (.divide, false):
      let factors = numbers.map { 1 / $0 }
      return factors.allSatisfy(\.isFinite) ? BatchNormalization(scale: factors, shift: zeros) : nil
    default: return nil
    }
  }

  /// An operator that takes any number of operands.
  private mutating func chain(
    _ node: ONNXGraph.Operator, _ kind: TensorOperation.Kind
  ) throws(WeightsError) {
    guard node.inputs.count > 1 else { return try pass(node) }
    var whole = node
    for index in 1..<node.inputs.count {
      whole.inputs = [index == 1 ? node.inputs[0] : whole.outputs[0], node.inputs[index]]
      let isLast = index == node.inputs.count - 1
      whole.outputs = [isLast ? node.outputs.first ?? "" : unusedValue("\(node.title)/\(index)")]
      try arithmetic(whole, kind)
    }
  }

  private mutating func layerNormalization(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let shape = try shape(node, 0).extents
    let first = node.integer("axis", default: -1)
    let axis = first < 0 ? first + shape.count : first
    guard shape.indices.contains(axis) else { throw fault(node, "has an axis \(first) of \(shape.count)") }
    let axes = TensorOperation.Operand.integers(
      shape: [shape.count - axis], values: Array(axis..<shape.count))
    let epsilon = Tensor(shape: [], values: [node.real("epsilon", default: 1e-5)])
    let input = try layer(node, 0)
    let mean = try add(node, .reduceMean, [.result, axes], [input], part: "mean")
    let difference = try add(node, .subtract, [.result, .result], [input, mean], part: "difference")
    let square = try add(node, .multiply, [.result, .result], [difference, difference], part: "square")
    let variance = try add(node, .reduceMean, [.result, axes], [square], part: "variance")
    let sum = try add(node, .add, [.result, .constant(epsilon)], [variance], part: "sum")
    let root = try add(
      node, .power, [.result, .constant(Tensor(shape: [], values: [0.5]))], [sum], part: "root")
    let normal = try add(node, .divide, [.result, .result], [difference, root], part: "normal")
    let scale = TensorOperation.Operand.constant(try weights(node, 1))
    if name(node, 2) == nil {
      try add(node, .multiply, [.result, scale], [normal])
    } else {
      let scaled = try add(node, .multiply, [.result, scale], [normal], part: "scaled")
      try add(node, .add, [.result, .constant(try weights(node, 2))], [scaled])
    }
  }

  // MARK: constants

  mutating func pass(_ node: ONNXGraph.Operator) throws(WeightsError) {
    if let value = constant(node, 0) {
      try set(node, value)
    } else {
      try add(node, .identity, [try layer(node, 0)])
    }
  }

  private mutating func constant(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let value: TensorValue
    if let tensor = node.tensors["value"] {
      value = tensor
    } else if let numbers = node.reals["value_float"] {
      value = TensorValue([], .real(numbers))
    } else if let numbers = node.reals["value_floats"] {
      value = TensorValue([numbers.count], .real(numbers))
    } else if let numbers = node.integers["value_int"] {
      value = TensorValue([], .integers(numbers))
    } else if let numbers = node.integers["value_ints"] {
      value = TensorValue([numbers.count], .integers(numbers))
    } else {
      throw fault(node, "has no value that the runtime reads")
    }
    try set(node, value)
  }

  private mutating func constantOfShape(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let value = node.tensors["value"] ?? TensorValue([1], .real([0]))
    guard value.extents.reduce(1, *) == 1 else { throw fault(node, "has no single value") }
    let (operands, inputs) = try operands(node, [0])
    try add(
      node, .expand, [TensorValue([], value.numbers).operand] + operands, inputs)
  }

  private mutating func shapeOf(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let (operands, inputs) = try operands(node, [0])
    guard node.integers["start"] != nil || node.integers["end"] != nil else {
      try add(node, .shape, operands, inputs)
      return
    }
    if let value = constant(node, 0) {
      let rank = value.extents.count
      func place(_ option: String, _ given: Int) -> Int {
        let place = node.integer(option, default: given)
        return min(max(place < 0 ? place &+ rank : place, 0), rank)
      }
      let (start, end) = (place("start", 0), place("end", rank))
      let part = Array(value.extents[start..<max(start, end)])
      return try set(node, TensorValue([part.count], .integers(part)))
    }
    let whole = try add(node, .shape, operands, inputs, part: "whole")
    func one(_ value: Int) -> TensorOperation.Operand { .integers(shape: [1], values: [value]) }
    try add(
      node, .slice,
      [
        .result, one(node.integer("start", default: 0)), one(node.integer("end", default: .max)), one(0),
        one(1),
      ],
      [whole])
  }

  private mutating func cast(_ node: ONNXGraph.Operator) throws(WeightsError) {
    let type = node.integer("to", default: 1)
    guard (1...13).contains(type) || type == 16, type != 8 else {
      throw fault(node, "makes numbers of ONNX's data type \(type), which the runtime does not have")
    }
    let isWhole = ![1, 10, 11, 16].contains(type)
    if !isWhole, constant(node, 0) == nil, !isSizes(try layer(node, 0)) { return try pass(node) }
    let (operands, inputs) = try operands(node, [0])
    var options = ["whole": [isWhole ? 1 : 0]]
    switch type {
    case 2...5:
      // Bytes and words, without and with a sign, keep the lowest bits.
      let count = type < 4 ? 1 << 8 : 1 << 16
      options["least"] = [type == 3 || type == 5 ? -count / 2 : 0]
      options["count"] = [count]
    case 9: options["truth"] = [1]
    default: break
    }
    let layer = try add(node, .cast, operands, inputs, integers: options)
    if isWhole, !inputs.isEmpty { wholeLayers.insert(layer) }
  }

  private mutating func dequantize(_ node: ONNXGraph.Operator) throws(WeightsError) {
    guard let value = constant(node, 0) else {
      let input = try layer(node, 0)
      guard isWhole(node, 0) || input == Network.inputName else {
        throw fault(node, "takes numbers that are not whole")
      }
      try rescale(node, .dequantize)
      return
    }
    guard value.isInteger else { throw fault(node, "takes numbers that are not whole") }
    let scale = try weights(node, 1)
    let zero = constant(node, 2)
    let blocks = try Blocks(value.extents, scale.shape, node, file: file)
    try check(node, zero, scale)
    let zeros = zero?.whole
    if case .narrow(let numbers)? = value.numbers, let block = blocks.ofRows,
      let kernel = QuantizedKernel(
        outputs: value.extents[0], inputs: value.extents[1], block: block, values: numbers,
        scales: scale.values, zeros: zeros)
    {
      try set(node, TensorValue(value.extents, .bytes(kernel)))
      return
    }
    func real(_ count: Int, _ number: (Int) -> Int) -> [Float] {
      [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        blocks.forEach { index, block in
          buffer[index] = Float(number(index) - (zeros?[block] ?? 0)) * scale.values[block]
        }
        filled = count
      }
    }
    let result: [Float]
    if case .narrow(let numbers)? = value.numbers {
      result = real(numbers.count) { numbers[$0] }
    } else {
      let numbers = value.whole ?? []
      result = real(numbers.count) { numbers[$0] }
    }
    try set(node, TensorValue(value.extents, .real(result)))
  }

  private mutating func quantize(_ node: ONNXGraph.Operator) throws(WeightsError) {
    guard let value = constant(node, 0) else {
      let range = try wholeType(node).range
      let layer = try rescale(
        node, .quantize, ["least": [range.lowerBound], "most": [range.upperBound]])
      wholeLayers.insert(layer)
      return
    }
    let numbers = value.reals ?? []
    let scale = try weights(node, 1)
    let zero = constant(node, 2)
    let blocks = try Blocks(value.extents, scale.shape, node, file: file)
    try check(node, zero, scale)
    let zeros = zero?.whole
    let range = try wholeType(node).range
    let (least, most) = (Float(range.lowerBound), Float(range.upperBound))
    var result = [Int](repeating: 0, count: numbers.count)
    blocks.forEach { index, block in
      let place = (numbers[index] / scale.values[block]).rounded(.toNearestOrEven) + Float(zeros?[block] ?? 0)
      result[index] = place.isNaN ? 0 : Int(min(max(place, least), most))
    }
    try set(node, TensorValue(value.extents, .integers(result)))
  }

  /// Scales an activation, with one scale for all or one for each place along an axis.
  @discardableResult
  private mutating func rescale(
    _ node: ONNXGraph.Operator, _ kind: TensorOperation.Kind, _ options: [String: [Int]] = [:]
  ) throws(WeightsError) -> String {
    guard node.integer("block_size", default: 0) == 0 else {
      throw fault(node, "scales what depends on the image in blocks")
    }
    let scale = try weights(node, 1)
    let zero = constant(node, 2)
    guard zero != nil || name(node, 2) == nil else {
      throw fault(node, "has zero points that depend on the image")
    }
    try check(node, zero, scale)
    let scales = TensorOperation.Operand.constant(Tensor(scale.values))
    let zeros = zero?.whole ?? scale.values.map { _ in 0 }
    return try add(
      node, kind, [.result, scales, .integers(shape: [zeros.count], values: zeros)], [try layer(node, 0)],
      integers: options.merging(["axis": [node.integer("axis", default: 1)]]) { own, _ in own })
  }

  /// Checks that zero points are whole, and as many as the scales; one of each may be a scalar or a list.
  private func check(
    _ node: ONNXGraph.Operator, _ zero: TensorValue?, _ scale: Tensor
  ) throws(WeightsError) {
    guard let zero else { return }
    let areSingle = scale.count == 1 && scale.shape.count <= 1 && zero.extents.allSatisfy { $0 == 1 }
    guard zero.isInteger, zero.extents == scale.shape || areSingle && zero.extents.count <= 1 else {
      throw fault(node, "has zero points of another shape than its scales", .wrongShape)
    }
  }

  /// The type of what is quantised: the zero points', without them that of `output_dtype`, else unsigned bytes.
  private func wholeType(_ node: ONNXGraph.Operator) throws(WeightsError) -> WholeType {
    let stated = node.integer("output_dtype", default: 0)
    var found: WholeType? = stated == 0 ? .uint8 : WholeType(rawValue: stated)
    if let name = name(node, 2) {
      found = graph.types[name]
      // Of eight bits the numbers tell the type, wherever they come from.
      if case .narrow(let numbers)? = constant(node, 2)?.numbers { found = numbers.isSigned ? .int8 : .uint8 }
      if stated != 0, stated != found?.rawValue { found = nil }
    }
    guard let type = found else {
      throw fault(node, "gives numbers of another type than of eight or sixteen bits")
    }
    return type
  }
}

/// Which scale belongs to each of a tensor's elements: one for all, one for each place along an axis, or one for each
/// block along it.
private struct Blocks {
  private let count: Int
  private let inner: Int
  private let extent: Int
  private let size: Int
  private let scales: Int
  private let isSingle: Bool

  init(_ extents: [Int], _ scale: [Int], _ node: ONNXGraph.Operator, file: String) throws(WeightsError) {
    func fault() -> WeightsError {
      WeightsError(
        .wrongShape,
        "\(node.title) of \(file) has scales of \(scale), which do not belong to numbers of \(extents).")
    }
    count = extents.reduce(1, *)
    isSingle = scale.reduce(1, *) == 1 && scale.count <= 1
    let given = node.integer("axis", default: 1)
    let axis = given < 0 ? given + extents.count : given
    guard !isSingle else {
      (inner, extent, size, scales) = (1, 1, 1, 1)
      return
    }
    guard extents.indices.contains(axis) else { throw fault() }
    inner = extents[(axis + 1)...].reduce(1, *)
    extent = extents[axis]
    if scale.count == 1, node.integer("block_size", default: 0) == 0 {
      guard scale[0] == extent else { throw fault() }
      (size, scales) = (1, 0)
      return
    }
    size = node.integer("block_size", default: 0)
    var wanted = extents
    guard size > 0 else { throw fault() }
    wanted[axis] = (extent + size - 1) / size
    guard wanted == scale else { throw fault() }
    scales = wanted[axis]
    if extents.count == 2, axis == 1 { ofRows = size }
  }

  /// The size of the blocks, where they are parts of a matrix's rows.
  private(set) var ofRows: Int?

  /// Calls with the place of every element and that of its scale.
  func forEach(_ body: (Int, Int) -> Void) {
    if isSingle {
      for index in 0..<count { body(index, 0) }
      return
    }
    guard extent > 0, inner > 0 else { return }
    for outer in 0..<count / (extent * inner) {
      for place in 0..<extent {
        let start = (outer * extent + place) * inner
        let first = scales == 0 ? place : (outer * scales + place / size) * inner
        for lane in 0..<inner { body(start + lane, scales == 0 ? first : first + lane) }
      }
    }
  }
}
