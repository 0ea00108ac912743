internal import CNeuralKernels

/// A 3×3 convolution of stride one by F(4×4, 3×3) or F(2×2, 3×3).
struct WinogradConvolutionStep: PlanStep {
  private let weights: AlignedMemory
  private let bias: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let residual: Slot?
  private let half: Bool
  private let end: StepEnd
  private let family: fg_winograd_kernels
  private let call: fg_winograd
  let kernel: String
  let scratch: Int

  init(
    _ layer: Convolution, source: Slot, destination: Slot, residual: Slot?, padding: (top: Int, left: Int),
    end: StepEnd, half: Bool, tile: Int, batch: Int, threads: Int, kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    let block = Int(kernels.pointee.block)
    let sources = (layer.inputChannels + block - 1) / block
    let outputs = (layer.outputChannels + block - 1) / block
    assert(tile == 2 || tile == 4, "there are kernels for tiles of 2 and of 4")
    assert(layer.kernelCount == 9 * layer.inputChannels * layer.outputChannels)
    let elements = (tile + 2) * (tile + 2) * sources * outputs * block * block
    let isNative = kernels.pointee.bfloat16
    weights = try AlignedMemory(byteCount: elements * (half && isNative ? 2 : 4))
    bias = try AlignedMemory(byteCount: outputs * block * 4)
    family = tile == 4 ? kernels.pointee.winograd4 : kernels.pointee.winograd2
    family.weights(
      layer.kernel.values, Int32(layer.inputChannels), Int32(layer.outputChannels), half, weights.base)
    for (index, value) in layer.bias.enumerated() { bias.floats()[index] = value }
    var call = fg_winograd(
      count: Int32(batch), sourceBlocks: Int32(sources), outputBlocks: Int32(outputs),
      sourceHeight: Int32(source.height), sourceWidth: Int32(source.width),
      outputHeight: Int32(destination.height), outputWidth: Int32(destination.width),
      paddingTop: Int32(padding.top), paddingLeft: Int32(padding.left), end: end.call)
    scratch = family.scratch(&call, half, Int32(threads))
    self.call = call
    self.source = source
    self.destination = destination
    self.residual = residual
    self.half = half
    self.end = end
    kernel =
      "winograd \(tile)×\(tile) " + (half ? isNative ? "bfloat16 " : "rounded to bfloat16 " : "")
      + String(cString: half && isNative ? kernels.pointee.pairName : kernels.pointee.floatName)
  }

  func run(_ memory: PlanMemory) {
    var call = call
    call.count = Int32(memory.count)
    family.run(
      &call, half, memory.floats(source), weights.base, bias.floats(),
      residual.map { UnsafePointer(memory.floats($0)) },
      memory.floats(destination), memory.scratch, Int32(memory.threads))
  }
}
