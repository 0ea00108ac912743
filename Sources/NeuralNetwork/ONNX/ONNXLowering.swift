/// Turns a graph of ONNX's operators into layers, at some size of the image that the layers can have.
struct ONNXLowering {
  let graph: ONNXGraph
  let file: String
  private let image: ONNXImage
  private var nodes: [Node] = []
  private var resolution: NetworkResolution
  /// Values that follow from the file alone.
  private(set) var constants: [String: TensorValue]
  /// The layer that gives each of ONNX's values.
  private var layers: [String: String] = [:]
  private var taken: Set<String> = [Network.inputName]
  /// Names of ONNX's values: those of the file, and those that an operator in several steps needs between.
  private var values: Set<String>
  /// Layers whose numbers are whole by their type: a quotient of two is whole, too. They are computed as float32.
  var wholeLayers: Set<String> = []

  init(_ graph: ONNXGraph, file: String, image: ONNXImage, side: Int) {
    self.graph = graph
    self.file = file
    self.image = image
    constants = graph.constants
    values = Set(graph.operators.flatMap { $0.outputs + $0.inputs }).union(graph.constants.keys)
    resolution = NetworkResolution(
      input: .image(height: image.height ?? side, width: image.width ?? side, channels: image.channels))
  }

  /// The network.
  mutating func network() throws(WeightsError) -> Network {
    layers[image.name] = Network.inputName
    if image.channelsLast {
      let name = unused("\(image.name)/channels last")
      layers[image.name] = name
      let transpose = TensorOperation(.transpose, integers: ["perm": [0, 2, 3, 1]])
      try append(Node(name, .tensor(transpose), inputs: [Network.inputName]), for: nil)
    }
    for index in try order() { try lower(graph.operators[index]) }
    var outputs: [String] = []
    for port in graph.outputs { outputs.append(try output(port.name)) }
    guard !outputs.isEmpty else { throw WeightsError(.damaged, "\(file) gives no result.") }
    do {
      let input = InputShape(height: image.height, width: image.width, channels: image.channels)
      return try Network(input: input, nodes: nodes, outputs: outputs)
    } catch {
      throw WeightsError(.wrongShape, "\(file) does not fit together: \(error.message)")
    }
  }

  /// The layer of a result of the graph, which has ONNX's name and, for an image, ONNX's order.
  private mutating func output(_ name: String) throws(WeightsError) -> String {
    guard let layer = layers[name], layer != Network.inputName else {
      throw WeightsError(
        .unsupported,
        "\(file) has a result \(name) that \(constants[name] == nil ? "nothing gives" : "is a constant").")
    }
    if let shape = resolution.shape(of: layer), !shape.isImage, layer == name { return layer }
    let own = taken.contains(name) ? unused(name + "/result") : name
    taken.insert(own)
    try append(Node(own, .tensor(TensorOperation(.rowMajor)), inputs: [layer]), for: nil)
    return own
  }

  // MARK: order

