import BenchmarkKit
import VectorIndex

/// An index that takes part in a comparison.
protocol Contender {
  var name: String { get }

  /// The ids found for the first `count` queries and the CPU seconds that took.
  func answers(effort: Int, k: Int, count: Int) throws -> (ids: [[Int]], seconds: Double)

  /// The CPU seconds for the first `count` queries.
  func seconds(effort: Int, k: Int, count: Int) throws -> Double
}

extension PeerWorker: Contender {
  func answers(effort: Int, k: Int, count: Int) throws -> (ids: [[Int]], seconds: Double) {
    let (ids, timing): ([[Int]], Timing) = try answers(effort: effort, k: k, count: count)
    return (ids, timing.cpu)
  }

  func seconds(effort: Int, k: Int, count: Int) throws -> Double {
    try search(effort: effort, k: k, count: count).cpu
  }
}
