/// A step of execution: an operation with what was folded into it.
struct FusedNode {
  enum Operation {
    case convolution(Convolution)
    case dense(Dense)
    case affine(scale: [Float], shift: [Float])
    case pooling(Pooling)
    case globalAverage
    case addition
    case flatten
    case zeroPadding(top: Int, left: Int)
  }

  /// The layer whose result this step gives.
  var name: String
  /// All the layers that it computes, in order.
  var layers: [String]
  var operation: Operation
  /// Indices of the steps that it takes; nil is the network's input.
  var inputs: [Int?]
  var shape: ActivationShape
  /// Whether the result goes through max(x, 0).
  var relu = false
  /// The step whose result is added before ReLU.
  var residual: Int?

  /// The steps that are read.
  var sources: [Int] { (inputs + [residual]).compactMap { $0 } }
}
