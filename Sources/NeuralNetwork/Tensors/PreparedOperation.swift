/// An operation whose operands' extents are known: the result's extents, and code that computes it.
struct PreparedOperation {
  /// Reads the operands, nil where one is absent or has no numbers at run time, and writes the whole result.
  typealias Body = ([UnsafePointer<Float>?], UnsafeMutablePointer<Float>) -> Void

  let extents: [Int]
  /// The result where it follows from the operands' extents or whole numbers alone.
  var known: TensorValue.Numbers?
  let run: Body
}

extension TensorOperation {
  /// What an operation needs to know while it is prepared.
  struct Context {
    let operation: TensorOperation
    /// One a operand; nil where it is absent.
    let operands: [TensorValue?]
    let name: String

    func fault(_ text: String) -> NetworkError {
      NetworkError(.invalidGraph, "Layer \(name) (\(operation.kind.rawValue)) \(text).")
    }

    /// The operand's extents.
    func extents(_ index: Int) throws(NetworkError) -> [Int] {
      guard index < operands.count, let value = operands[index] else {
        throw fault("lacks its operand \(index + 1)")
      }
      return value.extents
    }

    /// The whole numbers of a constant operand, or nil where there is none.
    func whole(_ index: Int) throws(NetworkError) -> [Int]? {
      guard index < operands.count, let value = operands[index] else { return nil }
      guard let whole = value.whole else {
        throw fault("has an operand \(index + 1) that depends on the image, which cannot be planned")
      }
      return whole
    }

    /// An axis from outside as an index.
    func axis(_ axis: Int, rank: Int) throws(NetworkError) -> Int {
      let index = axis < 0 ? axis &+ rank : axis
      guard (0..<rank).contains(index) else { throw fault("has an axis \(axis) of \(rank)") }
      return index
    }

    func axes(_ axes: [Int], rank: Int) throws(NetworkError) -> [Int] {
      var result: [Int] = []
      for axis in axes { result.append(try self.axis(axis, rank: rank)) }
      guard Set(result).count == result.count else { throw fault("names an axis twice") }
      return result
    }

    func count(_ extents: [Int]) throws(NetworkError) -> Int { try TensorValue.count(extents, of: name) }
  }

  /// Works out the result's extents and how it is computed.
  ///
  /// - Parameters:
  ///   - values: One an operand in `operands`; nil for an absent one.
  ///   - name: The layer's name in messages.
  /// - Throws: `NetworkError` that names the layer.
  func prepare(_ values: [TensorValue?], name: String) throws(NetworkError) -> PreparedOperation {
    let context = Context(operation: self, operands: values, name: name)
    let prepared: PreparedOperation
    switch kind {
    case .add: prepared = try context.elementwise { $0 + $1 }
    case .subtract: prepared = try context.elementwise { $0 - $1 }
    case .multiply: prepared = try context.elementwise { $0 * $1 }
    case .divide:
      prepared =
        integer("whole", default: 0) != 0 || values.allSatisfy { $0?.isInteger ?? false }
        ? try context.elementwise { ($0 / $1).rounded(.towardZero) } : try context.elementwise { $0 / $1 }
    case .power: prepared = try context.elementwise(TensorOperation.power)
    case .maximum: prepared = try context.elementwise { $1 > $0 ? $1 : $0 }
    case .minimum: prepared = try context.elementwise { $1 < $0 ? $1 : $0 }
    case .prelu: prepared = try context.elementwise { $0 < 0 ? $0 * $1 : $0 }
    case .transpose: prepared = try context.transposed()
    case .reshape: prepared = try context.copied(to: context.reshaped())
    case .flatten: prepared = try context.copied(to: context.flattened())
    case .squeeze: prepared = try context.copied(to: context.squeezed())
    case .unsqueeze: prepared = try context.copied(to: context.unsqueezed())
    case .rowMajor: prepared = try context.copied(to: context.extents(0))
    case .concatenate: prepared = try context.concatenated()
    case .slice: prepared = try context.sliced()
    case .pad: prepared = try context.padded()
    case .expand: prepared = try context.expanded()
    case .gather: prepared = try context.gathered()
    case .resize: prepared = try context.resized()
    case .reduceMean, .reduceSum, .reduceL2, .reduceMaximum: prepared = try context.reduced()
    case .softmax, .normalize: prepared = try context.alongAxis()
    case .product: prepared = try context.multiplied()
    case .transposedConvolution: prepared = try context.transposedConvolution()
    case .shape:
      let extents = try context.extents(0)
      prepared = PreparedOperation(extents: [extents.count], known: .integers(extents)) { _, _ in }
    case .cast: prepared = try context.converted()
    case .quantize: prepared = try context.quantized()
    case .dequantize: prepared = try context.dequantized()
    }
    _ = try context.count(prepared.extents)
    return prepared
  }

  /// The result of constant operands.
  func folded(_ values: [TensorValue?], name: String) throws(NetworkError) -> TensorValue {
    let prepared = try prepare(values, name: name)
    if let known = prepared.known { return TensorValue(prepared.extents, known) }
    let count = try TensorValue.count(prepared.extents, of: name)
    var isInteger = values.first.flatMap { $0 }?.isInteger ?? false
    if kind == .cast { isInteger = integer("whole", default: 0) != 0 }
    if kind == .quantize || kind == .dequantize { isInteger = kind == .quantize }
    var buffers: [[Float]?] = []
    for value in values {
      // Whole numbers pass through float32, which holds them to 2²⁴.
      if let whole = value?.whole, value?.isInteger ?? false, isInteger, kind.readsNumbers,
        whole.contains(where: { $0.magnitude > 1 << 24 && $0.magnitude < 1 << 31 })
      {
        throw NetworkError(.invalidGraph, "Layer \(name) computes with whole numbers that are too large.")
      }
      buffers.append(value?.reals)
    }
    let result = [Float](unsafeUninitializedCapacity: max(count, 1)) { buffer, filled in
      buffer.initialize(repeating: 0)
      filled = count
      guard let base = buffer.baseAddress, count > 0 else { return }
      let pointers = buffers.map { values in
        values.map { values in
          let copy = UnsafeMutablePointer<Float>.allocate(capacity: max(values.count, 1))
          copy.initialize(from: values, count: values.count)
          return copy
        }
      }
      prepared.run(pointers.map { $0.map { UnsafePointer($0) } }, base)
      for pointer in pointers { pointer?.deallocate() }
    }
    return TensorValue(
      prepared.extents,
      isInteger ? .integers(result.map { Int(max(-0x1p62, min(0x1p62, Double($0)))) }) : .real(result))
  }
}

extension TensorOperation.Kind {
  /// Whether the first operand's numbers matter for the result, rather than only where they are.
  fileprivate var readsNumbers: Bool { self != .shape }
}
