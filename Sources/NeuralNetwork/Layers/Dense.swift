/// A fully connected layer.
public struct Dense: Sendable, Hashable {
  /// Inputs × outputs.
  public var kernel: Tensor
  /// One value an output.
  public var bias: [Float]
  /// The same kernel as the file had it, where it was quantised in blocks.
  var quantized: QuantizedKernel?

  /// Makes a dense layer; without `bias` it is zero.
  public init(kernel: Tensor, bias: [Float]? = nil) {
    precondition(kernel.shape.count == 2, "a dense layer's kernel has two axes")
    self.kernel = kernel
    self.bias = bias ?? [Float](repeating: 0, count: kernel.shape[1])
  }

  /// Whether two layers compute the same, in whichever form their weights were read.
  public static func == (first: Dense, second: Dense) -> Bool {
    first.kernel == second.kernel && first.bias == second.bias
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kernel)
    hasher.combine(bias)
  }

  /// Values that the layer takes.
  public var inputs: Int { kernel.shape[0] }
  /// Values that the layer gives.
  public var outputs: Int { kernel.shape[1] }

  /// The same layer followed by x · scale + shift.
  func scaled(by scale: [Float], plus shift: [Float]) -> Dense {
    var values = kernel.values
    let outputs = outputs
    for index in values.indices { values[index] *= scale[index % outputs] }
    var result = Dense(
      kernel: Tensor(shape: kernel.shape, values: values),
      bias: (0..<outputs).map { bias[$0] * scale[$0] + shift[$0] })
    result.quantized = quantized?.scaled(by: scale)
    return result
  }

  /// The same layer for an input whose element i is what was element `rows[i]`; blocks of quantised inputs are not kept.
  func reordered(_ rows: [Int]) -> Dense {
    let outputs = outputs
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
    var result = Dense(kernel: Tensor(shape: kernel.shape, values: values), bias: sums.map(Float.init))
    result.quantized = quantized?.preceded(by: scale)
    return result
  }
}
