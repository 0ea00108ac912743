internal import CNeuralKernels

/// What a kernel does to its sums last, with the numbers that it needs.
struct StepEnd {
  /// Slopes, which `call` points to.
  private let slopes: AlignedMemory?
  private let kind: fg_end_kind
  private let low: Float
  private let high: Float

  init(_ ending: FusedNode.Ending) throws(NetworkError) {
    var (low, high) = (Float(0), Float(0))
    var memory: AlignedMemory?
    switch ending {
    case .asItIs: kind = FG_AS_IT_IS
    case .relu: kind = FG_RELU
    case .clip(let least, let most):
      kind = FG_CLIP
      (low, high) = (least, most)
    case .prelu(let values):
      kind = FG_PRELU
      let numbers = try AlignedMemory(byteCount: (values.count + Slot.vectorUnit) * 4)
      for (index, value) in values.enumerated() { numbers.floats()[index] = value }
      memory = numbers
    }
    (self.low, self.high) = (low, high)
    slopes = memory
  }

  /// The kernel's argument; valid as long as this value lives.
  var call: fg_end {
    fg_end(kind: kind, low: low, high: high, slopes: slopes.map { UnsafePointer($0.floats()) })
  }
}
