/// Vectors of one dimension, row by row.
public struct VectorSet: Sendable, Equatable {
  /// The length of every vector.
  public let dimension: Int
  /// The rows one after another.
  public let values: [Float]

  /// The number of vectors.
  public var count: Int { values.count / dimension }

  /// Wraps rows that are already in memory.
  ///
  /// - Precondition: `values` holds whole rows of a positive dimension.
  public init(dimension: Int, values: [Float]) {
    precondition(dimension > 0 && values.count % dimension == 0, "a set holds whole rows")
    self.dimension = dimension
    self.values = values
  }

  /// The vector in a row.
  public subscript(row: Int) -> [Float] { Array(values[row * dimension..<(row + 1) * dimension]) }

  /// The first `count` rows, or all when there are fewer.
  public func prefix(_ count: Int) -> VectorSet {
    VectorSet(dimension: dimension, values: Array(values.prefix(count * dimension)))
  }

  /// Every row as an array of its own, for interfaces that take one vector.
  public var rows: [[Float]] { (0..<count).map { self[$0] } }
}
