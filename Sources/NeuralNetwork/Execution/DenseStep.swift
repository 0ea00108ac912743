internal import CNeuralKernels

/// A dense layer over packed panels of weights, read once a run at the memory's speed.
struct DenseStep: PlanStep {
  private let weights: AlignedMemory
  private let bias: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let half: Bool
  private let end: StepEnd
  private let call: fg_dense
  let kernel: String

  init(
    _ layer: Dense, source: Slot, destination: Slot, end: StepEnd, half: Bool,
    kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    let panel = Int(kernels.pointee.densePanel)
    let panels = (layer.outputs + panel - 1) / panel
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    weights = try AlignedMemory(byteCount: panels * panel * inputs * (half ? 2 : 4))
    bias = try AlignedMemory(byteCount: panels * panel * 4)
    assert(layer.kernel.values.count == inputs * outputs && layer.bias.count <= panels * panel)
    assert(source.stride >= inputs && destination.stride >= outputs)
    let (floats, halves) = (weights.floats(), weights.base.assumingMemoryBound(to: UInt16.self))
    layer.kernel.values.withUnsafeBufferPointer { kernel in
      for part in 0..<panels {
        let first = part * panel
        for input in 0..<inputs {
          for output in first..<min(first + panel, outputs) {
            let place = (part * inputs + input) * panel + output - first
            let value = kernel[input * outputs + output]
            if half { halves[place] = fg_bfloat16(value) } else { floats[place] = value }
          }
        }
      }
    }
    for (index, value) in layer.bias.enumerated() { bias.floats()[index] = value }
    self.source = source
    self.destination = destination
    self.half = half
    self.end = end
    call = fg_dense(
      count: 0, inputs: Int32(inputs), outputs: Int32(outputs), sourceStride: Int32(source.stride),
      destinationStride: Int32(destination.stride), end: end.call)
    kernel = "dense " + (half ? "bfloat16 weights " : "") + String(cString: kernels.pointee.name)
  }

  func run(_ memory: PlanMemory) {
    var call = call
    call.count = Int32(memory.count)
    let (from, to) = (memory.floats(source), memory.floats(destination))
    if half {
      memory.kernels.pointee.denseHalf(
        &call, from, weights.base.assumingMemoryBound(to: UInt16.self), bias.floats(), to,
        Int32(memory.threads))
    } else {
      memory.kernels.pointee.dense(&call, from, weights.floats(), bias.floats(), to, Int32(memory.threads))
    }
  }
}
