import Foundation
import Testing

@testable import BenchmarkKit

@Suite("Measures")
struct MeasureTests {
  @Test("quantiles lie between neighbours")
  func quantiles() {
    let sample = Sample([4, 1, 3, 2])
    #expect(sample.median == 2.5 && sample.mean == 2.5)
    #expect(sample.quantile(0) == 1 && sample.quantile(1) == 4)
    #expect(abs(sample.quantile(0.25) - 1.75) < 1e-12)
    #expect(abs(sample.spread - 0.6) < 1e-12)
    #expect(Sample([]).median == 0 && Sample([]).spread == 0 && Sample([7]).quantile(0.99) == 7)
  }

  @Test("a rate is interpolated on logarithmic axes")
  func interpolation() throws {
    let curve = RecallCurve([
      .init(effort: 40, recall: 0.99, rate: 1000), .init(effort: 10, recall: 0.9, rate: 10_000),
    ])
    #expect(curve.rate(at: 0.9) == 10_000)
    #expect(abs(try #require(curve.rate(at: 0.99)) - 1000) < 1e-6)
    // Half way between misses of 0.1 and 0.01 on a logarithmic axis.
    let middle = try #require(curve.rate(at: 1 - 0.1 / 10.0.squareRoot()))
    #expect(abs(middle - 1000 * 10.0.squareRoot()) < 1e-6)
  }

  @Test("a recall below the first level has its rate; one above the last has none")
  func ends() {
    let curve = RecallCurve([
      .init(effort: 10, recall: 0.9, rate: 500), .init(effort: 20, recall: 0.95, rate: 300),
    ])
    #expect(curve.rate(at: 0.5) == 500)
    #expect(curve.rate(at: 0.96) == nil)
    #expect(RecallCurve([]).rate(at: 0.5) == nil)
    #expect(curve.greatestRecall == 0.95)
  }

  @Test("recall that does not rise, or is perfect, is no trouble")
  func plateaus() {
    let flat = RecallCurve([
      .init(effort: 10, recall: 0.9, rate: 500), .init(effort: 20, recall: 0.9, rate: 300),
      .init(effort: 30, recall: 1, rate: 200),
    ])
    #expect(flat.rate(at: 0.9) == 500)
    #expect(abs((flat.rate(at: 1) ?? 0) - 200) < 1e-6)
  }

  @Test("the truth is what a plain scan finds", arguments: Score.allCases)
  func truth(score: Score) throws {
    var random = SeededRandom(seed: 5)
    let draw = { (random: inout SeededRandom, count: Int) in
      VectorSet(dimension: 7, values: (0..<count * 7).map { _ in random.normal() })
    }
    let base = draw(&random, 9000)
    let queries = draw(&random, 40)
    let truth = ExactTruth(base: base, queries: queries, score: score, k: 5)
    for (row, query) in queries.rows.enumerated() {
      let scores = base.rows.map { vector -> Float in
        let dot = zip(query, vector).reduce(0) { $0 + $1.0 * $1.1 }
        let square = vector.reduce(0) { $0 + $1 * $1 }
        switch score {
        case .ip: return dot
        case .cosine: return dot / square.squareRoot()
        case .l2: return -zip(query, vector).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
      }
      let expected = scores.indices.sorted { scores[$0] > scores[$1] }.prefix(5)
      #expect(truth.ids[row] == Array(expected))
    }
    #expect(truth.recall(of: truth.ids) == 1)
    #expect(truth.recall(of: truth.ids.map { Array($0.reversed()) }) == 1)
  }

  @Test("recall counts hits, not repeats or nonsense")
  func recall() {
    let base = VectorSet(dimension: 1, values: [0, 1, 2, 3, 4, 5])
    let truth = ExactTruth(base: base, queries: VectorSet(dimension: 1, values: [0]), score: .l2, k: 3)
    #expect(truth.ids == [[0, 1, 2]])
    #expect(truth.recall(of: [[0, 1, 5]]) == 2.0 / 3)
    #expect(truth.recall(of: [[0, 0, 0]]) == 1.0 / 3)
    #expect(truth.recall(of: [[-1, 99, 4]]) == 0)
    #expect(truth.recall(of: [[]]) == 0)
    #expect(truth.recall(of: [[0, 4, 5]], at: 1) == 1)
  }

  @Test("any of several equally near vectors is right")
  func ties() {
    let base = VectorSet(dimension: 1, values: [1, 1, 1, 1, 9])
    let truth = ExactTruth(base: base, queries: VectorSet(dimension: 1, values: [1]), score: .l2, k: 2)
    #expect(truth.recall(of: [[3, 2]]) == 1)
    #expect(truth.recall(of: [[3, 4]]) == 0.5)
  }

  @Test("a truth of other data is refused")
  func foreignTruth() {
    let base = VectorSet(dimension: 1, values: [0, 1, 2])
    let queries = VectorSet(dimension: 1, values: [0, 1])
    for ids in [[[0, 1]], [[0, 1], [2]], [[0, 1], [2, 3]], [[0, 1], [2, -1]]] {
      #expect(throws: InputError.self) {
        try ExactTruth(ids: ids, base: base, queries: queries, score: .ip, k: 2)
      }
    }
  }
}
