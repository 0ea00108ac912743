/// A two-dimensional convolution (cross-correlation, as Keras and dlib compute it).
public struct Convolution: Sendable, Hashable {
  private enum Weights {
    case floats(Tensor)
    /// The kernel's inputs are input channel of a group × height × width.
    case bytes(QuantizedKernel)
  }

  private var weights: Weights
  /// One value an output channel.
  public var bias: [Float]
  /// The window; its extents are those of the kernel.
  public var window: SlidingWindow
  /// The number of groups into which input and output channels are divided; an output sees its group's inputs only.
  public var groups: Int

  /// Makes a convolution; without `bias` it is zero.
  public init(
    kernel: Tensor, bias: [Float]? = nil, strideY: Int = 1, strideX: Int = 1, padding: Padding = .same,
    groups: Int = 1
  ) {
    precondition(kernel.shape.count == 4, "a convolution's kernel has four axes")
    let window = SlidingWindow(
      height: kernel.shape[0], width: kernel.shape[1], strideY: strideY, strideX: strideX, padding: padding)
    self.init(kernel: kernel, bias: bias, window: window, groups: groups)
  }

  init(kernel: Tensor, bias: [Float]?, window: SlidingWindow, groups: Int) {
    precondition(groups > 0 && kernel.shape[3].isMultiple(of: groups), "groups have as many outputs each")
    assert(kernel.shape[0] == window.height && kernel.shape[1] == window.width)
    weights = .floats(kernel)
    self.groups = groups
    self.bias = bias ?? [Float](repeating: 0, count: kernel.shape[3])
    self.window = window
  }

  /// - Parameter quantized: From input channel of a group × height × width to output channel.
  init(quantized: QuantizedKernel, bias: [Float]?, window: SlidingWindow, groups: Int) {
    assert(groups > 0 && quantized.outputs.isMultiple(of: groups), "groups have as many outputs each")
    assert(quantized.inputs.isMultiple(of: window.height * window.width))
    weights = .bytes(quantized)
    self.groups = groups
    self.bias = bias ?? [Float](repeating: 0, count: quantized.outputs)
    self.window = window
  }

  /// Height × width × input channels of a group × output channels, made anew where the layer is quantised.
  public var kernel: Tensor {
    get {
      switch weights {
      case .floats(let kernel): return kernel
      case .bytes(let kernel):
        let taps = window.height * window.width
        let order = (0..<taps).flatMap { tap in
          stride(from: tap, to: kernel.inputs, by: taps)
        }
        return Tensor(
          shape: [window.height, window.width, groupChannels, outputChannels],
          values: kernel.floats(of: order))
      }
    }
    set { weights = .floats(newValue) }
  }

  /// Input channels of a group.
  var groupChannels: Int {
    switch weights {
    case .floats(let kernel): kernel.shape[2]
    case .bytes(let kernel): kernel.inputs / (window.height * window.width)
    }
  }
  /// Channels that the kernel takes.
  public var inputChannels: Int { groupChannels * groups }
  /// Channels that the kernel gives.
  public var outputChannels: Int {
    switch weights {
    case .floats(let kernel): kernel.shape[3]
    case .bytes(let kernel): kernel.outputs
    }
  }
  /// Numbers of the kernel.
  var kernelCount: Int { window.height * window.width * groupChannels * outputChannels }

  /// Whether two convolutions compute the same, in whichever form their weights were read.
  public static func == (first: Convolution, second: Convolution) -> Bool {
    first.window == second.window && first.groups == second.groups && first.bias == second.bias
      && first.kernel == second.kernel
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(window)
    hasher.combine(groups)
    hasher.combine(bias)
    hasher.combine(kernel)
  }

  /// Whether every channel is taken by itself.
  var isDepthwise: Bool { groupChannels == 1 && groups == outputChannels }
  /// Whether every place is taken by itself.
  var isPointwise: Bool {
    groups == 1 && window.height == 1 && window.width == 1 && window.strideY == 1 && window.strideX == 1
      && (window.places(over: 1, 1).map { $0.height == 1 && $0.width == 1 } ?? false)
  }

