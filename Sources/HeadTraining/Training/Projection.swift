internal import COpenBLAS
internal import FaceEvaluation
internal import Foundation
internal import NeuralNetwork

/// The principal components of features, each divided by the root of its deviation: what the first dense layer is
/// trained on, and folded into afterwards, so that the network stays as it was.
///
/// Training in few components is fast and cannot fit the directions in which no two photos differ.
struct Projection {
  let mean: [Float]
  /// inputs × components.
  let matrix: [Float]
  let inputs: Int
  let components: Int

  /// Rows that components are computed from at most: the eigenvectors of their Gram matrix are sought.
  private static let sample = 3_072
  /// Components weaker than this share of the strongest are left out: dividing by them would blow up rounding.
  private static let floor: Float = 1e-6

  /// Finds the strongest components of rows.
  ///
  /// - Throws: ``TrainingError`` with code `badData` when all rows are alike.
  init(_ features: FeatureSet, faces: [Int], components wanted: Int) throws(TrainingError) {
    inputs = features.inputs
    let count = min(faces.count, Self.sample)
    var rows = features.rows((0..<count).map { faces[$0 * faces.count / count] })
    var mean = [Float](repeating: 0, count: inputs)
    for row in 0..<count { for index in 0..<inputs { mean[index] += rows[row * inputs + index] } }
    for index in 0..<inputs { mean[index] /= Float(count) }
    for row in 0..<count { for index in 0..<inputs { rows[row * inputs + index] -= mean[index] } }
    self.mean = mean
    var gram = [Float](repeating: 0, count: count * count)
    Gemm.multiply(rows, rows, into: &gram, rows: count, inner: inputs, columns: count, transposingB: true)
    let values = try Self.eigen(&gram, count)
    let strongest = values.last ?? 0
    guard strongest.isFinite else {
      throw TrainingError(.badData, "Some features are no finite numbers; is the backbone the right file?")
    }
    guard strongest > 0 else {
      throw TrainingError(.badData, "All faces have the same features; is the backbone the right file?")
    }
    let kept = values.indices.reversed().prefix(wanted).filter { values[$0] > Self.floor * strongest }
    components = kept.count
    // A row of `gram` is an eigenvector u with eigenvalue λ: Xᵀu ∕ √λ has unit length, and the deviation along it is
    // √(λ ∕ rows). The fourth root of the variance makes strong directions comparable and keeps weak ones weak.
    let variances = kept.map { values[$0] / Float(count) }
    let largest = variances.first ?? 1
    var chosen = [Float](repeating: 0, count: components * count)
    for (place, vector) in kept.enumerated() {
      let root = values[vector].squareRoot()
      let scale = 1 / (root * (variances[place] * largest).squareRoot().squareRoot())
      for index in 0..<count { chosen[place * count + index] = gram[vector * count + index] * scale }
    }
    var matrix = [Float](repeating: 0, count: inputs * components)
    Gemm.multiply(
      rows, chosen, into: &matrix, rows: inputs, inner: count, columns: components, transposingA: true,
      transposingB: true)
    self.matrix = matrix
  }

  /// Replaces a symmetric matrix by its eigenvectors, a row each, and returns the eigenvalues, rising.
  static func eigen(_ matrix: inout [Float], _ order: Int) throws(TrainingError) -> [Float] {
    var values = [Float](repeating: 0, count: order)
    var size = Int32(order)
    var info: Int32 = 0
    var workSize = Int32(1 + 6 * order + 2 * order * order)
    var integersSize = Int32(3 + 5 * order)
    var work = [Float](repeating: 0, count: Int(workSize))
    var integers = [Int32](repeating: 0, count: Int(integersSize))
    var stride = size
    Gemm.compute {
      ssyevd_("V", "L", &size, &matrix, &stride, &values, &work, &workSize, &integers, &integersSize, &info)
    }
    guard info == 0 else {
      throw TrainingError(
        .diverged, "The features' principal components cannot be found; some are not finite.")
    }
    return values
  }

  /// All pictures' features as components, row by row.
  func callAsFunction(_ features: FeatureSet) -> [Float] {
    let rows = features.values
    var result: [Float] = []
    result.reserveCapacity(rows.count * components)
    for start in stride(from: 0, to: rows.count, by: 256) {
      result += self(rows(start..<min(start + 256, rows.count)))
    }
    return result
  }

  private func callAsFunction(_ rows: [Float]) -> [Float] {
    let count = rows.count / inputs
    var shift = [Float](repeating: 0, count: components)
    Gemm.multiply(mean, matrix, into: &shift, rows: 1, inner: inputs, columns: components)
    var result: [Float] = []
    result.reserveCapacity(count * components)
    for _ in 0..<count { result += shift.map { -$0 } }
    Gemm.multiply(
      rows, matrix, into: &result, rows: count, inner: inputs, columns: components, adding: 1)
    return result
  }

  /// A head on components as the head on features that gives the same embeddings.
  func folded(into head: HeadParameters) -> HeadParameters {
    var shape = head.shape
    let units = shape.units[0]
    shape.inputs = inputs
    var kernel = [Float](repeating: 0, count: inputs * units)
    Gemm.multiply(
      matrix, head.trained[0].values, into: &kernel, rows: inputs, inner: components, columns: units)
    var shift = [Float](repeating: 0, count: units)
    Gemm.multiply(mean, kernel, into: &shift, rows: 1, inner: inputs, columns: units)
    var trained = head.trained
    trained[0] = Tensor(shape: [inputs, units], values: kernel)
    trained[1] = Tensor(zip(head.trained[1].values, shift).map { $0 - $1 })
    return HeadParameters(shape, trained: trained, statistics: head.statistics)
  }
}
