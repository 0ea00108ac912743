/// A face as a point on the unit sphere: near points are the same person.
public struct Embedding: Sendable, Hashable {
  /// The components; their squares sum to 1.
  public let values: [Float]

  /// Scales a vector to unit length.
  ///
  /// - Throws: ``EngineError`` with code `invalidEmbedding` when the vector is empty, has a component that is
  ///   not finite, or has no direction (length 0).
  /// - Complexity: O(*d*).
  public init(normalizing vector: [Float]) throws(EngineError) {
    var squares = 0.0
    for value in vector { squares += Double(value) * Double(value) }
    guard squares.isFinite, squares > 0 else {
      throw EngineError(
        .invalidEmbedding,
        vector.isEmpty
          ? "An embedding of no components was given."
          : "The embedding has no direction: its components are all zero, or not all finite.")
    }
    let scale = 1 / squares.squareRoot()
    values = vector.map { Float(Double($0) * scale) }
  }

  /// Components: 128 for the engines of this package.
  public var dimension: Int { values.count }

  /// Cosine of the angle between two embeddings: 1 is the same direction, −1 the opposite.
  ///
  /// - Precondition: Both have the same dimension.
  /// - Complexity: O(*d*).
  public func cosineSimilarity(to other: Embedding) -> Float {
    precondition(dimension == other.dimension, "embeddings of different dimensions cannot be compared")
    var sum = 0.0
    for (a, b) in zip(values, other.values) { sum += Double(a) * Double(b) }
    return Float(min(max(sum, -1), 1))
  }

  /// Squared Euclidean distance of two embeddings, 0…4; it equals 2 − 2 · cosine.
  ///
  /// - Precondition: Both have the same dimension.
  /// - Complexity: O(*d*).
  public func squaredDistance(to other: Embedding) -> Float {
    precondition(dimension == other.dimension, "embeddings of different dimensions cannot be compared")
    var sum = 0.0
    for (a, b) in zip(values, other.values) {
      let difference = Double(a) - Double(b)
      sum += difference * difference
    }
    return Float(sum)
  }
}
