/// A network for one size of image, layer by layer: shapes, and what follows from them alone.
struct NetworkResolution {
  /// The layers that are left to compute.
  private(set) var nodes: [(node: Node, shape: ActivationShape)] = []
  private var shapes: [String: ActivationShape]
  private var constants: [String: TensorValue] = [:]
  /// Whether the number of elements is checked.
  private let limited: Bool

  init(input: ActivationShape, limited: Bool = true) {
    shapes = [Network.inputName: input]
    self.limited = limited
  }

  /// The shape of a layer that was appended, or the input's.
  func shape(of name: String) -> ActivationShape? { shapes[name] }

  /// The numbers of a layer that does not depend on the image.
  func constant(_ name: String) -> TensorValue? { constants[name] }

  /// Appends a layer behind those it takes.
  ///
  /// - Throws: `NetworkError` that names the layer which does not fit.
  @discardableResult
  mutating func append(_ node: Node) throws(NetworkError) -> ActivationShape {
    let shape = try resolve(node)
    shapes[node.name] = shape
    return shape
  }

  /// Gives the layer that was appended last another name.
  mutating func rename(_ old: String, to new: String) {
    shapes[new] = shapes.removeValue(forKey: old)
    constants[new] = constants.removeValue(forKey: old)
    if let last = nodes.indices.last, nodes[last].node.name == old { nodes[last].node.name = new }
  }

  private mutating func resolve(_ node: Node) throws(NetworkError) -> ActivationShape {
    guard case .tensor(var operation) = node.layer else {
      if node.inputs.contains(where: { constants[$0] != nil }) { return try constant(node) }
      let shape = try node.shape(of: node.inputs.compactMap { shapes[$0] })
      if limited { _ = try TensorValue.count(shape.extents, of: node.name) }
      nodes.append((node, shape))
      return shape
    }
    var inputs = node.inputs[...]
    var values: [TensorValue?] = []
    var left: [String] = []
    for (index, operand) in operation.operands.enumerated() {
      guard operand == .result, let name = inputs.popFirst() else {
        values.append(operand.value)
        continue
      }
      if let constant = constants[name] {
        values.append(constant)
        operation.operands[index] = constant.operand
      } else {
        values.append(shapes[name].map { TensorValue($0.extents) })
        left.append(name)
      }
    }
    if left.isEmpty || operation.kind == .shape {
      let value = try operation.folded(values, name: node.name)
      constants[node.name] = value
      return .tensor(value.extents)
    }
    let prepared = try operation.prepare(values, name: node.name)
    let shape = ActivationShape(operation, prepared.extents)
    nodes.append((Node(node.name, .tensor(operation), inputs: left), shape))
    return shape
  }

  /// A function of a constant is one.
  private mutating func constant(_ node: Node) throws(NetworkError) -> ActivationShape {
    guard let value = constants[node.inputs[0]] else {
      throw NetworkError(.invalidGraph, "Layer \(node.name) takes a constant beside an activation.")
    }
    switch node.layer {
    case .identity: constants[node.name] = value
    case .relu: constants[node.name] = value.mapped(by: .clip(low: 0, high: .infinity))
    case .activation(let activation): constants[node.name] = value.mapped(by: activation)
    default:
      throw NetworkError(.invalidGraph, "Layer \(node.name) takes a constant, and nothing of the image.")
    }
    return .tensor(value.extents)
  }
}

extension TensorValue {
  /// The values of a function.
  func mapped(by activation: Activation) -> TensorValue {
    guard var values = reals else { return self }
    values.withUnsafeMutableBufferPointer { activation.apply(to: $0) }
    return TensorValue(extents, isInteger ? .integers(values.map { Int($0) }) : .real(values))
  }
}

extension Network {
  /// Whether the network has operations on arrays, whose extents a file may state as it likes.
  var hasTensors: Bool { nodes.contains { if case .tensor = $0.layer { true } else { false } } }
}

extension ActivationShape {
  /// The shape of an operation's result: four axes of which the first is 1 are an image, two are a vector.
  init(_ operation: TensorOperation, _ extents: [Int]) {
    if operation.kind == .rowMajor, extents.count != 2 {
      self = .tensor(extents)
    } else if extents.count == 4, extents[0] == 1 {
      self = .image(height: extents[2], width: extents[3], channels: extents[1])
    } else if extents.count == 2, extents[0] == 1 {
      self = .vector(extents[1])
    } else {
      self = .tensor(extents)
    }
  }
}
