internal import CNeuralKernels

/// A dense layer over packed panels of weights, read once a run at the memory's speed.
struct DenseStep: PlanStep {
  private enum Weights {
    case floats(AlignedMemory)
    /// bfloat16.
    case halves(AlignedMemory)
    /// Bytes, the scales and the offsets of their blocks, and what the inputs are multiplied with first.
    case bytes(AlignedMemory, scales: AlignedMemory, offsets: AlignedMemory, block: Int, factors: [Float])
  }

  private let weights: Weights
  private let bias: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let end: StepEnd
  private let call: fg_dense
  let kernel: String
  let scratch: Int

  init(
    _ layer: Dense, source: Slot, destination: Slot, end: StepEnd, options: PlanOptions,
    kernels: UnsafePointer<fg_kernels>
  ) throws(NetworkError) {
    let panels = Panels(layer, width: Int(kernels.pointee.densePanel))
    let (inputs, outputs) = (layer.inputs, layer.outputs)
    assert(layer.bias.count <= panels.outputs)
    assert(source.stride >= inputs && destination.stride >= outputs)
    bias = try AlignedMemory(byteCount: panels.outputs * 4)
    for (index, value) in layer.bias.enumerated() { bias.floats()[index] = value }
    let name: String
    if options.convolutions == .automatic, let kernel = layer.quantized {
      weights = try panels.bytes(kernel)
      scratch = options.batch * source.stride * 4
      name = "8-bit weights "
    } else {
      let half = options.precision == .bfloat16
      weights = try panels.numbers(layer.kernel.values, half: half)
      scratch = 0
      name = half ? "bfloat16 weights " : ""
    }
    self.source = source
    self.destination = destination
    self.end = end
    call = fg_dense(
      count: 0, inputs: Int32(inputs), outputs: Int32(outputs), sourceStride: Int32(source.stride),
      destinationStride: Int32(destination.stride), end: end.call)
    kernel = "dense " + name + String(cString: kernels.pointee.floatName)
  }

  func run(_ memory: PlanMemory) {
    var call = call
    call.count = Int32(memory.count)
    let (from, to) = (memory.floats(source), memory.floats(destination))
    let threads = Int32(memory.threads)
    switch weights {
    case .floats(let floats):
      memory.kernels.pointee.dense(&call, from, floats.floats(), bias.floats(), to, threads)
    case .halves(let halves):
      memory.kernels.pointee.denseHalf(
        &call, from, halves.base.assumingMemoryBound(to: UInt16.self), bias.floats(), to, threads)
    case .bytes(let bytes, let scales, let offsets, let block, let factors):
      let scaled = memory.scratch.assumingMemoryBound(to: Float.self)
      for image in 0..<memory.count {
        let (row, scaledRow) = (from + image * source.stride, scaled + image * source.stride)
        for input in factors.indices { scaledRow[input] = row[input] * factors[input] }
      }
      var weights = fg_dense_bytes(
        values: bytes.base.assumingMemoryBound(to: Int8.self), scales: scales.floats(),
        offsets: offsets.floats(), block: Int32(block))
      memory.kernels.pointee.denseBytes(&call, scaled, &weights, bias.floats(), to, threads)
    }
  }

  /// Puts a layer's weights in the kernels' order: [panel][input][output of the panel], zero behind the last output.
  private struct Panels {
    let inputs: Int
    let layerOutputs: Int
    /// Outputs a panel.
    let width: Int
    let count: Int

    init(_ layer: Dense, width: Int) {
      inputs = layer.inputs
      layerOutputs = layer.outputs
      self.width = width
      count = (layer.outputs + width - 1) / width
    }

    /// Outputs of all panels.
    var outputs: Int { count * width }

    func numbers(_ kernel: [Float], half: Bool) throws(NetworkError) -> Weights {
      assert(kernel.count == inputs * layerOutputs)
      let memory = try AlignedMemory(byteCount: outputs * inputs * (half ? 2 : 4))
      let (floats, halves) = (memory.floats(), memory.base.assumingMemoryBound(to: UInt16.self))
      kernel.withUnsafeBufferPointer { kernel in
        guard let kernel = kernel.baseAddress else { return }
        forEach(rows: inputs) { place, index, count in
          if half {
            for output in 0..<count { halves[place + output] = fg_bfloat16(kernel[index + output]) }
          } else {
            (floats + place).update(from: kernel + index, count: count)
          }
        }
      }
      return half ? .halves(memory) : .floats(memory)
    }

    func bytes(_ kernel: QuantizedKernel) throws(NetworkError) -> Weights {
      let memory = try AlignedMemory(byteCount: outputs * inputs)
      let values = memory.base.assumingMemoryBound(to: Int8.self)
      kernel.values.withUnsafeBufferPointer { kernel in
        guard let kernel = kernel.baseAddress else { return }
        forEach(rows: inputs) { place, index, count in
          (values + place).update(from: kernel + index, count: count)
        }
      }
      let scales = try AlignedMemory(byteCount: outputs * kernel.blocks * 4)
      let offsets = try AlignedMemory(byteCount: outputs * kernel.blocks * 4)
      forEach(rows: kernel.blocks) { place, index, count in
        for output in 0..<count {
          let (scale, factor) = (
            kernel.scales[index + output], kernel.outputFactors[(index + output) % layerOutputs]
          )
          scales.floats()[place + output] = scale * factor
          offsets.floats()[place + output] = -kernel.zeros[index + output] * scale * factor
        }
      }
      return .bytes(
        memory, scales: scales, offsets: offsets, block: kernel.block, factors: kernel.inputFactors)
    }

    /// Calls with each row of each panel: where it begins, where its numbers begin in rows of all outputs, and how many there are.
    private func forEach(rows: Int, _ body: (_ place: Int, _ index: Int, _ count: Int) -> Void) {
      for part in 0..<count {
        let first = part * width
        for row in 0..<rows {
          body((part * rows + row) * width, row * layerOutputs + first, min(width, layerOutputs - first))
        }
      }
    }
  }
}
