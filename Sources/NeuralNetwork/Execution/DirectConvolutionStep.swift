internal import CNeuralKernels

/// A convolution of any window and stride by our direct kernel; the source is copied into a rim of zeros if need be.
struct DirectConvolutionStep: PlanStep {
  private let weights: AlignedMemory
  private let bias: AlignedMemory
  private let source: Source
  private let destination: Slot
  private let residual: Slot?
  private let end: StepEnd
  private let window: SlidingWindow
  let kernel: String

  enum Source {
    /// A blocked activation without padding.
    case blocked(Slot)
    /// A blocked activation, and where among the activations, in floats, it gets the rim that its padding needs.
    case padded(Slot, rim: Int, top: Int, left: Int, height: Int, width: Int)
    /// The images, with their rim in place.
    case pixels(height: Int, width: Int, channels: Int)
  }

  init(
    _ layer: Convolution, source: Source, destination: Slot, residual: Slot?, end: StepEnd,
    kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    let block = Int(kernels.pointee.block)
    let inner: Int
    if case .pixels(_, _, let channels) = source { inner = channels } else { inner = block }
    let sources = (layer.inputChannels + inner - 1) / inner
    let outputs = (layer.outputChannels + block - 1) / block
    let taps = layer.window.height * layer.window.width
    weights = try AlignedMemory(byteCount: sources * outputs * taps * inner * block * 4)
    bias = try AlignedMemory(byteCount: outputs * block * 4)
    let (inputs, results, values) = (layer.inputChannels, layer.outputChannels, layer.kernel.values)
    assert(values.count == taps * inputs * results)
    assert(layer.bias.count <= outputs * block)
    let packed = weights.floats()
    values.withUnsafeBufferPointer { values in
      guard let kernel = values.baseAddress else { return }
      for tap in 0..<taps {
        for input in 0..<inputs {
          let row = kernel + (tap * inputs + input) * results
          for part in 0..<outputs {
            let panel = (part * sources + input / inner) * taps + tap
            (packed + (panel * inner + input % inner) * block)
              .update(from: row + part * block, count: min(block, results - part * block))
          }
        }
      }
    }
    for (index, value) in layer.bias.enumerated() { bias.floats()[index] = value }
    self.source = source
    self.destination = destination
    self.residual = residual
    self.end = end
    window = layer.window
    kernel = "direct " + String(cString: kernels.pointee.floatName)
  }

  func run(_ memory: PlanMemory) {
    let block = memory.kernels.pointee.block
    let threads = Int32(memory.threads)
    let from: UnsafePointer<Float>
    var call = fg_direct()
    switch source {
    case .blocked(let slot):
      from = UnsafePointer(memory.floats(slot))
      call.sourceHeight = Int32(slot.height)
      call.sourceWidth = Int32(slot.width)
      call.sourceBlocks = (Int32(slot.channels) + block - 1) / block
      call.sourceBlock = block
    case .padded(let slot, let rim, let top, let left, let height, let width):
      var shape = memory.shape(slot)
      let inner = shape
      shape.height = Int32(height)
      shape.width = Int32(width)
      assert(
        rim >= 0 && top + slot.height <= height && left + slot.width <= width, "the rim is around the image")
      let padded = memory.activations + rim
      memory.kernels.pointee.pad(
        inner, memory.floats(slot), shape, Int32(top), Int32(left), padded, threads)
      from = UnsafePointer(padded)
      call.sourceHeight = Int32(height)
      call.sourceWidth = Int32(width)
      call.sourceBlocks = (Int32(slot.channels) + block - 1) / block
      call.sourceBlock = block
    case .pixels(let height, let width, let channels):
      from = memory.input
      call.sourceHeight = Int32(height)
      call.sourceWidth = Int32(width)
      call.sourceBlocks = 1
      call.sourceBlock = Int32(channels)
    }
    call.count = Int32(memory.count)
    call.outputBlocks = (Int32(destination.channels) + block - 1) / block
    call.outputHeight = Int32(destination.height)
    call.outputWidth = Int32(destination.width)
    call.kernelHeight = Int32(window.height)
    call.kernelWidth = Int32(window.width)
    call.strideY = Int32(window.strideY)
    call.strideX = Int32(window.strideX)
    call.end = end.call
    memory.kernels.pointee.direct(
      &call, from, weights.floats(), bias.floats(), residual.map { UnsafePointer(memory.floats($0)) },
      memory.floats(destination), threads)
  }
}
