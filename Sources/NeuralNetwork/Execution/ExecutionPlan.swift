internal import CNeuralKernels

/// A network ready to run on images of one size: kernels chosen, weights in their order, all memory taken.
///
/// A run allocates nothing but the array that it may return. The same images give the same bits whatever the number
/// of threads and the place in a batch. One run at a time a plan: it is not `Sendable`.
public final class ExecutionPlan {
  /// What each step runs, in order.
  public let layerDescriptions: [LayerDescription]
  /// The images that the plan takes.
  public let inputShape: ActivationShape
  /// The result for one image.
  public let outputShape: ActivationShape
  /// How it was planned.
  public let options: PlanOptions
  /// Bytes of activations and scratch memory, besides the weights.
  public let workingMemory: Int

  private let preprocessing: Preprocessing?
  private let steps: [any PlanStep]
  private let input: PixelInput
  private let memory: AlignedMemory
  private let scratch: AlignedMemory
  private let kernels: UnsafePointer<fg_kernels>
  private let results: [String: (slot: Slot, shape: ActivationShape, isRowMajor: Bool)]
  private let last: String

  /// Plans a network for images of one size.
  ///
  /// - Throws: `NetworkError` when the images do not fit, a kept layer does not exist, or the instruction set asked
  ///   for cannot run here.
  /// - Complexity: O(parameters): every weight is moved once.
  public init(
    _ network: Network, height: Int, width: Int, options: PlanOptions = PlanOptions()
  ) throws(NetworkError) {
    guard options.batch > 0, options.threads > 0 else {
      throw NetworkError(.wrongInput, "A plan has at least one thread and one image a run.")
    }
    let names = Set(network.nodes.map(\.name))
    for name in options.outputs where !names.contains(name) {
      throw NetworkError(.wrongInput, "The network has no layer named \(name).")
    }
    kernels = try InstructionSet.kernels(named: options.instructionSet)
    last = network.outputs[network.outputs.count - 1]
    let kept = Set(options.outputs + network.outputs)
    let graph = try FusedGraph(
      network, height: height, width: width, keeping: kept, block: Int(kernels.pointee.block))
    inputShape = .image(height: height, width: width, channels: network.input.channels)
    let indices = Set(kept.compactMap { graph.producer[$0] ?? nil })
    let builder = try PlanBuilder(
      graph, input: inputShape, results: indices, options: options, kernels: kernels)
    var results: [String: (slot: Slot, shape: ActivationShape, isRowMajor: Bool)] = [:]
    for name in kept {
      guard let index = graph.producer[name] ?? nil else {
        throw NetworkError(.invalidGraph, "Layer \(name) gives nothing but the network's input.")
      }
      let step = graph.steps[index]
      results[name] = (builder.slots[index], step.shape, step.isRowMajor)
    }
    self.results = results
    guard let shape = results[last]?.shape else {
      throw NetworkError(.invalidGraph, "The network has no result.")
    }
    outputShape = shape
    steps = builder.steps
    input = builder.input
    layerDescriptions = builder.descriptions
    let scratchSize = builder.steps.map(\.scratch).max() ?? 0
    workingMemory = builder.planner.byteCount + scratchSize + builder.input.memory.count
    memory = try AlignedMemory(byteCount: builder.planner.byteCount)
    scratch = try AlignedMemory(byteCount: scratchSize)
    preprocessing = network.preprocessing
    self.options = options
  }

  /// Plans the same network as another plan, with memory of its own and the other's weights: both may run at the same
  /// time.
  ///
  /// The other may be running meanwhile. Threads that read the same weights share them in the processor's caches, too.
  ///
  /// - Throws: `NetworkError` when the other runs kernels of oneDNN, which keep a state.
  /// - Complexity: O(working memory).
  public init(sharingWeightsOf other: ExecutionPlan) throws(NetworkError) {
    guard other.steps.allSatisfy(\.isShareable) else {
      throw NetworkError(
        .wrongInput, "Plans on oneDNN's kernels cannot share their weights; plan the network again.")
    }
    steps = other.steps
    layerDescriptions = other.layerDescriptions
    (inputShape, outputShape) = (other.inputShape, other.outputShape)
    options = other.options
    workingMemory = other.workingMemory
    preprocessing = other.preprocessing
    kernels = other.kernels
    (results, last) = (other.results, other.last)
    input = try PixelInput(like: other.input)
    memory = try AlignedMemory(byteCount: other.memory.count)
    scratch = try AlignedMemory(byteCount: other.scratch.count)
  }

