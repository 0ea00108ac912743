/// Whether codes can tell candidates apart.
extension SearchContext {
  /// Standard deviations of the codes' error that a pool's candidates must span, from among the best to the worst, for
  /// their order by codes to say enough.
  ///
  /// Among vectors spread around they span 6 to 50 at any ef, and codes find what floats find. Among groups of
  /// near-duplicates they span less than 5, and codes find as little as a tenth of it.
  private static let span: Float = 5
  /// Which of the best it is reckoned from: the first may be the query itself.
  static let reckoned = 2
  /// Standard deviations beyond which nothing is measured: less than one in ten thousand million is that far off.
  static let certain: Float = 6.5
  /// By how much the inner product with a code is too small on average: an optimal quantiser leaves out a part that is at
  /// right angles to what it keeps, so of the vector itself the share 0.107² is missing.
  private static let shrinkage: Float = 1 / (1 - 0.107 * 0.107)

  /// The distance of a candidate, as far as the search knows it.
  func estimatedDistance(at i: Int) -> Float {
    let key = pool.key(at: i)
    guard !comparesCodes else {
      let product = Float(Int32(0x4000_0000) - Int32(bitPattern: key))
      let coded = storage.space.step(norm: query.scale * storage.center.spread) * (product - query.offset)
      return -coded * Self.shrinkage - query.centerProduct
    }
    assert(readsRows)
    return Self.distance(key)
  }

  /// Standard deviation of a coded distance, for vectors of which codes leave out `residual`: the part in one direction of
  /// many.
  func codeError(_ residual: Float) -> Float {
    let space = storage.space
    // Of the error along the centre's direction balanced codes have a seventh left.
    let length = (query.across + query.along * 0.02).squareRoot()
    let error = length * residual / Float(space.dimension).squareRoot()
    return space.metric == .squaredDistance ? 2 * error : error
  }

  /// What codes are expected to leave out of unit vectors; 0 where vectors have any length.
  var usualResidual: Float { storage.space.metric == .cosine ? 0.107 * storage.center.spread : 0 }

  /// Root mean square of what codes leave out of so many of the `slots`.
  func residual(_ slots: UnsafePointer<UInt32>, _ count: Int) -> Float {
    guard !readsRows, count > 0 else { return 0 }
    var sum: Float = 0
    for i in 0..<count {
      let residual = storage.residuals[Int(slots[i])]
      // A code that could not be balanced may leave out anything up to the distance of two unit vectors.
      let length = residual < .infinity ? residual : 2
      sum += length * length
    }
    return (sum / Float(count)).squareRoot()
  }

  /// Candidates among which a search looks for what codes cannot tell apart: a larger pool may hold a whole group, and what
  /// lies behind it, though the search has gone to the wrong one.
  static let looked = 64

  /// Whether codes could tell the first `count` candidates of a full pool apart, of which one among the best lies at
  /// `distance`.
  ///
  /// The last of them are measured: what codes say of them may be off by the same amount for all.
  func isResolved(from distance: Float, among count: Int = .max) -> Bool {
    guard !readsRows, pool.count > 0, pool.isFull else { return true }
    let end = min(count, pool.count)
    let n = min(4, end)
    for i in 0..<n { ids[i] = pool.slot(at: end - 1 - i) }
    storage.space.distances(query.row, rows: storage.vectors, ids: ids, count: n, into: distances)
    let last = (0..<n).reduce(Float(0)) { $0 + distances[$1] } / Float(n)
    // Written so that what is not a number is unresolved.
    return last - distance >= Self.span * codeError(max(measuredResidual, usualResidual))
  }
}
