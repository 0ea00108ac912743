internal import CNeuralKernels

/// A convolution of each channel by itself.
struct DepthwiseConvolutionStep: PlanStep {
  private let weights: AlignedMemory
  private let bias: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let residual: Slot?
  private let end: StepEnd
  private let call: fg_depthwise
  let kernel: String

  init(
    _ layer: Convolution, source: Slot, destination: Slot, residual: Slot?, padding: (top: Int, left: Int),
    end: StepEnd, kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    let block = Int(kernels.pointee.block)
    let blocks = (layer.outputChannels + block - 1) / block
    let taps = layer.window.height * layer.window.width
    weights = try AlignedMemory(byteCount: blocks * taps * block * 4)
    bias = try AlignedMemory(byteCount: blocks * block * 4)
    let (channels, values) = (layer.outputChannels, layer.kernel.values)
    assert(values.count == taps * channels, "a filter a channel")
    assert(layer.bias.count <= blocks * block)
    let packed = weights.floats()
    values.withUnsafeBufferPointer { kernel in
      for tap in 0..<taps {
        for channel in 0..<channels {
          packed[(channel / block * taps + tap) * block + channel % block] =
            kernel[tap * channels + channel]
        }
      }
    }
    for (index, value) in layer.bias.enumerated() { bias.floats()[index] = value }
    call = fg_depthwise(
      count: 0, blocks: Int32(blocks), sourceHeight: Int32(source.height), sourceWidth: Int32(source.width),
      outputHeight: Int32(destination.height), outputWidth: Int32(destination.width),
      kernelHeight: Int32(layer.window.height), kernelWidth: Int32(layer.window.width),
      strideY: Int32(layer.window.strideY), strideX: Int32(layer.window.strideX),
      paddingTop: Int32(padding.top), paddingLeft: Int32(padding.left), end: end.call)
    self.source = source
    self.destination = destination
    self.residual = residual
    self.end = end
    kernel = "depthwise " + String(cString: kernels.pointee.floatName)
  }

  func run(_ memory: PlanMemory) {
    var call = call
    call.count = Int32(memory.count)
    memory.kernels.pointee.depthwise(
      &call, memory.floats(source), weights.floats(), bias.floats(),
      residual.map { UnsafePointer(memory.floats($0)) }, memory.floats(destination), Int32(memory.threads))
  }
}
