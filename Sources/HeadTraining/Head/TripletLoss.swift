/// The triplet loss of a batch, max(d(a, p) − d(a, n) + margin, 0) on squared distances, the mean of its triplets
/// (Schroff, Kalenichenko and Philbin, 2015).
public struct TripletLoss: Sendable {
  /// By how much a stranger is to be farther than another photo of the same person, in squared distance.
  public let margin: Float
  /// Whether embeddings are brought to unit length first, as the engine compares them.
  public let normalizes: Bool

  /// A loss of a batch.
  public struct Result: Sendable {
    /// The mean over the triplets.
    public let loss: Float
    /// The share of triplets whose loss is above zero.
    public let active: Float
    /// The derivatives by the embeddings, row by row.
    public let gradient: [Float]
  }

  /// A loss.
  ///
  /// - Throws: ``TrainingError`` with code `invalidOption` unless the margin is positive and finite.
  public init(margin: Float, normalizes: Bool = true) throws(TrainingError) {
    guard margin > 0, margin.isFinite else {
      throw TrainingError(
        .invalidOption,
        "The margin is \(margin): at 0 or below all embeddings may fall together; "
          + "choose one above 0, such as 0.2."
      )
    }
    self.margin = margin
    self.normalizes = normalizes
  }

  /// The loss of triplets of rows, and its derivatives.
  public func callAsFunction(_ embeddings: [Float], dimension: Int, triplets: [Triplet]) -> Result {
    let rows = embeddings.count / dimension
    let lengths = (0..<rows).map { row -> Float in
      var squares: Float = 0
      for index in row * dimension..<(row + 1) * dimension {
        squares += embeddings[index] * embeddings[index]
      }
      return max(squares, 1e-12).squareRoot()
    }
    var unit = embeddings
    if normalizes {
      for row in 0..<rows {
        for index in row * dimension..<(row + 1) * dimension { unit[index] /= lengths[row] }
      }
    }
    var gradient = [Float](repeating: 0, count: embeddings.count)
    var sum = 0.0
    var active = 0
    let weight = 2 / Float(max(triplets.count, 1))
    for triplet in triplets {
      let (a, p, n) = (triplet.anchor * dimension, triplet.positive * dimension, triplet.negative * dimension)
      var near: Float = 0
      var far: Float = 0
      for index in 0..<dimension {
        let toPositive = unit[a + index] - unit[p + index]
        let toNegative = unit[a + index] - unit[n + index]
        near += toPositive * toPositive
        far += toNegative * toNegative
      }
      let loss = near - far + margin
      guard !(loss <= 0) else { continue }
      sum += Double(loss)
      active += 1
      for index in 0..<dimension {
        gradient[a + index] += weight * (unit[n + index] - unit[p + index])
        gradient[p + index] += weight * (unit[p + index] - unit[a + index])
        gradient[n + index] += weight * (unit[a + index] - unit[n + index])
      }
    }
    if normalizes {
      for row in 0..<rows {
        var along: Float = 0
        for index in row * dimension..<(row + 1) * dimension { along += gradient[index] * unit[index] }
        for index in row * dimension..<(row + 1) * dimension {
          gradient[index] = (gradient[index] - along * unit[index]) / lengths[row]
        }
      }
    }
    let count = Double(max(triplets.count, 1))
    return Result(loss: Float(sum / count), active: Float(Double(active) / count), gradient: gradient)
  }
}

/// Three rows of a batch: two photos of one person and one of another.
public struct Triplet: Sendable, Hashable {
  /// The row that is compared.
  public var anchor: Int
  /// Another row of the same person.
  public var positive: Int
  /// A row of somebody else.
  public var negative: Int

  /// A triplet of rows.
  public init(anchor: Int, positive: Int, negative: Int) {
    self.anchor = anchor
    self.positive = positive
    self.negative = negative
  }
}
