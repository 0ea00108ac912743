internal import CNeuralKernels

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
