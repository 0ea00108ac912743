internal import CNeuralKernels

/// The nearest neighbours of each place, in blocks.
struct SelectionStep: PlanStep {
  let rows: [Int32]
  let columns: [Int32]
  let source: Slot
  let destination: Slot
  var kernel: String { "copy" }

  func run(_ memory: PlanMemory) {
    memory.kernels.pointee.select(
      memory.shape(source), memory.floats(source), memory.shape(destination), rows, columns,
      memory.floats(destination), Int32(memory.threads))
  }
}
