/// A two-dimensional convolution (cross-correlation, as Keras and dlib compute it).
public struct Convolution: Sendable, Hashable {
  /// Height × width × input channels × output channels.
  public var kernel: Tensor
  /// One value an output channel.
  public var bias: [Float]
  /// The window; its extents are those of the kernel.
  public var window: SlidingWindow

  /// Makes a convolution; without `bias` it is zero.
  public init(
    kernel: Tensor, bias: [Float]? = nil, strideY: Int = 1, strideX: Int = 1, padding: Padding = .same
  ) {
    precondition(kernel.shape.count == 4, "a convolution's kernel has four axes")
    self.kernel = kernel
    self.bias = bias ?? [Float](repeating: 0, count: kernel.shape[3])
    self.window = SlidingWindow(
      height: kernel.shape[0], width: kernel.shape[1], strideY: strideY, strideX: strideX, padding: padding)
  }

  /// Channels that the kernel takes.
  public var inputChannels: Int { kernel.shape[2] }
  /// Channels that the kernel gives.
  public var outputChannels: Int { kernel.shape[3] }

  /// The same convolution followed by x · scale + shift a channel.
  func scaled(by scale: [Float], plus shift: [Float]) -> Convolution {
    var result = self
    let outputs = outputChannels
    var values = kernel.values
    for index in values.indices { values[index] *= scale[index % outputs] }
    result.kernel = Tensor(shape: kernel.shape, values: values)
    result.bias = (0..<outputs).map { bias[$0] * scale[$0] + shift[$0] }
    return result
  }
}
