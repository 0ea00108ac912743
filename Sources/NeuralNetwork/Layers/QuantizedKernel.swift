internal import CNeuralKernels

/// A matrix of weights as a block-quantised file has them: bytes, with a scale and a zero for each block of inputs.
///
/// The weight from input i to output o is (values[i][o] − zeros[i ∕ block][o]) · scales[i ∕ block][o] ·
/// inputFactors[i] · outputFactors[o]; it takes a quarter of the memory that has to be read for a float32.
struct QuantizedKernel: Sendable, Hashable {
  /// Input × output.
  let values: [Int8]
  /// Block of inputs × output.
  let scales: [Float]
  /// Block of inputs × output: whole numbers.
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

  /// Takes (values − zeros) · scales, each output × input or block of inputs as the file has them; nil when the extents do not
  /// fit together or weights would not be finite.
  init?(outputs: Int, inputs: Int, block: Int, values: NarrowNumbers, scales: [Float], zeros: [Int]?) {
    guard block > 0, inputs > 0, outputs > 0, values.count == outputs * inputs,
      scales.count == outputs * ((inputs + block - 1) / block),
      zeros.map({ $0.count == scales.count }) ?? true,
      zeros?.allSatisfy({ (-256...256).contains($0) }) ?? true,
      scales.allSatisfy({ ($0 * 512).isFinite })
    else { return nil }
    let middle = values.most > 127 ? 128 : 0
    self.values = values.transposed(rows: outputs, columns: inputs, less: middle)
    let blocks = scales.count / outputs
    self.scales = scales.transposed(rows: outputs, columns: blocks)
    let offsets = zeros?.map { Float($0 - middle) } ?? [Float](repeating: Float(-middle), count: scales.count)
    self.zeros = offsets.transposed(rows: outputs, columns: blocks)
    self.block = block
    inputFactors = [Float](repeating: 1, count: inputs)
    outputFactors = [Float](repeating: 1, count: outputs)
  }

  /// The weights as float32, input × output.
  var floats: [Float] { floats(of: 0..<inputs) }

  /// The weights of some inputs as float32, one input after the other.
  func floats(of order: some Collection<Int>) -> [Float] {
    [Float](unsafeUninitializedCapacity: order.count * outputs) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      withRows { row in
        for (place, input) in order.enumerated() { row(input, base + place * outputs) }
      }
      filled = order.count * outputs
    }
  }

  /// The same weights followed by a scale an output.
  func scaled(by scale: [Float]) -> QuantizedKernel {
    var result = self
    result.outputFactors = zip(outputFactors, scale).map { $0 * $1 }
    return result
  }

  /// Whether the weights followed by a scale an output are to the bit what float32 weights would be that were scaled one scale
  /// after the other.
  func takes(_ scale: [Float]) -> Bool {
    outputFactors.allSatisfy { $0 == 1 } || scale.allSatisfy { $0 == 1 }
  }

  /// The same weights after a scale an input.
  func preceded(by scale: [Float]) -> QuantizedKernel {
    var result = self
    result.inputFactors = zip(inputFactors, scale).map { $0 * $1 }
    return result
  }

  /// The sums over all inputs times their weights, gathered in double.
  func sums(of factors: [Float]) -> [Double] {
    assert(factors.count == inputs)
    var sums = [Double](repeating: 0, count: outputs)
    sums.withUnsafeMutableBufferPointer { sums in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: outputs) { weights in
        guard let base = weights.baseAddress else { return }
        withRows { row in
          for (input, factor) in factors.enumerated() {
            row(input, base)
            for output in sums.indices { sums[output] += Double(factor) * Double(base[output]) }
          }
        }
      }
    }
    return sums
  }

  /// Lends a function that writes the weights of an input, one an output, to a place that has room for them.
  @inline(__always)
  private func withRows(_ body: ((_ input: Int, _ to: UnsafeMutablePointer<Float>) -> Void) -> Void) {
    // Every array has at least one element, and as many as the extents say: the initialiser has seen to it.
    values.withUnsafeBufferPointer { values in
      scales.withUnsafeBufferPointer { scales in
        zeros.withUnsafeBufferPointer { zeros in
          outputFactors.withUnsafeBufferPointer { factors in
            guard let values = values.baseAddress, let scales = scales.baseAddress,
              let zeros = zeros.baseAddress, let factors = factors.baseAddress
            else { return }
            let outputs = outputs
            body { input, to in
              assert(input >= 0 && input < inputs)
              let (part, factor) = (input / block * outputs, inputFactors[input])
              fg_dequantize(
                values + input * outputs, zeros + part, scales + part, factor, factors, outputs, to)
            }
          }
        }
      }
    }
  }
}

/// Whole numbers of eight bits as a file has them.
struct NarrowNumbers: Sendable, Hashable {
  let bytes: [UInt8]
  let isSigned: Bool

  var count: Int { bytes.count }

  /// The greatest that there may be; of signed ones that of their type.
  var most: Int { isSigned ? 127 : bytes.reduce(0) { max($0, Int($1)) } }

  var whole: [Int] { bytes.indices.map { self[$0] } }

  subscript(index: Int) -> Int {
    isSigned ? Int(Int8(bitPattern: bytes[index])) : Int(bytes[index])
  }

  /// A matrix of rows × columns as columns × rows, less 0 or 128.
  ///
  /// - Precondition: What comes out has eight bits with their sign.
  func transposed(rows: Int, columns: Int, less middle: Int) -> [Int8] {
    assert(count == rows * columns && (middle == 0 || middle == 128 && !isSigned))
    return [Int8](unsafeUninitializedCapacity: count) { buffer, filled in
      bytes.withUnsafeBufferPointer { from in
        guard let from = from.baseAddress, let to = buffer.baseAddress else { return }
        // Less 128 is the other highest bit.
        fg_transpose_bytes(from, rows, columns, UInt8(middle), to)
      }
      filled = count
    }
  }
}
