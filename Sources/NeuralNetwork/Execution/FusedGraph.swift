/// A network as steps: batch normalisation folded into its neighbours, ReLU and additions fused, dropout gone.
struct FusedGraph {
  private(set) var steps: [FusedNode] = []
  /// The step that gives each layer's result.
  private(set) var producer: [String: Int?] = [Network.inputName: nil]
  /// Layers whose results the caller wants: nothing is fused past them.
  private let kept: Set<String>
  private let uses: [String: Int]
  private let block: Int
  /// The images that the network takes.
  private let input: ActivationShape
  /// What the input goes through, a value a channel, before any step.
  private(set) var inputAffine: (scale: [Float], shift: [Float])?
  /// What a layer that does nothing stands for.
  private var standsFor: [String: String] = [:]

  /// Folds and fuses what it may.
  ///
  /// - Parameter block: Channels of a block of the kernels that will run it.
  init(
    _ network: Network, height: Int, width: Int, keeping: Set<String>, block: Int
  ) throws(NetworkError) {
    let nodes = try network.resolved(height: height, width: width)
    kept = keeping
    self.block = block
    input = .image(height: height, width: width, channels: network.input.channels)
    var uses: [String: Int] = [:]
    for (node, _) in nodes { for input in node.inputs { uses[input, default: 0] += 1 } }
    self.uses = uses
    for (node, shape) in nodes { try append(node, shape) }
    foldForward()
    fuseAdditions()
    removeUnused()
    foldIntoInput()
    foldFlattening()
    joinBranches()
    removeUnused()
    placeLayouts()
  }

  /// The step whose result `name` may be changed in place, because nobody else sees it.
  private func absorbable(_ name: String) -> Int? {
    guard uses[name] == 1, !kept.contains(name) else { return nil }
    if let original = standsFor[name] { return absorbable(original) }
    return producer[name] ?? nil
  }

