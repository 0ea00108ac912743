/// One operation of a network, with its weights.
public enum Layer: Sendable, Hashable {
  /// A two-dimensional convolution.
  case convolution(Convolution)
  /// A fully connected layer.
  case dense(Dense)
  /// A batch normalisation at inference: a scale and a shift a channel.
  case batchNormalization(BatchNormalization)
  /// max(x, 0).
  case relu
  /// A function of every value.
  case activation(Activation)
  /// A maximum or an average over windows.
  case pooling(Pooling)
  /// The mean of each channel over the whole image.
  case globalAverage
  /// The sum of two activations.
  case addition(Addition)
  /// An image as a vector in the order height, width, channel.
  case flatten
  /// An image as a vector in the order channel, height, width, as ONNX has it.
  case flattenChannelsFirst
  /// Zeros around an image.
  case zeroPadding(top: Int, left: Int, bottom: Int, right: Int)
  /// A layer that does nothing at inference, such as dropout.
  case identity
  /// An operation on arrays of any number of axes.
  case tensor(TensorOperation)

  /// The name of the operation in messages.
  public var kind: String {
    switch self {
    case .convolution: "convolution"
    case .dense: "dense"
    case .batchNormalization: "batch normalisation"
    case .relu: "ReLU"
    case .activation(let activation): activation.kind
    case .pooling(let pooling): pooling.kind == .maximum ? "max pooling" : "average pooling"
    case .globalAverage: "global average pooling"
    case .addition: "addition"
    case .flatten: "flatten"
    case .flattenChannelsFirst: "flatten, channels first"
    case .zeroPadding: "zero padding"
    case .identity: "identity"
    case .tensor(let operation): operation.kind.rawValue
    }
  }

  /// The number of activations that the layer takes.
  var arity: Int {
    switch self {
    case .addition: 2
    case .tensor(let operation): operation.operands.count { $0 == .result }
    default: 1
    }
  }
}
