internal import CNeuralKernels

/// Moves values between layouts: an image to a vector, or into the middle of a larger one.
struct ReshapeStep: PlanStep {
  enum Operation {
    /// Height, width, channel in a row.
    case flatten
    /// Channel, height, width in a row: also an image from blocks to row-major memory.
    case planes
    /// Row-major memory to an image in blocks.
    case blocks
    /// Height, width and some of the channels in a row.
    case rows(first: Int, count: Int)
    /// The mean of each channel.
    case mean
    /// Zeros around.
    case pad(top: Int, left: Int)
  }

  let operation: Operation
  let source: Slot
  let destination: Slot

  var kernel: String {
    switch operation {
    case .flatten, .planes, .blocks, .rows: "reorder"
    case .mean: "mean"
    case .pad: "copy"
    }
  }

  func run(_ memory: PlanMemory) {
    let kernels = memory.kernels.pointee
    let (from, to) = (memory.floats(source), memory.floats(destination))
    let threads = Int32(memory.threads)
    switch operation {
    case .flatten:
      kernels.unblock(memory.shape(source), from, to, destination.stride, threads)
    case .planes:
      kernels.toPlanes(memory.shape(source), from, to, destination.stride, threads)
    case .rows(let first, let count):
      kernels.rows(
        memory.shape(source), from, Int32(first), Int32(count), to, destination.stride, threads)
    case .blocks:
      kernels.fromPlanes(memory.shape(destination), from, source.stride, to, threads)
    case .mean:
      kernels.mean(memory.shape(source), from, to, Int32(destination.stride), threads)
    case .pad(let top, let left):
      let shape = memory.shape(destination)
      let block = Int(kernels.block)
      let size = (destination.channels + block - 1) / block * block * destination.height * destination.width
      to.update(repeating: 0, count: size * memory.count)
      kernels.pad(memory.shape(source), from, shape, Int32(top), Int32(left), to, threads)
    }
  }
}

/// Brings pixels into the blocked layout.
struct BlockingStep: PlanStep {
  let destination: Slot
  var kernel: String { "reorder" }

  func run(_ memory: PlanMemory) {
    memory.kernels.pointee.block_(
      memory.shape(destination), memory.input, memory.floats(destination), Int32(memory.threads))
  }
}

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
