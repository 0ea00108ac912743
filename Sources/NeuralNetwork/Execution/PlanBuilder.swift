internal import CNeuralKernels

/// Chooses a kernel for every step and a place for every activation.
struct PlanBuilder {
  let graph: FusedGraph
  let options: PlanOptions
  let kernels: UnsafePointer<fg_kernels>
  let block: Int
  private(set) var steps: [any PlanStep] = []
  private(set) var slots: [Slot] = []
  private(set) var descriptions: [LayerDescription] = []
  private(set) var input: PixelInput
  private(set) var planner = MemoryPlanner()
  private var places: [Range<Int>] = []
  /// The input in blocks, where more than one first convolution takes it.
  private var blockedInput: Slot?
  private let inputShape: ActivationShape
  private let results: Set<Int>

  init(
    _ graph: FusedGraph, input: ActivationShape, results: Set<Int>, options: PlanOptions,
    kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    self.graph = graph
    self.options = options
    self.kernels = kernels
    self.results = results
    inputShape = input
    block = Int(kernels.pointee.block)
    guard case .image(let height, let width, let channels) = input else {
      throw NetworkError(.wrongInput, "A network takes images.")
    }
    self.input = try PixelInput(height: height, width: width, channels: channels, batch: options.batch)
    try placeInput(height, width, channels)
    self.input.affine = graph.inputAffine
    for index in graph.steps.indices { try place(index) }
  }

  /// Lets a single first convolution read the pixels where they are; others get them in blocks.
  private mutating func placeInput(_ height: Int, _ width: Int, _ channels: Int) throws(NetworkError) {
    let readers = graph.steps.filter { $0.inputs.contains(nil) }
    if readers.count == 1, case .convolution(let layer) = readers[0].operation, channels < block,
      layer.groups == 1,
      let rim = layer.window.places(over: height, width)
    {
      input = try PixelInput(
        height: height, width: width, channels: channels, batch: options.batch, rim: rim)
      return
    }
    var slot = Slot(inputShape, block: block)
    slot.offset = planner.allocate(slot.stride * 4 * options.batch).lowerBound / 4
    blockedInput = slot
    steps.append(BlockingStep(destination: slot))
    descriptions.append(
      LayerDescription(layers: [Network.inputName], kernel: "reorder", output: inputShape, operations: 0))
  }

  private func slot(_ step: Int?) -> Slot? { step.map { slots[$0] } ?? blockedInput }

  private mutating func place(_ index: Int) throws(NetworkError) {
    let node = graph.steps[index]
    var destination = Slot(node.shape, block: block, isRowMajor: node.isRowMajor)
    let place = planner.allocate(destination.stride * 4 * options.batch)
    destination.offset = place.lowerBound / 4
    slots.append(destination)
    places.append(place)
    let step = try step(for: node, destination)
    steps.append(step)
    descriptions.append(
      LayerDescription(
        layers: node.layers, kernel: step.kernel, output: node.shape,
        operations: node.operations(
          inputs: node.inputs.map { $0.map { graph.steps[$0].shape } ?? inputShape })))
    for source in Set(node.sources) where !results.contains(source) {
      let isReadLater = graph.steps[(index + 1)...].contains { $0.sources.contains(source) }
      if !isReadLater { planner.release(places[source]) }
    }
  }

  private mutating func step(for node: FusedNode, _ destination: Slot) throws(NetworkError) -> any PlanStep {
    if case .convolution(let layer) = node.operation { return try convolution(layer, node, destination) }
    guard let source = slot(node.inputs[0]) else {
      throw NetworkError(.invalidGraph, "Layer \(node.name) takes nothing.")
    }
    let end = try StepEnd(node.end)
    switch node.operation {
    case .dense(let layer):
      return try DenseStep(
        layer, source: source, destination: destination, end: end, options: options, kernels: kernels)
    case .affine(let scale, let shift):
      return try AffineStep(
        scale: scale, shift: shift, source: source, destination: destination, end: end)
    case .pooling(let layer):
      guard let places = layer.window.places(over: source.height, source.width) else {
        throw NetworkError(.wrongInput, "Layer \(node.name) has a window larger than its input.")
      }
      return PoolingStep(layer, places: places, source: source, destination: destination)
    case .globalAverage: return ReshapeStep(operation: .mean, source: source, destination: destination)
    case .flatten: return ReshapeStep(operation: .flatten, source: source, destination: destination)
    case .flattenChannelsFirst:
      return ReshapeStep(operation: .planes, source: source, destination: destination)
    case .layout:
      return ReshapeStep(
        operation: node.isRowMajor ? .planes : .blocks, source: source, destination: destination)
    case .activation(let activation):
      return ActivationStep(activation: activation, source: source, destination: destination)
    case .rows(let first, let count):
      return ReshapeStep(
        operation: .rows(first: first, count: count), source: source, destination: destination)
    case .selection(let rows, let columns):
      return SelectionStep(rows: rows, columns: columns, source: source, destination: destination)
    case .tensor(let operation):
      let inputs = node.inputs.map { (shape: $0.map { graph.steps[$0].shape } ?? inputShape, slot: slot($0)) }
      return try TensorStep(
        operation, name: node.name, shapes: inputs.map(\.shape), sources: inputs.compactMap(\.slot),
        destination: destination)
    case .zeroPadding(let top, let left):
      return ReshapeStep(operation: .pad(top: top, left: left), source: source, destination: destination)
    case .addition, .convolution:
      guard let second = slot(node.inputs[1]) else {
        throw NetworkError(.invalidGraph, "Layer \(node.name) adds two activations.")
      }
      return AdditionStep(first: source, second: second, destination: destination, end: end)
    }
  }

