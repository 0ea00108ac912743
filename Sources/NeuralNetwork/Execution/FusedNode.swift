/// A step of execution: an operation with what was folded into it.
struct FusedNode {
  enum Operation {
    case convolution(Convolution)
    case dense(Dense)
    case affine(scale: [Float], shift: [Float])
    case pooling(Pooling)
    case globalAverage
    case addition
    case activation(Activation)
    case flatten
    case flattenChannelsFirst
    case zeroPadding(top: Int, left: Int)
    case tensor(TensorOperation)
    /// The nearest neighbours of each place of a larger or smaller image.
    case selection(rows: [Int32], columns: [Int32])
    /// Some channels of an image as rows: height × width × channel.
    case rows(first: Int, count: Int)
    /// An image in blocks to row-major memory, or back.
    case layout
  }

  /// What a step does to its sums last.
  enum Ending: Hashable {
    case asItIs
    case relu
    case prelu([Float])
    case clip(Float, Float)
  }

  /// The layer whose result this step gives.
  var name: String
  /// All the layers that it computes, in order.
  var layers: [String]
  var operation: Operation
  /// Indices of the steps that it takes; nil is the network's input.
  var inputs: [Int?]
  var shape: ActivationShape
  /// Whether the result is in row-major order as ONNX counts the axes, rather than in blocks of channels; a vector is
  /// the same in both.
  var isRowMajor = false
  /// What the result goes through last.
  var end = Ending.asItIs
  /// The step whose result is added before the end.
  var residual: Int?

  /// The steps that are read.
  var sources: [Int] { (inputs + [residual]).compactMap { $0 } }
}

extension FusedNode {
  /// Floating-point operations for one image; a multiplication and an addition count as two.
  func operations(inputs: [ActivationShape]) -> Double {
    let results = Double(shape.count)
    switch operation {
    case .convolution(let layer):
      return 2 * results * Double(layer.window.height * layer.window.width * layer.groupChannels)
    case .dense(let layer): return 2 * results * Double(layer.inputs)
    case .affine: return 2 * results
    case .pooling(let layer): return results * Double(layer.window.height * layer.window.width)
    case .addition: return results
    case .globalAverage: return Double(inputs.first?.count ?? 0)
    case .activation: return results
    case .tensor(let operation):
      return operation.kind == .product ? 2 * results * Double(inputs.first?.extents.last ?? 0) : results
    case .flatten, .flattenChannelsFirst, .zeroPadding, .layout, .selection, .rows: return 0
    }
  }
}
