/// A fully connected layer.
public struct Dense: Sendable, Hashable {
  private enum Weights {
    /// Inputs × outputs.
    case floats(Tensor)
    case bytes(QuantizedKernel)
  }

  private var weights: Weights
  /// One value an output.
  public var bias: [Float]

  /// Makes a dense layer; without `bias` it is zero.
  public init(kernel: Tensor, bias: [Float]? = nil) {
    precondition(kernel.shape.count == 2, "a dense layer's kernel has two axes")
    weights = .floats(kernel)
    self.bias = bias ?? [Float](repeating: 0, count: kernel.shape[1])
  }

  init(quantized: QuantizedKernel, bias: [Float]) {
    assert(bias.count == quantized.outputs)
    weights = .bytes(quantized)
    self.bias = bias
  }

  /// Inputs × outputs, made anew where the layer is quantised.
  public var kernel: Tensor {
    get {
      switch weights {
      case .floats(let kernel): kernel
      case .bytes(let kernel):
        Tensor(shape: [inputs, outputs], values: kernel.floats)
      }
    }
    set { weights = .floats(newValue) }
  }

  /// The kernel as a block-quantised file had it.
  var quantized: QuantizedKernel? {
    if case .bytes(let kernel) = weights { kernel } else { nil }
  }

  /// Values that the layer takes.
  public var inputs: Int {
    switch weights {
    case .floats(let kernel): kernel.shape[0]
    case .bytes(let kernel): kernel.inputs
    }
  }

  /// Values that the layer gives.
  public var outputs: Int {
    switch weights {
    case .floats(let kernel): kernel.shape[1]
    case .bytes(let kernel): kernel.outputs
    }
  }

  /// Whether two layers compute the same, in whichever form their weights were read.
  public static func == (first: Dense, second: Dense) -> Bool {
    first.kernel == second.kernel && first.bias == second.bias
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kernel)
    hasher.combine(bias)
  }

  /// The same layer followed by x · scale + shift.
  func scaled(by scale: [Float], plus shift: [Float]) -> Dense {
    let outputs = outputs
    let bias = (0..<outputs).map { self.bias[$0] * scale[$0] + shift[$0] }
    switch weights {
    case .bytes(let kernel): return Dense(quantized: kernel.scaled(by: scale), bias: bias)
    case .floats(let kernel):
      return Dense(kernel: kernel.scaled(by: scale), bias: bias)
    }
  }

  /// The same layer for an input whose element i is what was element `rows[i]`; its weights become float32.
  func reordered(_ rows: [Int]) -> Dense {
    let (outputs, kernel) = (outputs, kernel)
    assert(rows.count == inputs && rows.allSatisfy { $0 >= 0 && $0 < inputs })
    let values = [Float](unsafeUninitializedCapacity: kernel.count) { buffer, filled in
      kernel.values.withUnsafeBufferPointer { from in
        guard let to = buffer.baseAddress, let from = from.baseAddress else { return }
        for (place, row) in rows.enumerated() {
          (to + place * outputs).initialize(from: from + row * outputs, count: outputs)
        }
      }
      filled = kernel.count
    }
    return Dense(kernel: Tensor(shape: kernel.shape, values: values), bias: bias)
  }

  /// The same layer after its input was taken through x · scale + shift.
  ///
  /// The bias gathers in double: it is a sum over all inputs.
  func preceded(by scale: [Float], plus shift: [Float]) -> Dense {
    switch weights {
    case .bytes(let kernel):
      let bias = zip(self.bias, kernel.sums(of: shift)).map { Float(Double($0) + $1) }
      return Dense(quantized: kernel.preceded(by: scale), bias: bias)
    case .floats(let kernel):
      var values = kernel.values
      let outputs = outputs
      var sums = bias.map(Double.init)
      for input in 0..<inputs {
        for output in 0..<outputs {
          let index = input * outputs + output
          sums[output] += Double(shift[input]) * Double(values[index])
          values[index] *= scale[input]
        }
      }
      return Dense(kernel: Tensor(shape: kernel.shape, values: values), bias: sums.map(Float.init))
    }
  }
}
