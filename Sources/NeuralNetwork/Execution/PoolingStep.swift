internal import CNeuralKernels

/// A maximum or an average over windows.
struct PoolingStep: PlanStep {
  let source: Slot
  let destination: Slot
  private let call: fg_pool
  let kernel: String

  init(_ layer: Pooling, places: SlidingWindow.Places, source: Slot, destination: Slot) {
    self.source = source
    self.destination = destination
    call = fg_pool(
      kernelHeight: Int32(layer.window.height), kernelWidth: Int32(layer.window.width),
      strideY: Int32(layer.window.strideY), strideX: Int32(layer.window.strideX),
      paddingTop: Int32(places.top), paddingLeft: Int32(places.left), average: layer.kind == .average)
    kernel = layer.kind == .average ? "average" : "maximum"
  }

  func run(_ memory: PlanMemory) {
    var call = call
    memory.kernels.pointee.pool(
      &call, memory.shape(source), memory.floats(source), memory.shape(destination),
      memory.floats(destination), Int32(memory.threads))
  }
}