  /// Runs the network on images as it sees them, each height × width × channel.
  ///
  /// - Returns: The results of the images, one after the other.
  /// - Throws: `NetworkError.Code.wrongInput` when `values` is not a whole number of images or more than the batch.
  public func run(_ values: [Float]) throws(NetworkError) -> [Float] {
    try execute(values)
    return result(of: last) ?? []
  }

  /// Runs the network as ``run(_:)-([Float])`` does and leaves its results to ``result(of:)``.
  public func execute(_ values: [Float]) throws(NetworkError) {
    let count = try imageCount(values.count)
    values.withUnsafeBufferPointer { if let base = $0.baseAddress { input.fill(base, count: count) } }
    try runSteps(count)
  }

  /// Runs the network on RGB photos of the plan's size, each height × width × 3 bytes, through its preprocessing.
  ///
  /// - Returns: The results of the photos, one after the other.
  /// - Throws: `NetworkError.Code.wrongInput` when `bytes` is not a whole number of images or more than the batch, or
  ///   the network has no preprocessing.
  public func run(rgb bytes: [UInt8]) throws(NetworkError) -> [Float] {
    try execute(rgb: bytes)
    return result(of: last) ?? []
  }

  /// Runs the network as ``run(rgb:)`` does and leaves its results to ``result(of:)``.
  public func execute(rgb bytes: [UInt8]) throws(NetworkError) {
    guard let preprocessing, input.channels == 3 else {
      throw NetworkError(
        .wrongInput, "The network has no preprocessing on record, so photos cannot be given to it.")
    }
    let count = try imageCount(bytes.count)
    bytes.withUnsafeBufferPointer {
      if let base = $0.baseAddress { input.fill(base, count: count, preprocessing) }
    }
    try runSteps(count)
  }

  /// The shape of a kept layer's result for one image, or nil when it was not kept.
  public func shape(of layer: String) -> ActivationShape? { results[layer]?.shape }

  /// The result of a kept layer in the last run, or nil when it was not kept: that of each image in turn, an image as
  /// height × width × channel, anything else in row-major order.
  public func result(of layer: String) -> [Float]? { result(layer, count: lastCount) }

  private var lastCount = 0

  private func imageCount(_ values: Int) throws(NetworkError) -> Int {
    let size = inputShape.count
    guard values > 0, values.isMultiple(of: size), values / size <= options.batch else {
      throw NetworkError(
        .wrongInput,
        "The plan takes 1 to \(options.batch) images of \(inputShape), \(size) values each, not \(values) values."
      )
    }
    return values / size
  }

  private func runSteps(_ count: Int) throws(NetworkError) {
    assert(count > 0 && count <= options.batch, "the slots have room for a batch")
    lastCount = count
    let place = PlanMemory(
      input: UnsafePointer(input.memory.floats()), activations: memory.floats(),
      activationCount: memory.count / MemoryLayout<Float>.stride, scratch: scratch.base,
      kernels: kernels, threads: options.threads,
      count: count)
    for step in steps { try step.run(place) }
  }

  /// Seconds that each step took in one run of the images that are in place, for benchmarks.
  public func profile() throws(NetworkError) -> [Double] {
    let place = PlanMemory(
      input: UnsafePointer(input.memory.floats()), activations: memory.floats(),
      activationCount: memory.count / MemoryLayout<Float>.stride, scratch: scratch.base,
      kernels: kernels, threads: options.threads,
      count: max(lastCount, 1))
    var times: [Double] = []
    for step in steps {
      let start = ContinuousClock.now
      try step.run(place)
      let time = ContinuousClock.now - start
      times.append(Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds))
    }
    return times
  }

  private func result(_ name: String, count: Int) -> [Float]? {
    guard let (slot, shape, isRowMajor) = results[name] else { return nil }
    let source = memory.floats() + slot.offset
    return [Float](unsafeUninitializedCapacity: shape.count * count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      switch shape {
      case .vector, .tensor:
        let length = shape.count
        assert(length <= slot.stride)
        for image in 0..<count {
          (base + image * length).initialize(from: source + image * slot.stride, count: length)
        }
      case .image(let height, let width, let channels) where isRowMajor:
        for image in 0..<count {
          let (from, to) = (source + image * slot.stride, base + image * shape.count)
          for pixel in 0..<height * width {
            for channel in 0..<channels {
              to[pixel * channels + channel] = from[channel * height * width + pixel]
            }
          }
        }
      case .image(let height, let width, let channels):
        let shape = fg_shape(
          count: Int32(count), channels: Int32(channels), height: Int32(height), width: Int32(width))
        kernels.pointee.unblock(shape, source, base, height * width * channels, Int32(options.threads))
      }
      filled = shape.count * count
    }
  }
}
