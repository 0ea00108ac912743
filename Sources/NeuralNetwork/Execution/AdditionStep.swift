internal import CNeuralKernels

/// A sum of two activations, each continued with zeros to the larger extents.
struct AdditionStep: PlanStep {
  let first: Slot
  let second: Slot
  let destination: Slot
  let relu: Bool
  var kernel: String { "sum" }

  func run(_ memory: PlanMemory) {
    memory.kernels.pointee.add(
      memory.shape(first), memory.floats(first), memory.shape(second), memory.floats(second),
      memory.shape(destination), memory.floats(destination), relu, Int32(memory.threads))
  }
}
