internal import CNeuralKernels

/// A batch on its way through ReLU, batch normalisation (Ioffe and Szegedy, 2015) and dropout, with what the way back
/// needs.
struct HiddenPass {
  /// What the next layer takes.
  private(set) var output: [Float]
  /// The batch's mean of each unit, after ReLU.
  private(set) var mean: [Float]
  /// The batch's variance of each unit.
  private(set) var variance: [Float]

  private let batch: fg_batch
  private let source: [Float]
  /// (activation − mean) ∕ √(variance + ε).
  private var normalized: [Float]
  private var inverseDeviation: [Float]
  private let mask: [Float]

  /// The derivatives of a batch.
  struct Gradients {
    var input, gamma, beta: [Float]
  }

  /// Takes a batch through.
  ///
  /// - Parameters:
  ///   - values: A dense layer's outputs, row by row.
  ///   - mask: What the outputs are multiplied by: 0 or 1 ∕ (1 − rate); nothing without dropout.
  init(_ values: [Float], gamma: [Float], beta: [Float], mask: [Float]) {
    let units = gamma.count
    precondition(beta.count == units && values.count.isMultiple(of: units))
    precondition(mask.isEmpty || mask.count == values.count, "a mask is of the batch's size")
    batch = fg_batch(
      rows: Int32(values.count / units), units: Int32(units), epsilon: HeadParameters.epsilon)
    source = values
    self.mask = mask
    let zeros = [Float](repeating: 0, count: units)
    (mean, variance, inverseDeviation) = (zeros, zeros, zeros)
    normalized = values
    output = values
    var batch = batch
    HeadKernels.best.batchForward(
      &batch, values, gamma, beta, mask.isEmpty ? nil : mask, &mean, &variance, &inverseDeviation,
      &normalized,
      &output)
  }

  /// Derivatives by the inputs and by the normalisation's scale and shift, from those by the outputs.
  func backward(_ gradient: [Float], gamma: [Float]) -> Gradients {
    precondition(gradient.count == source.count && gamma.count == mean.count)
    var result = Gradients(input: gradient, gamma: gamma, beta: gamma)
    var batch = batch
    HeadKernels.best.batchBackward(
      &batch, source, gamma, mask.isEmpty ? nil : mask, inverseDeviation, normalized, &result.input,
      &result.gamma, &result.beta)
    return result
  }

  /// The sum of each column of rows.
  static func columnSums(_ rows: [Float], columns: Int) -> [Float] {
    var batch = fg_batch(rows: Int32(rows.count / columns), units: Int32(columns), epsilon: 0)
    var sums = [Float](repeating: 0, count: columns)
    HeadKernels.best.columnSums(&batch, rows, &sums)
    return sums
  }
}
