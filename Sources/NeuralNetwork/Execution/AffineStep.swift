internal import CNeuralKernels

/// x · scale + shift a channel, where it could not be folded.
struct AffineStep: PlanStep {
  private let scale: AlignedMemory
  private let shift: AlignedMemory
  private let source: Slot
  private let destination: Slot
  private let end: StepEnd
  var kernel: String { "scale and shift" }

  init(
    scale: [Float], shift: [Float], source: Slot, destination: Slot, end: StepEnd
  ) throws(NetworkError) {
    let bytes = (scale.count + Slot.vectorUnit) * 4
    self.scale = try AlignedMemory(byteCount: bytes)
    self.shift = try AlignedMemory(byteCount: bytes)
    for index in scale.indices {
      self.scale.floats()[index] = scale[index]
      self.shift.floats()[index] = shift[index]
    }
    self.source = source
    self.destination = destination
    self.end = end
  }

  func run(_ memory: PlanMemory) {
    var end = end.call
    memory.kernels.pointee.affine(
      memory.shape(source), memory.floats(source), scale.floats(), shift.floats(), memory.floats(destination),
      &end, Int32(memory.threads))
  }
}
