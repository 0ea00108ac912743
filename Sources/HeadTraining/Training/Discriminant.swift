internal import FaceEvaluation
internal import NeuralNetwork

/// The directions that tell people apart best beside how much the photos of one person differ: linear discriminant
/// analysis (Fisher, 1936; Belhumeur, Hespanha and Kriegman, 1997).
///
/// A head begins as these directions rather than at random, which triplets then improve: photos of a few thousand
/// people are too few for triplets to find them from nothing.
struct Discriminant {
  /// Inputs × directions, the strongest first, at unit deviation within a person.
  let matrix: [Float]
  let inputs: Int
  let directions: Int
  /// The variance of people's means in each direction.
  let ratios: [Float]

  /// Finds the strongest directions.
  ///
  /// - Parameters:
  ///   - rows: Rows of centred values.
  ///   - people: The person of each row; those with one row say nothing of what differs within a person.
  ///   - wanted: Directions at most.
  ///   - shrinkage: The share of an even covariance in the one within people: a few photos overrate the directions in
  ///     which they happen to differ least.
  /// - Throws: ``TrainingError`` with code `diverged` when some values are not finite.
  init(_ rows: [Float], people: [Int], directions wanted: Int, shrinkage: Float) throws(TrainingError) {
    let count = people.count
    let inputs = rows.count / max(count, 1)
    self.inputs = inputs
    var (within, between) = Self.scatter(rows, people, inputs)
    let mean = (0..<inputs).reduce(0) { $0 + within[$1 * inputs + $1] } / Float(max(inputs, 1))
    for index in within.indices { within[index] *= 1 - shrinkage }
    for index in 0..<inputs { within[index * inputs + index] += shrinkage * mean }
    let directions = min(wanted, inputs)
    self.directions = directions
    // The within-person covariance W = U Λ Uᵀ, so that R = U Λ^(−1/2) makes it the identity.
    var vectors = within
    let spreads = try Projection.eigen(&vectors, inputs)
    let least = max(spreads.last ?? 0, 0) * Self.floor
    guard least > 0, least.isFinite else {
      throw TrainingError(.badData, "All photos of a person have the same features; are they copies?")
    }
    var whitening = [Float](repeating: 0, count: inputs * inputs)
    for row in 0..<inputs {
      let scale = 1 / max(spreads[row], least).squareRoot()
      for column in 0..<inputs { whitening[column * inputs + row] = vectors[row * inputs + column] * scale }
    }
    var half = [Float](repeating: 0, count: inputs * inputs)
    Gemm.multiply(between, whitening, into: &half, rows: inputs, inner: inputs, columns: inputs)
    var whitened = half
    Gemm.multiply(
      whitening, half, into: &whitened, rows: inputs, inner: inputs, columns: inputs, transposingA: true)
    let values = try Projection.eigen(&whitened, inputs)
    // Eigenvalues rise, so the last rows are the strongest directions.
    var strongest = [Float](repeating: 0, count: inputs * directions)
    var ratios: [Float] = []
    for place in 0..<directions {
      let row = inputs - 1 - place
      ratios.append(max(values[row], 0))
      for index in 0..<inputs { strongest[index * directions + place] = whitened[row * inputs + index] }
    }
    self.ratios = ratios
    var matrix = [Float](repeating: 0, count: inputs * directions)
    Gemm.multiply(whitening, strongest, into: &matrix, rows: inputs, inner: inputs, columns: directions)
    self.matrix = matrix
  }

  /// Directions in which a person's photos differ less than this share of the most are taken as differing so much.
  private static let floor: Float = 1e-5

  /// The covariance within people, and that of their means.
  private static func scatter(_ rows: [Float], _ people: [Int], _ inputs: Int) -> (
    within: [Float], between: [Float]
  ) {
    var places: [Int: Int] = [:]
    for person in people where places[person] == nil { places[person] = places.count }
    var means = [Float](repeating: 0, count: places.count * inputs)
    var counts = [Float](repeating: 0, count: places.count)
    let groups = people.map { places[$0] ?? 0 }
    for (row, group) in groups.enumerated() {
      counts[group] += 1
      for index in 0..<inputs { means[group * inputs + index] += rows[row * inputs + index] }
    }
    for group in counts.indices {
      for index in 0..<inputs { means[group * inputs + index] /= counts[group] }
    }
    var differences = rows
    for (row, group) in groups.enumerated() {
      for index in 0..<inputs { differences[row * inputs + index] -= means[group * inputs + index] }
    }
    func covariance(_ rows: [Float], _ count: Int, over freedom: Int) -> [Float] {
      var result = [Float](repeating: 0, count: inputs * inputs)
      Gemm.multiply(
        rows, rows, into: &result, rows: inputs, inner: count, columns: inputs, transposingA: true)
      let scale = 1 / Float(max(freedom, 1))
      for index in result.indices { result[index] *= scale }
      return result
    }
    let within = covariance(differences, people.count, over: people.count - counts.count)
    var centre = [Float](repeating: 0, count: inputs)
    for group in counts.indices { for index in 0..<inputs { centre[index] += means[group * inputs + index] } }
    for group in counts.indices {
      for index in 0..<inputs { means[group * inputs + index] -= centre[index] / Float(counts.count) }
    }
    return (within, covariance(means, counts.count, over: counts.count))
  }
}
