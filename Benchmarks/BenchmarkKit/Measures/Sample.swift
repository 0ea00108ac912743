/// Measured numbers and what is said of them.
public struct Sample: Sendable {
  /// The numbers, in ascending order.
  public let sorted: [Double]

  /// A sample of numbers in any order.
  public init(_ values: some Sequence<Double>) { sorted = values.sorted() }

  /// The arithmetic mean; 0 without numbers.
  public var mean: Double { sorted.isEmpty ? 0 : sorted.reduce(0, +) / Double(sorted.count) }

  /// The standard deviation of the population; 0 without numbers.
  public var standardDeviation: Double {
    guard !sorted.isEmpty else { return 0 }
    let mean = mean
    return (sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sorted.count)).squareRoot()
  }

  /// The value below which the share `q` of the numbers lies, between neighbours by interpolation.
  public func quantile(_ q: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let position = min(max(q, 0), 1) * Double(sorted.count - 1)
    let lower = Int(position)
    guard lower + 1 < sorted.count else { return last }
    return sorted[lower] + (sorted[lower + 1] - sorted[lower]) * (position - Double(lower))
  }

  /// The value in the middle.
  public var median: Double { quantile(0.5) }

  /// Half the distance between greatest and least, as a share of the median: the spread stated beside figures.
  public var spread: Double {
    guard let first = sorted.first, let last = sorted.last, median != 0 else { return 0 }
    return (last - first) / 2 / abs(median)
  }
}