  private mutating func append(_ node: Node, _ shape: ActivationShape) throws(NetworkError) {
    let inputs = node.inputs.map { producer[$0] ?? nil }
    switch node.layer {
    case .identity:
      producer[node.name] = inputs[0]
      standsFor[node.name] = node.inputs[0]
    case .relu:
      if case .tensor = shape {
        add(node, .activation(.clip(low: 0, high: .infinity)), inputs, shape)
      } else {
        end(node, .relu, inputs, shape)
      }
    case .activation(let activation):
      switch (activation, shape) {
      case (.prelu(let slopes), .image), (.prelu(let slopes), .vector):
        let all = slopes.count == 1 ? [Float](repeating: slopes[0], count: shape.channels) : slopes
        end(node, .prelu(all), inputs, shape)
      case (.clip(let low, let high), .image) where low <= 0 && high >= 0:
        end(node, .clip(low, high), inputs, shape)
      default: add(node, .activation(activation), inputs, shape)
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
    case .flattenChannelsFirst: add(node, .flattenChannelsFirst, inputs, shape)
    case .tensor(let operation): try add(node, operation, inputs, shape)
    case .zeroPadding(let top, let left, _, _): add(node, .zeroPadding(top: top, left: left), inputs, shape)
    }
  }

  /// Lets the step before end in a function, or adds a step that does nothing else.
  private mutating func end(
    _ node: Node, _ ending: FusedNode.Ending, _ inputs: [Int?], _ shape: ActivationShape
  ) {
    if let step = absorbable(node.inputs[0]), steps[step].takesEnd, steps[step].end == .asItIs {
      steps[step].end = ending
      rename(step, to: node.name)
    } else {
      let ones = [Float](repeating: 1, count: shape.channels)
      add(node, .affine(scale: ones, shift: ones.map { _ in 0 }), inputs, shape)
      steps[steps.count - 1].end = ending
    }
  }

  /// Adds an operation on arrays: as one on blocks where there is one.
  private mutating func add(
    _ node: Node, _ operation: TensorOperation, _ inputs: [Int?], _ shape: ActivationShape
  ) throws(NetworkError) {
    if operation.kind == .resize, case .image = shape, let source = node.inputs.first {
      let own = (producer[source] ?? nil).map { steps[$0].shape } ?? input
      let values = operation.operands.enumerated().map { $0 == 0 ? TensorValue(own.extents) : $1.value }
      let context = TensorOperation.Context(operation: operation, operands: values, name: node.name)
      if let maps = try context.nearest(), maps[1].count == own.channels, own.asImage != nil {
        add(node, .selection(rows: maps[2].map(Int32.init), columns: maps[3].map(Int32.init)), inputs, shape)
        return
      }
    }
    if operation.kind == .transpose, operation.integers["perm"] == [0, 2, 3, 1], let source = inputs[0],
      steps[source].operation.isBlocked, case .image(_, _, let channels) = steps[source].shape
    {
      add(node, .rows(first: 0, count: channels), inputs, shape)
      return
    }
    add(node, .tensor(operation), inputs, shape)
  }

  /// Joins branches of a few channels each that end in rows, as a detector's heads do: their pointwise convolutions of
  /// one image become one, and so do the depthwise ones behind, instead of a block for each that is mostly empty.
  private mutating func joinBranches() {
    struct Branch {
      var point: Int
      var depth: Int
      var window: SlidingWindow
    }
    var branches: [Int: [Branch]] = [:]
    for (index, step) in steps.enumerated() {
      guard case .convolution(let point) = step.operation, point.isPointwise, step.isPlain,
        let source = step.inputs[0], let depth = onlyReader(of: index), steps[depth].isPlain,
        case .convolution(let layer) = steps[depth].operation, layer.isDepthwise,
        !kept.contains(where: { producer[$0] == depth }), rows(behind: depth) != nil
      else { continue }
      branches[source, default: []].append(Branch(point: index, depth: depth, window: layer.window))
    }
    for (_, all) in branches.sorted(by: { $0.key < $1.key }) {
      for group in Dictionary(grouping: all, by: \.window).values {
        join(group.map { ($0.point, $0.depth) }.sorted { $0.0 < $1.0 })
      }
    }
  }

  /// The steps that read a step's result, where all of them take rows of it.
  private func rows(behind step: Int) -> [Int]? {
    let readers = steps.indices.filter { steps[$0].sources.contains(step) }
    let areRows = readers.allSatisfy { if case .rows = steps[$0].operation { true } else { false } }
    return areRows && !readers.isEmpty ? readers : nil
  }

  private mutating func join(_ branches: [(point: Int, depth: Int)]) {
    var points: [Convolution] = []
    var depths: [Convolution] = []
    for branch in branches {
      guard case .convolution(let point) = steps[branch.point].operation,
        case .convolution(let depth) = steps[branch.depth].operation
      else { return }
      points.append(point)
      depths.append(depth)
    }
    func blocks(_ channels: Int) -> Int { (channels + block - 1) / block }
    let total = points.reduce(0) { $0 + $1.outputChannels }
    guard branches.count > 1, blocks(total) < points.reduce(0, { $0 + blocks($1.outputChannels) }),
      let place = branches.map(\.depth).min(),
      case .image(let height, let width, _) = steps[place].shape,
      case .image(let before, let beside, _) = steps[branches[0].point].shape
    else { return }
    var first = 0
    for (branch, depth) in zip(branches, depths) {
      for reader in rows(behind: branch.depth) ?? [] {
        steps[reader].operation = .rows(first: first, count: depth.outputChannels)
        steps[reader].inputs = [place]
      }
      first += depth.outputChannels
    }
    let point = branches[0].point
    steps[point].layers = branches.flatMap { steps[$0.point].layers }
    steps[place].layers = branches.flatMap { steps[$0.depth].layers }
    steps[point].operation = .convolution(Convolution(joining: points))
    steps[point].shape = .image(height: before, width: beside, channels: total)
    steps[place].operation = .convolution(Convolution(joining: depths, groups: total))
    steps[place].shape = .image(height: height, width: width, channels: total)
    steps[place].inputs = [point]
  }

  /// Brings activations into the order of memory that their readers want.
  private mutating func placeLayouts() {
    var placed: [FusedNode] = []
    var moved: [Int: Int] = [:]
    var copies: [[Int?]: Int] = [:]
    for (number, original) in steps.enumerated() {
      var step = original
      let inputs = step.inputs.map { $0.flatMap { moved[$0] } }
      let first = inputs[0].map { placed[$0] }
      let wantsRows: Bool
      switch step.operation {
      case .tensor: wantsRows = true
      case .activation(let activation):
        wantsRows =
          first?.isRowMajor ?? false
          || !(activation.keepsZero || (step.shape.asImage?.channels ?? 0).isMultiple(of: block))
      case .flattenChannelsFirst: wantsRows = first?.isRowMajor ?? false
      default: wantsRows = false
      }
      func ordered(_ index: Int?) -> Int? {
        let shape = index.map { placed[$0].shape } ?? input
        let isRowMajor = index.map { placed[$0].isRowMajor } ?? false
        guard shape.isImage, isRowMajor != wantsRows else { return index }
        let key = [index, wantsRows ? 1 : 0]
        if let copy = copies[key] { return copy }
        placed.append(
          FusedNode(
            name: step.name, layers: [], operation: .layout, inputs: [index], shape: shape,
            isRowMajor: wantsRows))
        copies[key] = placed.count - 1
        return placed.count - 1
      }
      step.inputs = inputs.map(ordered)
      step.residual = step.residual.flatMap { ordered(moved[$0]) }
      step.isRowMajor = wantsRows && step.shape.isImage
      if case .rows = step.operation { step.isRowMajor = true }
      moved[number] = placed.count
      placed.append(step)
    }
    producer = producer.mapValues { $0.flatMap { moved[$0] } }
    steps = placed
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

  /// Lets a scale and shift of the whole input happen while the input is taken.
  private mutating func foldIntoInput() {
    guard case .image(let height, let width, let channels) = input else { return }
    let readers = steps.indices.filter { steps[$0].inputs.contains(nil) }
    guard readers.count == 1, case .affine(let scale, let shift) = steps[readers[0]].operation,
      steps[readers[0]].end == .asItIs, steps[readers[0]].residual == nil,
      steps[readers[0]].shape == .image(height: height, width: width, channels: channels),
      !kept.contains(where: { producer[$0] == readers[0] })
    else { return }
    inputAffine = (scale, shift)
    for index in steps.indices {
      steps[index].inputs = steps[index].inputs.map { $0 == readers[0] ? nil : $0 }
    }
  }

  /// Lets a dense layer read an image as it lies in memory, where its blocks are full.
  private mutating func foldFlattening() {
    for index in steps.indices {
      let first = steps[index].operation
      guard first.isFlattening, let source = steps[index].inputs[0],
        case .image(let height, let width, let channels) = steps[source].shape,
        channels.isMultiple(of: block),
        steps[source].operation.isBlocked, let reader = onlyReader(of: index),
        case .dense(let dense) = steps[reader].operation,
        // Its blocks are of inputs that follow each other; they save more than the reordering of the image costs.
        dense.quantized == nil
      else { continue }
      var isFirst = false
      if case .flattenChannelsFirst = first { isFirst = true }
      let area = height * width
      let rows = (0..<channels / block).flatMap { [block] part in
        (0..<area).flatMap { place in
          (0..<block).map { lane in
            let channel = part * block + lane
            return isFirst ? channel * area + place : place * channels + channel
          }
        }
      }
      steps[reader].operation = .dense(dense.reordered(rows))
      steps[reader].inputs = [source]
      steps[reader].layers = steps[index].layers + steps[reader].layers
    }
  }

  /// Takes a scale and shift into the only dense layer that follows, also behind a flattening.
  private mutating func foldForward() {
    for index in steps.indices {
      guard case .affine(let scale, let shift) = steps[index].operation, steps[index].end == .asItIs,
        let next = onlyReader(of: index)
      else { continue }
      if case .image(let height, let width, _) = steps[index].shape, steps[next].operation.isFlattening,
        let reader = onlyReader(of: next), case .dense(let dense) = steps[reader].operation
      {
        // One value a channel becomes one for each place of the vector.
        var isFirst = false
        if case .flattenChannelsFirst = steps[next].operation { isFirst = true }
        func spread(_ values: [Float]) -> [Float] {
          isFirst
            ? values.flatMap { [Float](repeating: $0, count: height * width) }
            : (0..<height * width).flatMap { _ in values }
        }
        steps[reader].operation = .dense(dense.preceded(by: spread(scale), plus: spread(shift)))
        steps[next].inputs = steps[index].inputs
        steps[next].layers = steps[index].layers + steps[next].layers
        continue
      }
      let reader = next
      guard case .vector = steps[index].shape, case .dense(let dense) = steps[reader].operation else {
        continue
      }
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
        guard let step = inputs[mine], case .convolution = steps[step].operation, steps[step].end == .asItIs,
          steps[step].residual == nil, onlyReader(of: step) == index, let partner = inputs[other],
          partner < step, steps[partner].shape == steps[step].shape
        else { continue }
        let sum = steps[index]
        steps[step].residual = partner
        steps[step].end = sum.end
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
  /// Whether the operation can end in a function.
  fileprivate var takesEnd: Bool {
    switch operation {
    case .convolution, .dense, .affine, .addition: true
    default: false
    }
  }

  /// The operation followed by x · scale + shift, where that is one operation.
  fileprivate func scaled(by scale: [Float], plus shift: [Float]) -> Operation? {
    guard end == .asItIs else { return nil }
    switch operation {
    case .convolution(let layer): return .convolution(layer.scaled(by: scale, plus: shift))
    case .dense(let layer): return .dense(layer.scaled(by: scale, plus: shift))
    case .affine(let first, let offset):
      return .affine(
        scale: zip(first, scale).map { $0 * $1 },
        shift: zip(offset, zip(scale, shift)).map { $0 * $1.0 + $1.1 })
    default: return nil
    }
  }
}

extension ActivationShape {
  /// Whether blocks of channels and row-major order differ.
  var isImage: Bool { if case .image = self { true } else { false } }
}

extension Activation {
  /// Whether the function of zero is zero, as the places of a block behind the last channel must stay.
  var keepsZero: Bool {
    switch self {
    case .prelu, .hardSwish, .tanh, .squareRoot, .negative, .absolute, .floor, .ceiling, .errorFunction, .elu:
      true
    case .clip(let low, let high): low <= 0 && high >= 0
    case .sigmoid, .hardSigmoid, .exponential, .logarithm, .reciprocal, .softplus: false
    }
  }
}

extension FusedNode.Operation {
  /// Whether an image becomes a vector.
  var isFlattening: Bool {
    switch self {
    case .flatten, .flattenChannelsFirst: true
    default: false
    }
  }

  /// Whether an image that the operation gives is in blocks of channels.
  var isBlocked: Bool {
    switch self {
    case .convolution, .affine, .pooling, .addition, .zeroPadding, .selection: true
    default: false
    }
  }
}

extension FusedNode {
  /// Whether a step does nothing behind its operation.
  fileprivate var isPlain: Bool { end == .asItIs && residual == nil }
}
