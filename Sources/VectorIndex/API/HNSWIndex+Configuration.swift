extension HNSWIndex {
  /// What an index is made of; fixed for its life.
  public struct Configuration: Sendable, Hashable {
    /// Components of a vector, 1…65,536.
    public var dimension: Int
    /// How closeness is measured.
    public var metric: Metric
    /// Links a new node takes on each level, 2…128; the lowest level holds up to twice as many.
    public var M: Int
    /// Candidates considered for a new node's links.
    public var efConstruction: Int
    /// Seed of levels and rotation: the same seed, vectors and calls give the same graph and file.
    public var seed: UInt64
    /// Vectors the index may hold: what address space is reserved for, not memory.
    public var maximumCount: Int

    /// Creates a configuration.
    public init(
      dimension: Int, metric: Metric = .cosine, M: Int = 16, efConstruction: Int = 200, seed: UInt64 = 0,
      maximumCount: Int = 1 << 25
    ) {
      self.dimension = dimension
      self.metric = metric
      self.M = M
      self.efConstruction = efConstruction
      self.seed = seed
      self.maximumCount = maximumCount
    }

    func validate() throws(IndexError) {
      func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws(IndexError) {
        guard range.contains(value) else {
          throw .invalidParameter(
            name: name, value: "\(value)", allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
      }
      try check("dimension", dimension, 1...65_536)
      try check("M", M, 2...128)
      try check("efConstruction", efConstruction, 1...1_000_000)
      try check("maximumCount", maximumCount, 1...(1 << 29))
    }
  }
}
