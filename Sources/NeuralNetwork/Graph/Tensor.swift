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

  /// The index of the first element that is NaN or infinite.
  ///
  /// - Complexity: O(`count`).
  public var firstNonFinite: Int? { values.firstIndex { !$0.isFinite } }
}
