internal import CNeuralKernels

/// Brings pixels into the blocked layout.
struct BlockingStep: PlanStep {
  let destination: Slot
  var kernel: String { "reorder" }

  func run(_ memory: PlanMemory) {
    memory.kernels.pointee.block_(
      memory.shape(destination), memory.input, memory.floats(destination), Int32(memory.threads))
  }
}