  /// The operators that the results need, each after those it takes from.
  private func order() throws(WeightsError) -> [Int] {
    var giver: [String: Int] = [:]
    for (index, node) in graph.operators.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard giver.updateValue(index, forKey: output) == nil, constants[output] == nil, output != image.name
        else {
          throw WeightsError(.damaged, "\(node.title) of \(file) gives \(output), which is given already.")
        }
      }
    }
    var needed = Set<Int>()
    var waiting = graph.outputs.compactMap { giver[$0.name] }
    while let index = waiting.popLast() {
      guard needed.insert(index).inserted else { continue }
      for input in graph.operators[index].inputs where !input.isEmpty {
        if let source = giver[input] {
          waiting.append(source)
        } else if constants[input] == nil, input != image.name {
          throw WeightsError(
            .damaged, "\(graph.operators[index].title) of \(file) takes \(input), which nothing gives.")
        }
      }
    }
    var missing: [Int: Int] = [:]
    var readers: [Int: [Int]] = [:]
    for index in needed {
      let sources = Set(graph.operators[index].inputs.compactMap { giver[$0] })
      missing[index] = sources.count
      for source in sources { readers[source, default: []].append(index) }
    }
    var ready = needed.filter { missing[$0] == 0 }.sorted(by: >)
    var result: [Int] = []
    while let index = ready.popLast() {
      result.append(index)
      for reader in (readers[index] ?? []).sorted(by: >) {
        missing[reader, default: 0] -= 1
        if missing[reader] == 0 { ready.append(reader) }
      }
    }
    if result.count < needed.count, let stuck = needed.filter({ missing[$0, default: 0] > 0 }).min() {
      throw WeightsError(
        .damaged, "\(graph.operators[stuck].title) of \(file) takes what depends on its own result.")
    }
    return result
  }

  // MARK: what operators are made of

  func fault(
    _ node: ONNXGraph.Operator, _ text: String, _ code: WeightsError.Code = .unsupported
  ) -> WeightsError {
    WeightsError(code, "\(node.title) of \(file) \(text).")
  }

  /// The name of an operand, or nil where it is not given.
  func name(_ node: ONNXGraph.Operator, _ index: Int) -> String? {
    index < node.inputs.count && !node.inputs[index].isEmpty ? node.inputs[index] : nil
  }

  /// An operand that the file has the numbers of, or nil where it is not given or depends on the image.
  func constant(_ node: ONNXGraph.Operator, _ index: Int) -> TensorValue? {
    name(node, index).flatMap { constants[$0] }
  }

  /// Weights: float32 numbers of the file, all finite.
  func weights(_ node: ONNXGraph.Operator, _ index: Int) throws(WeightsError) -> Tensor {
    guard let name = name(node, index) else { throw fault(node, "lacks its operand \(index + 1)", .damaged) }
    guard let value = constants[name], let numbers = value.reals else {
      throw fault(node, "takes weights \(name) that depend on the image")
    }
    if let place = numbers.firstIndex(where: { !$0.isFinite }) {
      throw fault(node, "takes weights \(name) with a \(numbers[place]) at element \(place)", .notFinite)
    }
    return Tensor(shape: value.extents, values: numbers)
  }

  /// The layer of an operand that depends on the image.
  func layer(_ node: ONNXGraph.Operator, _ index: Int) throws(WeightsError) -> String {
    guard let name = name(node, index) else { throw fault(node, "lacks its operand \(index + 1)", .damaged) }
    guard let layer = layers[name] else {
      throw fault(node, "takes a constant \(name), and nothing of the image")
    }
    return layer
  }

  func shape(_ node: ONNXGraph.Operator, _ index: Int) throws(WeightsError) -> ActivationShape {
    if let value = constant(node, index) { return .tensor(value.extents) }
    guard let shape = resolution.shape(of: try layer(node, index)) else {
      throw fault(node, "lacks its operand \(index + 1)", .damaged)
    }
    return shape
  }

  /// Whole numbers that an operand is at the size at hand, from the file or from the size.
  func sizes(_ node: ONNXGraph.Operator, _ index: Int) -> [Int]? {
    guard let name = name(node, index) else { return nil }
    return constants[name]?.whole ?? layers[name].flatMap { resolution.constant($0)?.whole }
  }

  /// Whether a layer gives numbers that follow from the size of the image.
  func isSizes(_ layer: String) -> Bool { resolution.constant(layer) != nil }

  /// Whether images have one size only, so that what follows from it never changes.
  var isSizeFixed: Bool { image.height != nil && image.width != nil }

  /// Whether an operand has whole numbers by its type.
  func isWhole(_ node: ONNXGraph.Operator, _ index: Int) -> Bool {
    guard let name = name(node, index) else { return false }
    return constants[name]?.isInteger ?? layers[name].map(wholeLayers.contains) ?? false
  }

  /// A layer's name that is not taken.
  mutating func unused(_ wanted: String) -> String { ONNXLowering.unused(wanted, among: &taken) }

  /// A name for a value of ONNX's that the file has not.
  mutating func unusedValue(_ wanted: String) -> String { ONNXLowering.unused(wanted, among: &values) }

  private static func unused(_ wanted: String, among names: inout Set<String>) -> String {
    var name = wanted
    var number = 1
    while !names.insert(name).inserted {
      number += 1
      name = "\(wanted)/\(number)"
    }
    return name
  }

  /// Adds a layer for an operator's result.
  ///
  /// - Returns: The layer's name.
  @discardableResult
  mutating func add(
    _ node: ONNXGraph.Operator, _ layer: Layer, _ inputs: [String], part: String? = nil, output: Int = 0
  ) throws(WeightsError) -> String {
    guard output < node.outputs.count else { throw fault(node, "gives nothing", .damaged) }
    let result = node.outputs[output]
    // An image that the graph gives gets ONNX's order, and the name, from a layer of its own.
    let isGiven = part == nil && graph.outputs.contains { $0.name == result }
    var own = unused(part.map { "\(result)/\($0)" } ?? (isGiven ? "\(result)/image" : result))
    try append(Node(own, layer, inputs: inputs), for: node)
    if let first = inputs.first, wholeLayers.contains(first),
      !["Cast", "DequantizeLinear"].contains(node.kind)
    {
      wholeLayers.insert(own)
    }
    guard part == nil else { return own }
    if isGiven, let shape = resolution.shape(of: own), !shape.isImage, taken.insert(result).inserted {
      resolution.rename(own, to: result)
      if wholeLayers.remove(own) != nil { wholeLayers.insert(result) }
      nodes[nodes.count - 1].name = result
      own = result
    }
    layers[result] = own
    return own
  }

  /// Adds an operation on arrays; one of constants alone is computed at once.
  @discardableResult
  mutating func add(
    _ node: ONNXGraph.Operator, _ kind: TensorOperation.Kind, _ operands: [TensorOperation.Operand],
    _ inputs: [String], integers: [String: [Int]] = [:], words: [String: String] = [:], part: String? = nil,
    output: Int = 0
  ) throws(WeightsError) -> String {
    for operand in operands {
      if case .constant(let tensor) = operand, let place = tensor.values.firstIndex(where: \.isNaN) {
        throw fault(node, "takes numbers with a nan at element \(place)", .notFinite)
      }
    }
    let operation = TensorOperation(kind, operands, integers: integers, words: words)
    guard inputs.isEmpty else { return try add(node, .tensor(operation), inputs, part: part, output: output) }
    do {
      let value = try operation.folded(operands.map(\.value), name: node.title)
      guard part == nil, output < node.outputs.count else { throw fault(node, "gives nothing", .damaged) }
      constants[node.outputs[output]] = value
      return node.outputs[output]
    } catch let error as NetworkError {
      throw WeightsError(.unsupported, "In \(file): \(error.message)")
    } catch let error as WeightsError {
      throw error
    } catch {
      throw fault(node, "cannot be computed")
    }
  }

  /// The operands of an operator as those of an operation on arrays, and the layers among them.
  func operands(
    _ node: ONNXGraph.Operator, _ indices: some Sequence<Int>
  ) throws(WeightsError) -> (operands: [TensorOperation.Operand], inputs: [String]) {
    var result: (operands: [TensorOperation.Operand], inputs: [String]) = ([], [])
    for index in indices {
      if name(node, index) == nil {
        result.operands.append(.absent)
      } else if let value = constant(node, index) {
        result.operands.append(value.operand)
      } else {
        result.operands.append(.result)
        result.inputs.append(try layer(node, index))
      }
    }
    return result
  }

  /// Gives a result a value that follows from the file alone.
  mutating func set(_ node: ONNXGraph.Operator, _ value: TensorValue) throws(WeightsError) {
    guard let result = node.outputs.first else { throw fault(node, "gives nothing", .damaged) }
    constants[result] = value
  }

  private mutating func append(_ node: Node, for operation: ONNXGraph.Operator?) throws(WeightsError) {
    do {
      try resolution.append(node)
      nodes.append(node)
    } catch {
      let title = operation.map { $0.title } ?? "Layer \(node.name)"
      throw WeightsError(.wrongShape, "\(title) of \(file) does not fit: \(error.message)")
    }
  }
}
