/// A network as steps: batch normalisation folded into its neighbours, ReLU and additions fused, dropout gone.
struct FusedGraph {
  private(set) var steps: [FusedNode] = []
  /// The step that gives each layer's result.
  private(set) var producer: [String: Int?] = [Network.inputName: nil]
  /// Layers whose results the caller wants: nothing is fused past them.
  private let kept: Set<String>
  private let uses: [String: Int]
  /// What a layer that does nothing stands for.
  private var standsFor: [String: String] = [:]

  /// Folds and fuses what it may.
  init(_ network: Network, height: Int, width: Int, keeping: Set<String>) throws(NetworkError) {
    let shapes = try network.shapes(height: height, width: width)
    kept = keeping
    var uses: [String: Int] = [:]
    for node in network.nodes { for input in node.inputs { uses[input, default: 0] += 1 } }
    self.uses = uses
    for (node, shape) in zip(network.nodes, shapes) { append(node, shape) }
    foldForward()
    fuseAdditions()
    removeUnused()
  }

  /// The step whose result `name` may be changed in place, because nobody else sees it.
  private func absorbable(_ name: String) -> Int? {
    guard uses[name] == 1, !kept.contains(name) else { return nil }
    if let original = standsFor[name] { return absorbable(original) }
    return producer[name] ?? nil
  }

  private mutating func append(_ node: Node, _ shape: ActivationShape) {
    let inputs = node.inputs.map { producer[$0] ?? nil }
    switch node.layer {
    case .identity:
      producer[node.name] = inputs[0]
      standsFor[node.name] = node.inputs[0]
    case .relu:
      if let step = absorbable(node.inputs[0]), steps[step].takesReLU, !steps[step].relu {
        steps[step].relu = true
        rename(step, to: node.name)
      } else {
        let ones = [Float](repeating: 1, count: shape.channels)
        add(node, .affine(scale: ones, shift: ones.map { _ in 0 }), inputs, shape)
        steps[steps.count - 1].relu = true
      }
    case .batchNormalization(let layer):
      let (scale, shift) = (layer.scale, layer.shift)
      if let step = absorbable(node.inputs[0]), let folded = steps[step].scaled(by: scale, plus: shift) {
        steps[step].operation = folded
        rename(step, to: node.name)
      } else {
        add(node, .affine(scale: scale, shift: shift), inputs, shape)
      }
    case .convolution(let layer): add(node, .convolution(layer), inputs, shape)
    case .dense(let layer): add(node, .dense(layer), inputs, shape)
    case .pooling(let layer): add(node, .pooling(layer), inputs, shape)
    case .globalAverage: add(node, .globalAverage, inputs, shape)
    case .addition: add(node, .addition, inputs, shape)
    case .flatten: add(node, .flatten, inputs, shape)
    case .zeroPadding(let top, let left, _, _): add(node, .zeroPadding(top: top, left: left), inputs, shape)
    }
  }

  private mutating func add(
    _ node: Node, _ operation: FusedNode.Operation, _ inputs: [Int?], _ shape: ActivationShape
  ) {
    producer[node.name] = steps.count
    steps.append(
      FusedNode(name: node.name, layers: [node.name], operation: operation, inputs: inputs, shape: shape))
  }

  private mutating func rename(_ step: Int, to name: String) {
    steps[step].name = name
    steps[step].layers.append(name)
    producer[name] = step
  }

  /// Takes a scale and shift of a vector into the only dense layer that follows.
  private mutating func foldForward() {
    for index in steps.indices {
      guard case .affine(let scale, let shift) = steps[index].operation, !steps[index].relu,
        case .vector = steps[index].shape, let reader = onlyReader(of: index),
        case .dense(let dense) = steps[reader].operation
      else { continue }
      steps[reader].operation = .dense(dense.preceded(by: scale, plus: shift))
      steps[reader].inputs = steps[index].inputs
      steps[reader].layers = steps[index].layers + steps[reader].layers
    }
  }

  /// Lets a convolution add what its result would be added to.
  private mutating func fuseAdditions() {
    for index in steps.indices {
      guard case .addition = steps[index].operation else { continue }
      let inputs = steps[index].inputs
      for (mine, other) in [(1, 0), (0, 1)] {
        guard let step = inputs[mine], case .convolution = steps[step].operation, !steps[step].relu,
          steps[step].residual == nil, onlyReader(of: step) == index, let partner = inputs[other],
          partner < step, steps[partner].shape == steps[step].shape
        else { continue }
        let sum = steps[index]
        steps[step].residual = partner
        steps[step].relu = sum.relu
        steps[step].layers += sum.layers
        steps[step].name = sum.name
        replace(index, with: step)
        break
      }
    }
  }

  private func onlyReader(of step: Int) -> Int? {
    guard !kept.contains(where: { producer[$0] == step }) else { return nil }
    let readers = steps.indices.filter { steps[$0].sources.contains(step) }
    return readers.count == 1 ? readers[0] : nil
  }

  private mutating func replace(_ old: Int, with new: Int) {
    for index in steps.indices where index != old {
      steps[index].inputs = steps[index].inputs.map { $0 == old ? new : $0 }
      if steps[index].residual == old { steps[index].residual = new }
    }
    for (name, step) in producer where step == old { producer[name] = .some(new) }
    steps[old].inputs = []
  }

  /// Drops the steps that nobody reads and that are no result.
  private mutating func removeUnused() {
    let results = Set(kept.compactMap { producer[$0] ?? nil })
    var needed = results
    for index in steps.indices.reversed() where needed.contains(index) {
      needed.formUnion(steps[index].sources)
    }
    var moved: [Int: Int] = [:]
    var remaining: [FusedNode] = []
    for index in steps.indices where needed.contains(index) {
      moved[index] = remaining.count
      remaining.append(steps[index])
    }
    for index in remaining.indices {
      remaining[index].inputs = remaining[index].inputs.map { $0.flatMap { moved[$0] } }
      remaining[index].residual = remaining[index].residual.flatMap { moved[$0] }
    }
    producer = producer.mapValues { $0.flatMap { moved[$0] } }
    steps = remaining
  }
}

extension FusedNode {
  /// Whether ReLU can be fused into the operation.
  fileprivate var takesReLU: Bool {
    switch operation {
    case .convolution, .dense, .affine, .addition: true
    default: false
    }
  }

  /// The operation followed by x · scale + shift, where that is one operation.
  fileprivate func scaled(by scale: [Float], plus shift: [Float]) -> Operation? {
    guard !relu else { return nil }
    switch operation {
    case .convolution(let layer): return .convolution(layer.scaled(by: scale, plus: shift))
    case .dense(let layer): return .dense(layer.scaled(by: scale, plus: shift))
    default: return nil
    }
  }
}
