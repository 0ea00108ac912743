/// What is known of an operand when a network is planned: its extents and, where it is a constant, its numbers.
struct TensorValue: Hashable {
  enum Numbers: Hashable {
    case real([Float])
    case integers([Int])
    /// Whole numbers of eight bits, as quantised weights are: millions of them, which eight bytes each would not suit.
    case narrow(NarrowNumbers)
    /// Real numbers as bytes with scales: made float32 when they are asked for.
    case bytes(QuantizedKernel)
  }

  var extents: [Int]
  var numbers: Numbers?

  init(_ extents: [Int], _ numbers: Numbers? = nil) {
    self.extents = extents
    self.numbers = numbers
  }

  init(_ tensor: Tensor) { self.init(tensor.shape, .real(tensor.values)) }

  /// The most elements that an activation or a constant may have: 1 GiB of float32.
  static let mostElements = 1 << 28

  /// The number of elements of extents from outside.
  ///
  /// - Throws: `NetworkError.Code.wrongInput` when one is negative or there are more than ``mostElements``.
  static func count(_ extents: [Int], of name: String) throws(NetworkError) -> Int {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow, product <= mostElements else {
        throw NetworkError(
          .wrongInput,
          "Layer \(name) would have a result of \(extents.map(String.init).joined(separator: "×")) numbers, more than "
            + "the \(mostElements) that are allowed.")
      }
      count = product
    }
    return count
  }

  /// Whether the numbers are whole numbers by their type.
  var isInteger: Bool {
    switch numbers {
    case .integers, .narrow: true
    case .real, .bytes, nil: false
    }
  }

  /// The numbers as whole numbers; those of floating point are rounded towards zero and kept in range.
  var whole: [Int]? {
    switch numbers {
    case nil: nil
    case .integers(let values): values
    case .narrow(let values): values.whole
    case .real, .bytes: reals?.map { Int(max(-0x1p62, min(0x1p62, $0.isNaN ? 0 : Double($0)))) }
    }
  }

  /// The numbers as float32.
  var reals: [Float]? {
    switch numbers {
    case nil: nil
    case .integers(let values): values.map(Float.init)
    case .narrow(let values): values.whole.map(Float.init)
    case .bytes(let kernel): kernel.floats.transposed(rows: kernel.inputs, columns: kernel.outputs)
    case .real(let values): values
    }
  }

  /// The value as an operand of a network.
  var operand: TensorOperation.Operand {
    switch numbers {
    case nil: .result
    case .integers(let values): .integers(shape: extents, values: values)
    case .narrow(let values): .integers(shape: extents, values: values.whole)
    case .bytes, .real: .constant(Tensor(shape: extents, values: reals ?? []))
    }
  }
}

extension TensorOperation.Operand {
  /// The constant, where the operand is one.
  var value: TensorValue? {
    switch self {
    case .result, .absent: nil
    case .constant(let tensor): TensorValue(tensor)
    case .integers(let shape, let values): TensorValue(shape, .integers(values))
    }
  }
}
