/// A matrix of weights as a block-quantised file has them: bytes, with a scale and a zero for each block of inputs.
///
/// The weight from input i to output o is (values[o][i] − zeros[o][i ∕ block]) · scales[o][i ∕ block] ·
/// inputFactors[i] · outputFactors[o]; it takes a quarter of the memory that has to be read for a float32.
struct QuantizedKernel: Sendable, Hashable {
  /// Output × input.
  let values: [Int8]
  /// Output × block of inputs.
  let scales: [Float]
  /// Output × block of inputs: whole numbers.
  let zeros: [Float]
  /// Inputs that share a scale; the last block may have fewer.
  let block: Int
  /// What the inputs are multiplied with first.
  private(set) var inputFactors: [Float]
  /// What the sums are multiplied with last.
  private(set) var outputFactors: [Float]

  var inputs: Int { inputFactors.count }
  var outputs: Int { outputFactors.count }
  var blocks: Int { (inputs + block - 1) / block }

  /// Takes (values − zeros) · scales; nil when the values are no bytes, signed or not, or weights would not be finite.
  init?(outputs: Int, inputs: Int, block: Int, values: [Int16], scales: [Float], zeros: [Int]?) {
    guard block > 0, inputs > 0, outputs > 0, values.count == outputs * inputs,
      scales.count == outputs * ((inputs + block - 1) / block),
      zeros.map({ $0.count == scales.count }) ?? true
    else { return nil }
    let (least, most) = (values.min() ?? 0, values.max() ?? 0)
    let middle: Int16 = most > 127 ? 128 : 0
    guard least - middle >= -128, most - middle <= 127,
      zeros?.allSatisfy({ (-256...256).contains($0) }) ?? true,
      scales.allSatisfy({ ($0 * 512).isFinite })
    else { return nil }
    self.values = values.map { Int8($0 - middle) }
    self.scales = scales
    self.zeros = scales.indices.map { Float((zeros?[$0] ?? 0) - Int(middle)) }
    self.block = block
    inputFactors = [Float](repeating: 1, count: inputs)
    outputFactors = [Float](repeating: 1, count: outputs)
  }

  /// The weights as float32, output × input.
  var floats: [Float] {
    [Float](unsafeUninitializedCapacity: values.count) { buffer, filled in
      values.withUnsafeBufferPointer { values in
        for output in 0..<outputs {
          let row = output * inputs
          for part in 0..<blocks {
            let (scale, zero) = (scales[output * blocks + part], zeros[output * blocks + part])
            for input in part * block..<min((part + 1) * block, inputs) {
              buffer[row + input] =
                (Float(values[row + input]) - zero) * scale * inputFactors[input] * outputFactors[output]
            }
          }
        }
      }
      filled = values.count
    }
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

  /// The sums over all inputs times their weights, gathered in double.
  func sums(of inputs: [Float]) -> [Double] {
    let weights = floats
    return (0..<outputs).map { output in
      inputs.indices.reduce(0) { $0 + Double(inputs[$1]) * Double(weights[output * inputs.count + $1]) }
    }
  }
}
