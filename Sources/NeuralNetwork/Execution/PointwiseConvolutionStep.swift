internal import CNeuralKernels

/// A 1×1 convolution of stride one in bfloat16, with float32 sums.
struct PointwiseConvolutionStep: PlanStep {
  private let weights: AlignedMemory
  private let bias: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let residual: Slot?
  private let end: StepEnd
  private let call: fg_pointwise
  let kernel: String
  let scratch: Int

  init(
    _ layer: Convolution, source: Slot, destination: Slot, residual: Slot?, end: StepEnd, batch: Int,
    kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    assert(layer.isPointwise && layer.kernelCount == layer.inputChannels * layer.outputChannels)
    let block = Int(kernels.pointee.block)
    let sources = (layer.inputChannels + block - 1) / block
    let outputs = (layer.outputChannels + block - 1) / block
    let family = kernels.pointee.pointwise
    weights = try AlignedMemory(
      byteCount: family.weightBytes(Int32(layer.inputChannels), Int32(layer.outputChannels)))
    // The kernels give two blocks at a time.
    bias = try AlignedMemory(byteCount: (outputs + 1) / 2 * 2 * block * 4)
    family.weights(
      layer.kernel.values, Int32(layer.inputChannels), Int32(layer.outputChannels), weights.base)
    for (index, value) in layer.bias.enumerated() { bias.floats()[index] = value }
    var call = fg_pointwise(
      count: Int32(batch), sourceBlocks: Int32(sources), outputBlocks: Int32(outputs),
      area: Int32(source.height * source.width), end: end.call)
    scratch = family.scratch(&call)
    self.call = call
    self.source = source
    self.destination = destination
    self.residual = residual
    self.end = end
    kernel =
      "pointwise " + (kernels.pointee.bfloat16 ? "" : "rounded to ") + "bfloat16 "
      + String(cString: kernels.pointee.name)
  }

  func run(_ memory: PlanMemory) {
    var call = call
    call.count = Int32(memory.count)
    memory.kernels.pointee.pointwise.run(
      &call, memory.floats(source), weights.base, bias.floats(),
      residual.map { UnsafePointer(memory.floats($0)) }, memory.floats(destination), memory.scratch,
      Int32(memory.threads))
  }
}
