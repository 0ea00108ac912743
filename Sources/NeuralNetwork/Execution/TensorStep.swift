/// An operation on row-major memory, image by image.
struct TensorStep: PlanStep {
  private let prepared: PreparedOperation
  private let constants: [AlignedMemory?]
  /// One an operand; nil for constants and what is absent.
  private let sources: [Slot?]
  private let destination: Slot
  let kernel: String

  init(
    _ operation: TensorOperation, name: String, shapes: [ActivationShape], sources: [Slot], destination: Slot
  ) throws(NetworkError) {
    var inputs = zip(shapes, sources).makeIterator()
    var values: [TensorValue?] = []
    var slots: [Slot?] = []
    var constants: [AlignedMemory?] = []
    for operand in operation.operands {
      var (slot, memory): (Slot?, AlignedMemory?) = (nil, nil)
      if operand == .result, let (shape, source) = inputs.next() {
        values.append(TensorValue(shape.extents))
        slot = source
      } else {
        values.append(operand.value)
        if let numbers = operand.value?.reals {
          let copy = try AlignedMemory(byteCount: numbers.count * 4)
          for (index, value) in numbers.enumerated() { copy.floats()[index] = value }
          memory = copy
        }
      }
      slots.append(slot)
      constants.append(memory)
    }
    prepared = try operation.prepare(values, name: name)
    assert(prepared.extents.reduce(1, *) <= destination.stride, "the result has room")
    self.constants = constants
    self.sources = slots
    self.destination = destination
    kernel = "plain " + operation.kind.rawValue
  }

  func run(_ memory: PlanMemory) {
    for image in 0..<memory.count {
      let inputs = zip(sources, constants).map { slot, constant in
        slot.map { UnsafePointer(memory.floats($0) + image * $0.stride) }
          ?? constant.map { UnsafePointer($0.floats()) }
      }
      prepared.run(inputs, memory.floats(destination) + image * destination.stride)
    }
  }
}
