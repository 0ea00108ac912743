internal import CNeuralKernels

/// A function of every value, in the memory's own order.
struct ActivationStep: PlanStep {
  let activation: Activation
  let source: Slot
  let destination: Slot
  var kernel: String { activation.kind }

  func run(_ memory: PlanMemory) {
    for image in 0..<memory.count {
      let from = memory.floats(source) + image * source.stride
      let to = memory.floats(destination) + image * destination.stride
      to.update(from: from, count: destination.stride)
      activation.apply(to: UnsafeMutableBufferPointer(start: to, count: destination.stride))
    }
  }
}
