internal import FaceEngine
internal import Foundation

/// What similarities say in a gallery, fitted to questions whose answer is known: the conditional logit of McFadden (1974), in which the
/// choices are the people of the gallery, each with the odds e^(slope · similarity + offset) / N, and somebody else with 1.
///
/// One photo in two hundred may show somebody else, or nothing of the person: who is so little like themselves would otherwise make the
/// curve flatter for all.
///
/// Fitted to identification rather than to pairs, because it is the best of many similarities that is shown, and people are not equally
/// easy to mistake: the pairs of a few make up much of the tail of all pairs.
enum EvidenceFit {
  /// The curves of people who are judged by 1, 2, … 5 faces, as far as there are enough; none where a greater similarity does not say more.
  static func curves(_ people: [[Int]], _ set: FaceSet) -> [OperatingPoint.Evidence] {
    var curves: [OperatingPoint.Evidence] = []
    for faces in 1...5 {
      let most = GalleryTrials.largest(people, faces: faces)
      let trials = (([10, 100, 1_000].filter { $0 < most }) + [most]).compactMap {
        GalleryTrials(people: $0, faces: faces, judged: people, set, seed: UInt64(faces))
      }
      guard let curve = curve(trials) else { break }
      curves.append(curve)
    }
    return curves
  }

  /// The curve of greatest likelihood, by Newton's method with shorter steps where need be; galleries of each size count equally.
  static func curve(_ galleries: [GalleryTrials]) -> OperatingPoint.Evidence? {
    guard !galleries.isEmpty else { return nil }
    let own = galleries.flatMap { $0.trials.compactMap { $0.own.map(Double.init) } }
    let foreign = galleries.flatMap { $0.trials.filter { $0.own == nil }.map { Double($0.best[0]) } }
    let centre = (mean(own) + mean(foreign)) / 2
    let gap = mean(own) - mean(foreign)
    guard gap > 1e-6 else { return nil }
    // In units of the gap, slopes of all engines are alike.
    var point = (offset: 0.0, slope: 1.0)
    var here = Likelihood(galleries, point, centre: centre, gap: gap)
    for _ in 0..<100 {
      let determinant = here.oo * here.ss - here.so * here.so
      guard determinant > 0 else { break }
      let step = (
        offset: (here.ss * here.offset - here.so * here.slope) / determinant,
        slope: (here.oo * here.slope - here.so * here.offset) / determinant
      )
      var length = 1.0
      var next = here
      repeat {
        let there = (point.offset + length * step.offset, point.slope + length * step.slope)
        next = Likelihood(galleries, there, centre: centre, gap: gap)
        length /= 2
      } while next.value < here.value && length > 1e-6
      guard next.value >= here.value else { break }
      point.offset += 2 * length * step.offset
      point.slope += 2 * length * step.slope
      here = next
      if max(abs(step.offset), abs(step.slope)) < 1e-7 { break }
    }
    let slope = point.slope / gap
    let curve = OperatingPoint.Evidence(slope: slope, offset: point.offset - slope * centre)
    return slope.isFinite && slope > 0 && curve.offset.isFinite ? curve : nil
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }

  /// The logarithm of the likelihood at a point, its gradient, and with the opposite sign its curvature but for the lapses, which only
  /// make it less: steps by it are none too long.
  private struct Likelihood {
    var value = 0.0
    var (offset, slope) = (0.0, 0.0)
    var (oo, so, ss) = (1e-12, 0.0, 1e-12)

    /// The share of photos of a person that are as good as a stranger's.
    private static let lapses = 0.005

    /// Questions that are told apart without an error have no finite optimum: so little keeps the curve from becoming a step.
    private static let restraint = 1e-5

    init(_ galleries: [GalleryTrials], _ point: (offset: Double, slope: Double), centre: Double, gap: Double)
    {
      for gallery in galleries {
        let prior = -log(Double(gallery.people))
        let weights = gallery.weights
        for trial in gallery.trials {
          let weight = trial.own == nil ? weights.stranger : weights.known
          var places = trial.best.map { (Double($0) - centre) / gap }
          let own = trial.own.map { (Double($0) - centre) / gap }
          if let own, !trial.isListed { places.append(own) }
          let odds = places.map { point.offset + point.slope * $0 + prior }
          let most = max(odds.max() ?? 0, 0)
          var (total, first, second) = (exp(-most), 0.0, 0.0)
          for (odds, place) in zip(odds, places) {
            let share = exp(odds - most)
            total += share
            first += share * place
            second += share * place * place
          }
          // Of the choices that are people: their probability, and the moments of their similarities.
          let nobody = exp(-most) / total
          let (people, expected, square) = (1 - nobody, first / total, second / total)
          if let own {
            let right = (1 - Self.lapses) * exp(point.offset + point.slope * own + prior - most) / total
            let either = max(right + Self.lapses * nobody, .leastNormalMagnitude)
            value += weight * log(either)
            offset += weight * right / either
            slope += weight * own * right / either
          } else {
            value -= weight * (most + log(total))
          }
          offset -= weight * people
          slope -= weight * expected
          oo += weight * people * (1 - people)
          so += weight * expected * (1 - people)
          ss += weight * (square - expected * expected)
        }
      }
      value -= Self.restraint * point.slope * point.slope / 2
      slope -= Self.restraint * point.slope
      ss += Self.restraint
    }
  }
}
