/// A dense array of float32 in row-major order.
public struct Tensor: Sendable, Hashable {
  /// Extents, outermost first; empty for a scalar.
  public let shape: [Int]
  /// The elements, as many as the extents' product.
  public let values: [Float]

  /// Makes a tensor of the given extents; `values` must hold exactly their product.
  public init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "a tensor's values must fill its shape")
    self.shape = shape
    self.values = values
  }

  /// Makes a vector.
  public init(_ values: [Float]) {
    self.init(shape: [values.count], values: values)
  }

  /// The number of elements.
  public var count: Int { values.count }

  /// The tensor with the places of its last axis times a factor each.
  func scaled(by factors: [Float]) -> Tensor {
    assert(shape.last == factors.count)
    var values = values
    values.withUnsafeMutableBufferPointer { values in
      factors.withUnsafeBufferPointer { factors in
        for row in stride(from: 0, to: values.count, by: max(factors.count, 1)) {
          for place in factors.indices { values[row + place] *= factors[place] }
        }
      }
    }
    return Tensor(shape: shape, values: values)
  }

  /// The index of the first element that is NaN or infinite.
  ///
  /// - Complexity: O(`count`).
  public var firstNonFinite: Int? { values.firstIndex { !$0.isFinite } }
}

extension [Float] {
  /// A matrix of rows × columns as columns × rows.
  func transposed(rows: Int, columns: Int) -> [Float] {
    assert(count == rows * columns)
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      withUnsafeBufferPointer { from in
        // By tiles, of which both sides stay in the cache.
        let side = 16
        for top in stride(from: 0, to: rows, by: side) {
          for left in stride(from: 0, to: columns, by: side) {
            for column in left..<Swift.min(left + side, columns) {
              for row in top..<Swift.min(top + side, rows) {
                buffer[column * rows + row] = from[row * columns + column]
              }
            }
          }
        }
      }
      filled = count
    }
  }
}
