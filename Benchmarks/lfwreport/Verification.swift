/// LFW's verification protocol, "image-restricted, no outside data" aside: of each of ten folds, with the
/// threshold that is best on the other nine.
struct Verification {
  let accuracy: Double
  let standardError: Double
  /// Pairs in which a photo has no face; they are answered "different people".
  let pairsWithoutFace: Int

  init(_ dataset: LFWDataset, _ faces: Faces) {
    var missing = 0
    let folds = dataset.folds.map { fold in
      fold.map { pair in
        guard let first = faces.place[pair.first], let second = faces.place[pair.second] else {
          missing += 1
          return (similarity: Float(-1), isSame: pair.isSame)
        }
        return (similarity: faces.similarity(first, second), isSame: pair.isSame)
      }
    }
    let accuracies = folds.indices.map { held in
      let threshold = Self.bestThreshold(folds.indices.filter { $0 != held }.flatMap { folds[$0] })
      return Self.accuracy(folds[held], threshold)
    }
    let mean = accuracies.reduce(0, +) / Double(accuracies.count)
    let variance = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(accuracies.count)
    accuracy = mean
    standardError = (variance / Double(accuracies.count)).squareRoot()
    pairsWithoutFace = missing
  }

  typealias Judged = (similarity: Float, isSame: Bool)

  private static func accuracy(_ pairs: [Judged], _ threshold: Float) -> Double {
    Double(pairs.count { ($0.similarity >= threshold) == $0.isSame }) / Double(pairs.count)
  }

  private static func bestThreshold(_ pairs: [Judged]) -> Float {
    // Going down the similarities, each pair that is passed becomes "same".
    var right = pairs.count { !$0.isSame }
    var best = (right: right, threshold: Float.infinity)
    for pair in pairs.sorted(by: { $0.similarity > $1.similarity }) {
      right += pair.isSame ? 1 : -1
      if right > best.right { best = (right, pair.similarity) }
    }
    return best.threshold
  }
}