  private mutating func convolution(
    _ layer: Convolution, _ node: FusedNode, _ destination: Slot
  ) throws(NetworkError) -> any PlanStep {
    let residual = node.residual.map { slots[$0] }
    let end = try StepEnd(node.end)
    guard let source = slot(node.inputs[0]) else {
      return try DirectConvolutionStep(
        layer,
        source: .pixels(height: input.outerHeight, width: input.outerWidth, channels: input.channels),
        destination: destination, residual: residual, end: end, kernels: kernels)
    }
    let layer = layer.isDepthwise ? layer : layer.ungrouped().trimmed(over: source.height, source.width)
    guard let places = layer.window.places(over: source.height, source.width) else {
      throw NetworkError(.wrongInput, "Layer \(node.name) has a window larger than its input.")
    }
    if layer.isDepthwise {
      return try DepthwiseConvolutionStep(
        layer, source: source, destination: destination, residual: residual,
        padding: (places.top, places.left), end: end, kernels: kernels)
    }
    if let step = oneDNN(layer, node, source, destination, places) { return step }
    if options.precision == .bfloat16, options.convolutions == .automatic, layer.isPointwise {
      return try PointwiseConvolutionStep(
        layer, source: source, destination: destination, residual: residual, end: end,
        batch: options.batch, kernels: kernels)
    }
    let cost = ConvolutionCost(
      layer, height: destination.height, width: destination.width, batch: options.batch, block: block,
      isHalf: options.precision == .bfloat16)
    if options.convolutions == .automatic, let tile = cost.bestTile {
      return try WinogradConvolutionStep(
        layer, source: source, destination: destination, residual: residual,
        padding: (places.top, places.left), end: end, half: options.precision == .bfloat16, tile: tile,
        batch: options.batch, threads: options.threads, kernels: kernels)
    }
    return try DirectConvolutionStep(
      layer, source: paddedSource(source, places), destination: destination, residual: residual,
      end: end, kernels: kernels)
  }

  private func oneDNN(
    _ layer: Convolution, _ node: FusedNode, _ source: Slot, _ destination: Slot,
    _ places: SlidingWindow.Places
  ) -> DNNLConvolutionStep? {
    guard options.convolutions == .oneDNN || options.convolutions == .oneDNNDirect, node.residual == nil,
      node.end == .asItIs || node.end == .relu
    else {
      return nil
    }
    let choices = options.convolutions == .oneDNN ? [true, false] : [false]
    for winograd in choices {
      if let step = DNNLConvolutionStep(
        layer, name: node.name, source: source, destination: destination, places: places,
        relu: node.end == .relu,
        winograd: winograd, batch: options.batch, threads: options.threads, block: block)
      {
        return step
      }
    }
    return nil
  }

  private mutating func paddedSource(
    _ slot: Slot, _ places: SlidingWindow.Places
  ) -> DirectConvolutionStep.Source {
    if places.top + places.left + places.bottom + places.right == 0 { return .blocked(slot) }
    let height = slot.height + places.top + places.bottom
    let width = slot.width + places.left + places.right
    let depth = (slot.channels + block - 1) / block * block
    let rim = planner.allocateAlone(options.batch * depth * height * width * 4).lowerBound / 4
    return .padded(slot, rim: rim, top: places.top, left: places.left, height: height, width: width)
  }
}