  /// Several convolutions of one window over one image as one, their outputs one behind the other.
  init(joining layers: [Convolution], groups: Int = 1) {
    let (window, inner) = (layers[0].window, layers[0].groupChannels)
    let parts = layers.map { (values: $0.kernel.values, outputs: $0.outputChannels) }
    var values: [Float] = []
    for row in 0..<window.height * window.width * inner {
      for part in parts { values += part.values[row * part.outputs..<(row + 1) * part.outputs] }
    }
    let outputs = parts.reduce(0) { $0 + $1.outputs }
    self.init(
      kernel: Tensor(shape: [window.height, window.width, inner, outputs], values: values),
      bias: layers.flatMap(\.bias), window: window, groups: groups)
  }

  /// The same convolution in one group, with zeros where an output does not see an input.
  func ungrouped() -> Convolution {
    guard groups > 1 else { return self }
    let (inner, outer, given) = (groupChannels, outputChannels, kernel.values)
    let perGroup = outer / groups
    var values = [Float](repeating: 0, count: window.height * window.width * inputChannels * outer)
    for tap in 0..<window.height * window.width {
      for output in 0..<outer {
        let first = output / perGroup * inner
        for input in 0..<inner {
          values[(tap * inputChannels + first + input) * outer + output] =
            given[(tap * inner + input) * outer + output]
        }
      }
    }
    return Convolution(
      kernel: Tensor(shape: [window.height, window.width, inputChannels, outer], values: values), bias: bias,
      window: window, groups: 1)
  }

  /// The same convolution followed by x · scale + shift a channel.
  func scaled(by scale: [Float], plus shift: [Float]) -> Convolution {
    var result = self
    let outputs = outputChannels
    switch weights {
    case .bytes(let kernel) where kernel.takes(scale): result.weights = .bytes(kernel.scaled(by: scale))
    case .bytes, .floats: result.weights = .floats(kernel.scaled(by: scale))
    }
    result.bias = (0..<outputs).map { bias[$0] * scale[$0] + shift[$0] }
    return result
  }

  /// The same convolution without the rows and columns of its kernel that only ever meet padding, as they do over
  /// images that are smaller than the kernel.
  func trimmed(over height: Int, _ width: Int) -> Convolution {
    guard groups == 1, let places = window.places(over: height, width) else { return self }
    func useful(_ size: Int, _ stride: Int, _ before: Int, _ extent: Int, _ results: Int) -> Range<Int> {
      let taps = (0..<size).filter { tap in
        (0..<results).contains { (0..<extent).contains($0 * stride + tap - before) }
      }
      return (taps.first ?? 0)..<((taps.last ?? 0) + 1)
    }
    let rows = useful(window.height, window.strideY, places.top, height, places.height)
    let columns = useful(window.width, window.strideX, places.left, width, places.width)
    // What is left must be stated as equal padding on both sides.
    let (top, left) = (places.top - rows.lowerBound, places.left - columns.lowerBound)
    let fits =
      (places.height - 1) * window.strideY + rows.count <= height + 2 * top
      && (places.width - 1) * window.strideX + columns.count <= width + 2 * left
      && (height + 2 * top - rows.count) / window.strideY + 1 == places.height
      && (width + 2 * left - columns.count) / window.strideX + 1 == places.width
    guard rows.count < window.height || columns.count < window.width, top >= 0, left >= 0, fits else {
      return self
    }
    let (stride, given) = (inputChannels * outputChannels, kernel.values)
    var values: [Float] = []
    for row in rows {
      for column in columns {
        let start = (row * window.width + column) * stride
        values += given[start..<start + stride]
      }
    }
    return Convolution(
      kernel: Tensor(shape: [rows.count, columns.count, inputChannels, outputChannels], values: values),
      bias: bias, strideY: window.strideY, strideX: window.strideX,
      padding: .symmetric(vertical: top, horizontal: left))
  }
}
