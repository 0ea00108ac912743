internal import Synchronization

extension HNSWIndex {
  /// Finds the `k` nearest neighbours of a query, or all there are if fewer.
  ///
  /// - Parameters:
  ///   - query: `dimension` finite floats of any length; for ``Metric/cosine``, not all zero.
  ///   - k: How many neighbours, or groups with ``SearchOptions/groupBy``.
  ///   - options: Who answers, filter, groups, effort.
  /// - Complexity: O(log n) expected by the graph, O(n) by the exact scan.
  /// - Throws: ``IndexError/wrongDimension(expected:actual:)``, ``IndexError/notFinite(component:)``,
  ///   ``IndexError/zeroVector``, ``IndexError/invalidParameter(name:value:allowed:)``, and
  ///   ``IndexError/damaged(path:part:)`` once damage of an opened snapshot is known.
  public func search(
    _ query: [Float], k: Int, options: SearchOptions = .init()
  ) throws(IndexError) -> SearchResult {
    guard query.count == configuration.dimension else {
      throw .wrongDimension(expected: configuration.dimension, actual: query.count)
    }
    return try query.withUnsafeBufferPointer { (row) throws(IndexError) in
      guard let row = row.baseAddress else { return SearchResult(neighbors: [], plan: .exactAsSmall) }
      return try search(row, k: k, options: options)
    }
  }

  /// Searches for many queries, row after row, on up to `threads` threads. Exact scans share their passes over
  /// the index, sixteen queries each.
  ///
  /// - Returns: One result a row, in order.
  /// - Complexity: That of a search for each row.
  /// - Throws: What a single search throws, for the first row that is refused.
  public func search(
    batch queries: [Float], k: Int, options: SearchOptions = .init(), threads: Int = 1
  ) throws(IndexError) -> [SearchResult] {
    try queries.withUnsafeBufferPointer { (rows) throws(IndexError) in
      try search(batch: rows, k: k, options: options, threads: threads)
    }
  }

  /// Searches for many queries, row after row, from memory of the caller's; otherwise like the method that takes an array.
  ///
  /// - Complexity: That of a search for each row.
  public func search(
    batch queries: UnsafeBufferPointer<Float>, k: Int, options: SearchOptions = .init(), threads: Int = 1
  ) throws(IndexError) -> [SearchResult] {
    let dimension = configuration.dimension
    guard queries.count.isMultiple(of: dimension) else {
      throw .invalidParameter(
        name: "batch.count", value: "\(queries.count)", allowed: "a multiple of the dimension, \(dimension)")
    }
    try Self.check(threads: threads)
    let rows = queries.count / dimension
    let threads = min(threads, max(1, rows))
    let results = Results(count: rows)
    guard let base = queries.baseAddress else { return [] }
    let start = SendablePointer(base)
    if options.plan == .exact && options.groupBy == nil && k >= 0 {
      // No more queries share a pass than leaves every thread one.
      let share = max(1, min(Self.scannedTogether, (rows + threads - 1) / threads))
      Parallel.chunks(rows, of: share, threads: threads) { _, range in
        let first = range.lowerBound
        results.set(range) { () throws(IndexError) in
          try self.scan(start.p + first * dimension, count: range.count, k: k, options: options)
        }
      }
      return try results.get()
    }
    Parallel.chunks(rows, of: 4, threads: threads) { _, range in
      for i in range {
        results.set(i) { () throws(IndexError) in
          try self.search(start.p + i * dimension, k: k, options: options)
        }
      }
    }
    return try results.get()
  }

  /// Finds every vector at least as similar (``Metric/squaredDistance``: at most as distant) as `score`.
  ///
  /// - Complexity: As ``search(_:k:options:)``, with k the number of answers.
  /// - Throws: What ``search(_:k:options:)`` throws.
  public func range(
    _ query: [Float], score: Float, options: SearchOptions = .init()
  ) throws(IndexError) -> SearchResult {
    var options = options
    options.minimumScore = score
    return try search(query, k: max(1, slotCount.load(ordering: .acquiring)), options: options)
  }

  func search(
    _ query: UnsafePointer<Float>, k: Int, options: SearchOptions
  ) throws(IndexError) -> SearchResult {
    try options.validate(k: k)
    if options.recall != nil { try tuneIfStale(k: k, options) }
    try snapshot?.throwIfDamaged()
    let result = try readers.read { (context) throws(IndexError) in
      context.readsCodes = !isRecoding.load(ordering: .sequentiallyConsistent)
      try context.query.set(query, codes: context.readsCodes)
      // The entry point is published after the slots, so every slot it leads to is below the limit.
      let entry = entry
      context.begin(limit: slotCount.load(ordering: .acquiring))
      if let absence = options.absence { context.absence = absence }
      return answer(context, entry: entry, k: k, options: options)
    }
    counters.count(result.plan)
    return result
  }

  /// Answers of a parallel batch; unchecked sendable since each place is written by one thread, and read after all.
  private final class Results: @unchecked Sendable {
    private let slots: UnsafeMutablePointer<Result<SearchResult, IndexError>?>
    private let count: Int

    init(count: Int) {
      self.count = count
      slots = .allocate(capacity: count)
      slots.initialize(repeating: nil, count: count)
    }

    deinit {
      slots.deinitialize(count: count)
      slots.deallocate()
    }

    func set(_ i: Int, _ body: () throws(IndexError) -> SearchResult) {
      do throws(IndexError) { slots[i] = .success(try body()) } catch { slots[i] = .failure(error) }
    }

    func set(_ range: Range<Int>, _ body: () throws(IndexError) -> [SearchResult]) {
      do throws(IndexError) {
        for (i, result) in zip(range, try body()) { slots[i] = .success(result) }
      } catch {
        slots[range.lowerBound] = .failure(error)
      }
    }

    func get() throws(IndexError) -> [SearchResult] {
      var all: [SearchResult] = []
      for i in 0..<count {
        switch slots[i] {
        case .success(let result): all.append(result)
        case .failure(let error): throw error
        case nil: break
        }
      }
      return all
    }
  }
}
