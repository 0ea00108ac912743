internal import CNeuralKernels

/// Where the runtime's memory is, for one run.
struct PlanMemory {
  /// The images, with their rim.
  let input: UnsafePointer<Float>
  let activations: UnsafeMutablePointer<Float>
  /// Floats from there.
  let activationCount: Int
  let scratch: UnsafeMutableRawPointer
  let kernels: UnsafePointer<fg_kernels>
  let threads: Int
  /// Images of this run.
  let count: Int

  func shape(_ slot: Slot) -> fg_shape {
    fg_shape(
      count: Int32(count), channels: Int32(slot.channels), height: Int32(slot.height),
      width: Int32(slot.width))
  }

  /// Where the images of a slot lie.
  func floats(_ slot: Slot) -> UnsafeMutablePointer<Float> {
    assert(slot.offset >= 0 && slot.offset + count * slot.stride <= activationCount)
    return activations + slot.offset
  }
}

/// An activation's place: blocked by channels; a vector is an image of one pixel.
struct Slot {
  /// In floats from the beginning.
  var offset: Int
  var channels: Int
  var height: Int
  var width: Int
  /// Floats an image.
  var stride: Int

  /// What the length of a vector is rounded up to: whole panels of the dense kernels, whole cache lines.
  static let vectorUnit = 64

  /// A place for a shape, at no offset yet; in row-major order, images begin on a cache line.
  init(_ shape: ActivationShape, block: Int, isRowMajor: Bool = false) {
    offset = 0
    switch shape {
    case .image(let height, let width, let channels) where !isRowMajor:
      self.channels = channels
      self.height = height
      self.width = width
      stride = (channels + block - 1) / block * block * height * width
    case .vector, .image, .tensor:
      let count = shape.count
      stride = (count + Slot.vectorUnit - 1) / Slot.vectorUnit * Slot.vectorUnit
      channels = stride
      height = 1
      width = 1
    }
  }
}

/// One step of a plan, ready to run.
protocol PlanStep {
  /// The kernel's name for people.
  var kernel: String { get }
  /// Bytes of scratch memory that a run needs.
  var scratch: Int { get }
  /// Whether a run changes nothing but the memory that it is given, so that plans may share the step.
  var isShareable: Bool { get }
  /// Computes the step.
  func run(_ memory: PlanMemory) throws(NetworkError)
}

extension PlanStep {
  var scratch: Int { 0 }
  var isShareable: Bool { true }
}

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
