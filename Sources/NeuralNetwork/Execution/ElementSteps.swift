internal import CNeuralKernels

/// x · scale + shift a channel, where it could not be folded.
struct AffineStep: PlanStep {
  private let scale: AlignedMemory
  private let shift: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let end: StepEnd
  var kernel: String { "scale and shift" }

  init(
    scale: [Float], shift: [Float], source: Slot, destination: Slot, end: StepEnd
  ) throws(NetworkError) {
    assert(scale.count == shift.count)
    let bytes = (scale.count + Slot.vectorUnit) * 4
    self.scale = try AlignedMemory(byteCount: bytes)
    self.shift = try AlignedMemory(byteCount: bytes)
    for index in scale.indices {
      self.scale.floats()[index] = scale[index]
      self.shift.floats()[index] = shift[index]
    }
    self.source = source
    self.destination = destination
    self.end = end
  }

  func run(_ memory: PlanMemory) {
    var end = end.call
    memory.kernels.pointee.affine(
      memory.shape(source), memory.floats(source), scale.floats(), shift.floats(), memory.floats(destination),
      &end, Int32(memory.threads))
  }
}

/// A function of every value, in the memory's own order.
struct ActivationStep: PlanStep {
  let activation: Activation
  let source: Slot
  let destination: Slot
  var kernel: String { activation.kind }

  func run(_ memory: PlanMemory) {
    assert(source.stride >= destination.stride)
    for image in 0..<memory.count {
      let from = memory.floats(source) + image * source.stride
      let to = memory.floats(destination) + image * destination.stride
      to.update(from: from, count: destination.stride)
      activation.apply(to: UnsafeMutableBufferPointer(start: to, count: destination.stride))
    }
  }
}

/// A sum of two activations, each continued with zeros to the larger extents.
struct AdditionStep: PlanStep {
  let first: Slot
  let second: Slot
  let destination: Slot
  let end: StepEnd
  var kernel: String { "sum" }

  func run(_ memory: PlanMemory) {
    var end = end.call
    memory.kernels.pointee.add(
      memory.shape(first), memory.floats(first), memory.shape(second), memory.floats(second),
      memory.shape(destination), memory.floats(destination), &end, Int32(memory.threads))
  }
}

/// A maximum or an average over windows.
struct PoolingStep: PlanStep {
  let source: Slot
  let destination: Slot
  private let call: fg_pool
  let kernel: String

  init(_ layer: Pooling, places: SlidingWindow.Places, source: Slot, destination: Slot) {
    self.source = source
    self.destination = destination
    var (bottom, right) = (places.bottom, places.right)
    if case .completed(_, _, let stated, let beside) = layer.window.padding {
      (bottom, right) = (stated, beside)
    }
    call = fg_pool(
      kernelHeight: Int32(layer.window.height), kernelWidth: Int32(layer.window.width),
      strideY: Int32(layer.window.strideY), strideX: Int32(layer.window.strideX),
      paddingTop: Int32(places.top), paddingLeft: Int32(places.left), average: layer.kind != .maximum,
      padded: layer.kind == .paddedAverage, paddingBottom: Int32(bottom), paddingRight: Int32(right))
    kernel = layer.kind == .maximum ? "maximum" : "average"
  }

  func run(_ memory: PlanMemory) {
    var call = call
    memory.kernels.pointee.pool(
      &call, memory.shape(source), memory.floats(source), memory.shape(destination),
      memory.floats(destination), Int32(memory.threads))
  }
}
