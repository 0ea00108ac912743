import COpenBLAS
import Dispatch

/// The true nearest neighbours of queries, and the test whether an answer is one of them.
///
/// Computed by matrix products, apart from the index under test. An answer counts when its true score reaches
/// that of the `k`-th neighbour, so that any of several equally near vectors is right.
public struct ExactTruth: Sendable {
  /// The nearest ids of each query, best first.
  public let ids: [[Int]]
  /// Neighbours a query.
  public let k: Int
  private let base: VectorSet
  private let queries: VectorSet
  private let score: Score
  /// By base row: 1 / length for cosine, squared length for l2.
  private let norms: [Float]

  /// Scans the base for every query, on all cores.
  ///
  /// - Complexity: O(*n* · *q* · *d*).
  public init(base: VectorSet, queries: VectorSet, score: Score, k: Int) {
    let norms = Self.norms(of: base, score)
    let k = min(k, base.count)
    let block = 32
    let blocks = (queries.count + block - 1) / block
    let ids = [[Int]](unsafeUninitializedCapacity: queries.count) { buffer, count in
      buffer.initialize(repeating: [])
      nonisolated(unsafe) let results = buffer
      DispatchQueue.concurrentPerform(iterations: blocks) { index in
        let rows = index * block..<min(queries.count, (index + 1) * block)
        for (row, nearest) in zip(rows, Self.nearest(rows, base, queries, norms, score, k)) {
          results[row] = nearest
        }
      }
      count = queries.count
    }
    self.init(ids: ids, k: k, base: base, queries: queries, score: score, norms: norms)
  }

  /// Takes neighbours from elsewhere, such as a file.
  ///
  /// - Throws: ``InputError`` when there are fewer rows than queries, or fewer ids a row than `k`, or an id
  ///   outside the base.
  public init(ids: [[Int]], base: VectorSet, queries: VectorSet, score: Score, k: Int) throws(InputError) {
    guard ids.count >= queries.count else {
      throw InputError(
        "The truth has \(ids.count) rows for \(queries.count) queries: leave it out or correct it.")
    }
    for (row, neighbors) in ids.prefix(queries.count).enumerated() {
      guard neighbors.count >= k, neighbors.prefix(k).allSatisfy({ (0..<base.count).contains($0) }) else {
        throw InputError(
          "Row \(row) of the truth has fewer than \(k) ids from 0 to \(base.count - 1): is it of this base?")
      }
    }
    self.init(
      ids: ids.prefix(queries.count).map { Array($0.prefix(k)) }, k: k, base: base, queries: queries,
      score: score, norms: Self.norms(of: base, score))
  }

  private init(ids: [[Int]], k: Int, base: VectorSet, queries: VectorSet, score: Score, norms: [Float]) {
    self.ids = ids
    self.k = k
    self.base = base
    self.queries = queries
    self.score = score
    self.norms = norms
  }

  /// The share of the `k` nearest found, over the answers to the first `answers.count` queries.
  ///
  /// - Parameter at: how many neighbours count; `nil` for all `k`.
  public func recall(of answers: [[Int]], at: Int? = nil) -> Double {
    let k = min(at ?? k, k)
    guard !answers.isEmpty, k > 0 else { return 0 }
    var hits = 0
    for (query, answer) in answers.enumerated() {
      let truth = ids[query].prefix(k)
      let found = Set(answer.prefix(k))
      let named = found.intersection(truth)
      hits += named.count
      // Only ids that the truth does not name can be ties.
      guard named.count < k, let last = truth.last else { continue }
      let bar = goodness(query, last)
      let slack = max(abs(bar), 1) * 2e-6
      let ties = found.subtracting(named).filter {
        (0..<base.count).contains($0) && goodness(query, $0) >= bar - slack
      }
      hits += min(ties.count, k - named.count)
    }
    return Double(hits) / Double(answers.count * k)
  }

  /// Greater is closer, whatever the score.
  private func goodness(_ query: Int, _ row: Int) -> Float {
    let d = base.dimension
    var dot: Float = 0
    for axis in 0..<d { dot += queries.values[query * d + axis] * base.values[row * d + axis] }
    return Self.goodness(dot, norms, row, score)
  }

  private static func goodness(_ dot: Float, _ norms: [Float], _ row: Int, _ score: Score) -> Float {
    switch score {
    case .ip: dot
    case .cosine: dot * norms[row]
    case .l2: 2 * dot - norms[row]
    }
  }

  private static func norms(of base: VectorSet, _ score: Score) -> [Float] {
    guard score != .ip else { return [] }
    let d = base.dimension
    return base.values.withUnsafeBufferPointer { values in
      (0..<base.count).map { row in
        var square: Float = 0
        for axis in row * d..<(row + 1) * d { square += values[axis] * values[axis] }
        return score == .l2 ? square : 1 / max(square.squareRoot(), .leastNormalMagnitude)
      }
    }
  }

  private static func nearest(
    _ rows: Range<Int>, _ base: VectorSet, _ queries: VectorSet, _ norms: [Float], _ score: Score, _ k: Int
  ) -> [[Int]] {
    let d = base.dimension
    let step = 4096
    var best = rows.map { _ in NearestList(k) }
    var dots = [Float](repeating: 0, count: rows.count * step)
    for first in stride(from: 0, to: base.count, by: step) {
      let count = min(step, base.count - first)
      queries.values.withUnsafeBufferPointer { q in
        base.values.withUnsafeBufferPointer { b in
          cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows.count), Int32(count), Int32(d), 1,
            q.baseAddress.map { $0 + rows.lowerBound * d }, Int32(d), b.baseAddress.map { $0 + first * d },
            Int32(d), 0, &dots, Int32(step))
        }
      }
      dots.withUnsafeBufferPointer { dots in
        for index in 0..<rows.count {
          for column in 0..<count {
            let value = goodness(dots[index * step + column], norms, first + column, score)
            if value > best[index].bar { best[index].insert(value, first + column) }
          }
        }
      }
    }
    return best.map(\.ids)
  }
}

/// The best `k` of a stream, in order.
private struct NearestList {
  private let k: Int
  private var entries: [(score: Float, id: Int)] = []
  private(set) var bar = -Float.infinity

  init(_ k: Int) {
    self.k = k
    entries.reserveCapacity(k + 1)
  }

  var ids: [Int] { entries.map(\.id) }

  mutating func insert(_ score: Float, _ id: Int) {
    let place = entries.firstIndex { $0.score < score } ?? entries.count
    entries.insert((score, id), at: place)
    if entries.count > k { entries.removeLast() }
    if entries.count == k, let last = entries.last { bar = last.score }
  }
}
