import Foundation

/// The logistic curve that turns a similarity into the probability of the same person, when same and different
/// are equally likely beforehand: the maximum-likelihood fit to both distributions at equal weight.
struct Calibration {
  let slope: Double
  let offset: Double

  init(genuine: SimilarityHistogram, impostors: SimilarityHistogram) {
    var points: [(x: Double, same: Double, different: Double)] = []
    // Centred at 0.9, where the two distributions meet, Newton's method is well conditioned.
    for bin in 0..<SimilarityHistogram.bins where genuine.counts[bin] + impostors.counts[bin] > 0 {
      points.append(
        (
          SimilarityHistogram.similarity(of: bin) - 0.9, Double(genuine.counts[bin]) / Double(genuine.total),
          Double(impostors.counts[bin]) / Double(impostors.total)
        ))
    }
    var slope = 30.0
    var offset = 0.0
    for _ in 0..<100 {
      var gradient = (slope: 0.0, offset: 0.0)
      var hessian = (ss: 0.0, so: 0.0, oo: 0.0)
      for point in points {
        let p = 1 / (1 + exp(-(slope * point.x + offset)))
        let error = point.same * (1 - p) - point.different * p
        let weight = (point.same + point.different) * p * (1 - p)
        gradient.slope += error * point.x
        gradient.offset += error
        hessian.ss += weight * point.x * point.x
        hessian.so += weight * point.x
        hessian.oo += weight
      }
      let determinant = hessian.ss * hessian.oo - hessian.so * hessian.so
      let slopeStep = (hessian.oo * gradient.slope - hessian.so * gradient.offset) / determinant
      let offsetStep = (hessian.ss * gradient.offset - hessian.so * gradient.slope) / determinant
      slope += slopeStep
      offset += offsetStep
      if abs(slopeStep) < 1e-9 && abs(offsetStep) < 1e-9 { break }
    }
    self.slope = slope
    self.offset = offset - 0.9 * slope
  }
}
