/// A dense layer's weights as a block-quantised file has them: bytes, with a scale and an offset for each block of inputs.
///
/// The weight from input i to output o is (values[o][i] · scales[o][i ∕ block] + offsets[o][i ∕ block]) ·
/// inputFactors[i] · outputFactors[o]; it takes a quarter of the memory that has to be read for a float32.
struct QuantizedKernel: Sendable, Hashable {
  /// Output × input.
  let values: [Int8]
  /// Output × block of inputs.
  let scales: [Float]
  /// Output × block of inputs.
  let offsets: [Float]
  /// Inputs that share a scale; the last block may have fewer.
  let block: Int
  /// What the layer's inputs are multiplied with first.
  private(set) var inputFactors: [Float]
  /// What the sums are multiplied with last.
  private(set) var outputFactors: [Float]

  var inputs: Int { inputFactors.count }
  var outputs: Int { outputFactors.count }
  var blocks: Int { (inputs + block - 1) / block }

  /// Takes (values − zeros) · scales; nil when the values are no bytes, signed or not.
  init?(outputs: Int, inputs: Int, block: Int, values: [Int16], scales: [Float], zeros: [Int]?) {
    guard block > 0, inputs > 0, outputs > 0, values.count == outputs * inputs,
      scales.count == outputs * ((inputs + block - 1) / block), zeros.map({ $0.count == scales.count }) ?? true
    else { return nil }
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    let middle: Int16 = most > 127 ? 128 : 0
    guard least - middle >= -128, most - middle <= 127 else { return nil }
    self.values = values.map { Int8($0 - middle) }
    self.scales = scales
    offsets = scales.indices.map { Float(Int(middle) - (zeros?[$0] ?? 0)) * scales[$0] }
    self.block = block
    inputFactors = [Float](repeating: 1, count: inputs)
    outputFactors = [Float](repeating: 1, count: outputs)
  }

  /// The same weights followed by a scale an output.
  func scaled(by scale: [Float]) -> QuantizedKernel {
    var result = self
    result.outputFactors = zip(outputFactors, scale).map { $0 * $1 }
    return result
  }

  /// The same weights after a scale an input.
  func preceded(by scale: [Float]) -> QuantizedKernel {
    var result = self
    result.inputFactors = zip(inputFactors, scale).map { $0 * $1 }
    return result
  }
}
