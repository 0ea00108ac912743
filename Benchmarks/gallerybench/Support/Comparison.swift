import BenchmarkKit
import Console

/// Contenders on one set: a sweep of efforts each, then alternating rounds at equal recall.
struct Comparison: Encodable {
  /// A contender's sweep.
  struct Entry: Encodable {
    let name: String
    let curve: RecallCurve
    /// By target, the rate in the middle of the rounds.
    let rates: [String: Double]
  }

  /// Our rate over a peer's at a recall.
  struct Ratio: Encodable {
    let peer: String
    let recall: Double
    let median: Double
    let least: Double
    let greatest: Double
  }

  let entries: [Entry]
  let ratios: [Ratio]

  /// Runs the comparison; the first contender is the one that the others are compared with.
  ///
  /// Every contender answers the same `count` queries at each level. In every round all contenders take their
  /// turns at a target, one after another, so that a change of the machine's pace meets all of them.
  init(
    _ contenders: [any Contender], truth: ExactTruth, count: Int, targets: [Double], rounds: Int,
    efforts: [Int]
  ) throws {
    var curves: [RecallCurve] = []
    for contender in contenders {
      Terminal.note("sweeping \(contender.name)\n")
      curves.append(
        try Comparison.sweep(
          contender, truth: truth, count: count, until: targets.max() ?? 1, efforts: efforts))
    }
    var rates = Array(repeating: [Double: [Double]](), count: contenders.count)
    for round in 1...rounds where !targets.isEmpty {
      Terminal.note("round \(round) of \(rounds)\n")
      for target in targets {
        for (index, contender) in contenders.enumerated() {
          guard let rate = try Comparison.rate(contender, curves[index], target, k: truth.k, count: count)
          else {
            continue
          }
          rates[index][target, default: []].append(rate)
        }
      }
    }
    entries = contenders.indices.map { index in
      let middle = rates[index].map { (String($0.key), Sample($0.value).median) }
      return Entry(
        name: contenders[index].name, curve: curves[index],
        rates: Dictionary(uniqueKeysWithValues: middle))
    }
    ratios = contenders.indices.dropFirst().flatMap { index in
      targets.compactMap { target in
        guard let ours = rates[0][target], let theirs = rates[index][target] else { return nil }
        let sample = Sample(zip(ours, theirs).map { $0 / $1 })
        return Ratio(
          peer: contenders[index].name, recall: target, median: sample.median, least: sample.quantile(0),
          greatest: sample.quantile(1))
      }
    }
  }

  /// Efforts from `k` up, each about a quarter more.
  static func efforts(from k: Int, to most: Int) -> [Int] {
    var efforts = [k]
    while let last = efforts.last, last < most { efforts.append(max(last + 2, last * 5 / 4)) }
    return efforts
  }

  private static func sweep(
    _ contender: any Contender, truth: ExactTruth, count: Int, until target: Double, efforts: [Int]
  ) throws -> RecallCurve {
    var levels: [RecallCurve.Level] = []
    for effort in efforts {
      let (ids, _) = try contender.answers(effort: effort, k: truth.k, count: count)
      let seconds = try contender.seconds(effort: effort, k: truth.k, count: count)
      let recall = truth.recall(of: ids)
      levels.append(.init(effort: effort, recall: recall, rate: Double(count) / max(seconds, 1e-9)))
      // A third of the misses left at the last target draws the curve a little beyond it.
      if recall >= 1 - (1 - target) / 3 { break }
    }
    return RecallCurve(levels)
  }

  /// The rate at a target now, by measuring the two levels about it again.
  private static func rate(
    _ contender: any Contender, _ curve: RecallCurve, _ target: Double, k: Int, count: Int
  ) throws -> Double? {
    guard let (below, above) = curve.bracket(target) else { return nil }
    var levels: [RecallCurve.Level] = []
    for var level in below == above ? [above] : [below, above] {
      level.rate = Double(count) / max(try contender.seconds(effort: level.effort, k: k, count: count), 1e-9)
      levels.append(level)
    }
    return RecallCurve(levels).rate(at: target)
  }
}
