internal import CVectorKernels

extension SearchContext {
  /// Offers every live vector that passes the filter and may still enter the answer to `collector`.
  ///
  /// The 4-bit codes are read first. By Cauchy–Schwarz the inner product of query q and vector x differs from
  /// the quantised one by at most |q||x − x̂| + |q − q̂||x̂|, so vectors that cannot reach the collector's bound
  /// even so are skipped; the others are measured exactly. The answer is that of a scan of the floats. A filter
  /// is asked before the codes are read or after, whichever takes less time.
  func scan<C: Collector>(limit: Int, filter: ((UInt64) -> Bool)?, into collector: inout C) {
    var progress = ScanProgress()
    for block in stride(from: 0, to: limit, by: Self.batch) {
      scan(from: block, limit: limit, progress: &progress, filter: filter, into: &collector)
    }
  }

  /// The part of a scan that begins at `block`.
  func scan<C: Collector>(
    from block: Int, limit: Int, progress: inout ScanProgress, filter: ((UInt64) -> Bool)?,
    into collector: inout C
  ) {
    let count = min(Self.batch, limit - block)
    // Codes pay only while they spare most of the floats.
    let useCodes =
      readsCodes && storage.space.usesCodes && progress.measured < Self.batch / 2
      && Self.isOrdinary(query.squaredNorm)
      && collector.bound < .infinity
    if let filter, useCodes {
      progress.measured = progress.timed { filtersFirst in
        let count =
          filtersFirst
          ? plausible(passing(from: block, count: count, filter), bound: collector.bound)
          : passing(survivors(from: block, count: count, bound: collector.bound), filter)
        measure(count, into: &collector)
        return count
      }
    } else {
      if let filter {
        progress.measured = passing(from: block, count: count, filter)
      } else if useCodes {
        progress.measured = survivors(from: block, count: count, bound: collector.bound)
      } else {
        progress.measured = all(from: block, count: count)
      }
      measure(progress.measured, into: &collector)
    }
    progress.reconsiderCodes(at: block + count)
  }

  /// Whether bounds made of a squared length keep their digits in float32.
  private static func isOrdinary(_ squaredNorm: Float) -> Bool { squaredNorm > 1e-16 && squaredNorm < 1e30 }

  /// Sets `ids` to the live slots of a block that pass a filter and requests their codes.
  private func passing(from start: Int, count: Int, _ filter: (UInt64) -> Bool) -> Int {
    var found = 0
    for slot in UInt32(start)..<UInt32(start + count) {
      guard storage.isVisible(slot, at: version), filter(storage.keys[Int(slot)]) else { continue }
      cvk_prefetch(codes + Int(slot) * storage.space.codeBytes)
      ids[found] = slot
      found += 1
    }
    return found
  }

  /// Keeps the slots in `ids` that pass a filter.
  private func passing(_ count: Int, _ filter: (UInt64) -> Bool) -> Int {
    var passed = 0
    for i in 0..<count where filter(storage.keys[Int(ids[i])]) {
      ids[passed] = ids[i]
      passed += 1
    }
    return passed
  }

  private func all(from start: Int, count: Int) -> Int {
    var found = 0
    for slot in UInt32(start)..<UInt32(start + count) where storage.isVisible(slot, at: version) {
      ids[found] = slot
      found += 1
    }
    return found
  }

  /// Sets `ids` to the live slots of a block whose distance may lie below `bound`.
  private func survivors(from start: Int, count: Int, bound: Float) -> Int {
    assert(count <= room && start + count <= storage.capacity)
    let space = storage.space
    if comparesCodes, cvk_all_equal(storage.states + start, count, SlotState.live) != 0 {
      let unit = space.step(norm: query.scale * storage.center.spread)
      let norm = query.squaredNorm.squareRoot()
      let slack = slackOfUnits()
      let least = -bound - query.centerProduct - slack.constant - 1e-5 * norm
      return space.kernels.codeSelect(
        query.code, codes + start * space.codeBytes, blocks, count, storage.residuals + start,
        slack.slope / unit, query.offset + least / unit, UInt32(start), ids)
    }
    return plausible(all(from: start, count: count), bound: bound)
  }

  /// By how much the inner product with a unit vector may differ from the quantised one: a constant and a part that
  /// grows with the vector's residual.
  ///
  /// With a centre, the part of the query along it meets only what balanced codes leave out there, and the rest of
  /// the query the rest of the residual.
  private func slackOfUnits() -> (constant: Float, slope: Float) {
    guard storage.center.isSet else {
      return (query.residual, query.squaredNorm.squareRoot() + query.residual)
    }
    let step = storage.space.step(norm: storage.center.spread)
    // No code stands for a vector longer than one of extreme levels only.
    let longest = 7.5 * step * Float(storage.space.dimension).squareRoot()
    let rounding = 1e-5 * query.squaredNorm
    return (
      (query.along + rounding).squareRoot() * Space.balanced * step + query.residual * longest,
      (query.across + rounding).squareRoot()
    )
  }

  /// Keeps the slots in `ids` whose distance may lie below `bound`.
  private func plausible(_ live: Int, bound: Float) -> Int {
    assert(live <= room)
    let space = storage.space
    space.kernels.codeRows(query.code, storage.codes, space.blocks, ids, live, dots)
    let isDistance = space.metric == .squaredDistance
    let norm = query.squaredNorm.squareRoot()
    let unit = space.step(norm: storage.center.spread)
    let isCosine = space.metric == .cosine
    let units = slackOfUnits()
    var found = 0
    for i in 0..<live {
      let slot = ids[i]
      let terms = isCosine ? CodeTerms(step: unit, squaredNorm: 1) : storage.terms[Int(slot)]
      let residual = storage.residuals[Int(slot)]
      let length = terms.squaredNorm.squareRoot()
      let product = terms.step * query.scale * (Float(dots[i]) - query.offset) + query.centerProduct
      let slack =
        1e-5 * norm * length
        + (isCosine
          ? units.constant + units.slope * residual
          : norm * residual + query.residual * (length + residual))
      let least =
        isDistance
        ? query.squaredNorm + terms.squaredNorm - 2 * (product + slack) : -(product + slack)
      // Written so that a distance that is not a number survives.
      if !(least > bound) || !Self.isOrdinary(terms.squaredNorm) {
        ids[found] = slot
        found += 1
      }
    }
    return found
  }

  private func measure<C: Collector>(_ count: Int, into collector: inout C) {
    storage.space.distances(query.row, rows: storage.vectors, ids: ids, count: count, into: distances)
    for i in 0..<count where distances[i] <= collector.bound {
      collector.offer(key: storage.keys[Int(ids[i])], distance: distances[i])
    }
  }
}
