import BenchmarkKit
import VectorIndex

/// Compares answers of a changing index with the truth about what never changed.
struct AnswerCheck {
  private let truth: ExactTruth
  private let data: DataSource
  private var due = 0
  private var found = 0
  /// Answers whose score is not that of the vector they name.
  private(set) var wrong = 0

  init(truth: ExactTruth, data: DataSource) {
    self.truth = truth
    self.data = data
  }

  /// The share found of the old neighbours that no nearer new one displaced.
  var recall: Double { due == 0 ? 0 : Double(found) / Double(due) }

  /// Checks the answers to the first queries, in order.
  mutating func add(_ answers: [SearchResult]) {
    for (query, answer) in answers.enumerated() {
      let worst = answer.neighbors.last?.score ?? -1
      let keys = Set(answer.neighbors.map(\.key))
      for id in truth.ids[query] where cosine(query, id) > worst + 1e-6 || keys.contains(UInt64(id)) {
        due += 1
        found += keys.contains(UInt64(id)) ? 1 : 0
      }
      for neighbor in answer.neighbors where neighbor.key < UInt64(data.base.count) {
        if abs(neighbor.score - cosine(query, Int(neighbor.key))) > 1e-5 { wrong += 1 }
      }
    }
  }

  private func cosine(_ query: Int, _ row: Int) -> Float {
    let d = data.base.dimension
    var dot: Float = 0
    for axis in 0..<d { dot += data.queries.values[query * d + axis] * data.base.values[row * d + axis] }
    return dot
  }
}
