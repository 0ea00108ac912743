internal import NeuralNetwork

/// Forward and backward passes of a head over batches, on OpenBLAS.
///
/// Normalisations use the batch's statistics while training, as Keras does. One batch at a time: it is not `Sendable`.
public final class HeadTrainer {
  /// The weights; an optimiser changes them between passes.
  public var parameters: HeadParameters
  /// The derivatives of the last ``backward(_:)``, in the order of ``HeadParameters/trained``.
  public private(set) var gradients: [[Float]]

  private let shape: HeadShape
  private var passes: [LayerPass] = []
  private var batch = 0

  /// What a hidden layer remembers of a forward pass.
  private struct LayerPass {
    var input: [Float]
    /// After ReLU.
    var activation: [Float] = []
    /// (activation − mean) ∕ √(variance + ε).
    var normalized: [Float] = []
    var inverseDeviation: [Float] = []
    /// 0 or 1 ∕ (1 − rate), or nothing without dropout.
    var mask: [Float] = []
  }

  /// A trainer of these weights.
  public init(_ parameters: HeadParameters) {
    self.parameters = parameters
    shape = parameters.shape
    gradients = parameters.trained.map { [Float](repeating: 0, count: $0.count) }
  }

  /// Embeddings of a batch while training: statistics of the batch, dropout, moving statistics updated.
  ///
  /// - Parameters:
  ///   - features: Rows of ``HeadShape/inputs`` values.
  ///   - masks: For each hidden layer what its values are multiplied by; see ``dropoutMasks(batch:using:)``.
  /// - Returns: Rows of ``HeadShape/dimension`` values.
  public func forward(_ features: [Float], masks: [[Float]]) -> [Float] {
    precondition(features.count.isMultiple(of: shape.inputs) && masks.count == shape.hiddenLayers)
    batch = features.count / shape.inputs
    passes = []
    var current = features
    for layer in shape.units.indices {
      var pass = LayerPass(input: current)
      current = dense(layer, current, batch)
      if layer < shape.hiddenLayers {
        for index in current.indices where current[index] < 0 { current[index] = 0 }
        pass.activation = current
        pass.mask = masks[layer]
        current = normalizeBatch(layer, &pass)
        if !pass.mask.isEmpty { for index in current.indices { current[index] *= pass.mask[index] } }
      }
      passes.append(pass)
    }
    return current
  }

  /// Embeddings by the moving statistics, without dropout, as at inference.
  public func embed(_ features: [Float]) -> [Float] {
    let rows = features.count / shape.inputs
    var current = features
    for layer in shape.units.indices {
      current = dense(layer, current, rows)
      guard layer < shape.hiddenLayers else { continue }
      let gamma = parameters.trained[layer * 4 + 2].values
      let beta = parameters.trained[layer * 4 + 3].values
      let mean = parameters.statistics[layer * 2].values
      let scale = zip(gamma, parameters.statistics[layer * 2 + 1].values).map {
        $0 / ($1 + HeadParameters.epsilon).squareRoot()
      }
      let units = shape.units[layer]
      for row in 0..<rows {
        for unit in 0..<units {
          let value = max(current[row * units + unit], 0)
          current[row * units + unit] = (value - mean[unit]) * scale[unit] + beta[unit]
        }
      }
    }
    return current
  }

  /// Random masks for a batch; an empty one where a layer has no dropout.
  public func dropoutMasks(batch: Int, using generator: inout some RandomNumberGenerator) -> [[Float]] {
    (0..<shape.hiddenLayers).map { layer in
      let rate = shape.dropout[layer]
      guard rate > 0 else { return [] }
      let kept = 1 / (1 - rate)
      let bound = UInt32(Double(rate) * 4_294_967_296)
      var mask = [Float](repeating: 0, count: batch * shape.units[layer])
      var bits: UInt64 = 0
      for index in mask.indices {
        // One draw of 64 bits makes two decisions.
        bits = index.isMultiple(of: 2) ? generator.next() : bits >> 32
        mask[index] = UInt32(truncatingIfNeeded: bits) < bound ? 0 : kept
      }
      return mask
    }
  }

  /// Derivatives of the loss by every weight, from those by the embeddings of the last ``forward(_:masks:)``.
  public func backward(_ embeddingGradient: [Float]) {
    precondition(embeddingGradient.count == batch * shape.dimension, "a gradient for every embedding")
    var gradient = embeddingGradient
    for layer in shape.units.indices.reversed() {
      if layer < shape.hiddenLayers { gradient = throughHidden(layer, gradient) }
      let (inputs, units) = (shape.inputs(of: layer), shape.units[layer])
      Gemm.multiply(
        passes[layer].input, gradient, into: &gradients[layer * 4], rows: inputs, inner: batch,
        columns: units,
        transposingA: true)
      var sums = [Float](repeating: 0, count: units)
      for row in 0..<batch { for unit in 0..<units { sums[unit] += gradient[row * units + unit] } }
      gradients[layer * 4 + 1] = sums
      guard layer > 0 else { break }
      var next = [Float](repeating: 0, count: batch * inputs)
      Gemm.multiply(
        gradient, parameters.trained[layer * 4].values, into: &next, rows: batch, inner: units,
        columns: inputs, transposingB: true)
      gradient = next
    }
  }

  /// Takes a trained tensor's values out, leaving nothing behind, so that changing them copies nothing.
  func takeTrained(_ place: Int) -> [Float] {
    let values = parameters.trained[place].values
    parameters.trained[place] = Tensor([])
    return values
  }

  /// Puts a trained tensor back.
  func putTrained(_ place: Int, _ tensor: Tensor) { parameters.trained[place] = tensor }

  private func dense(_ layer: Int, _ input: [Float], _ rows: Int) -> [Float] {
    let units = shape.units[layer]
    let bias = parameters.trained[layer * 4 + 1].values
    var result: [Float] = []
    result.reserveCapacity(rows * units)
    for _ in 0..<rows { result += bias }
    Gemm.multiply(
      input, parameters.trained[layer * 4].values, into: &result, rows: rows, inner: shape.inputs(of: layer),
      columns: units, adding: 1)
    return result
  }

  private func normalizeBatch(_ layer: Int, _ pass: inout LayerPass) -> [Float] {
    let units = shape.units[layer]
    let count = Float(batch)
    var mean = [Float](repeating: 0, count: units)
    var variance = mean
    for row in 0..<batch { for unit in 0..<units { mean[unit] += pass.activation[row * units + unit] } }
    for unit in 0..<units { mean[unit] /= count }
    for row in 0..<batch {
      for unit in 0..<units {
        let difference = pass.activation[row * units + unit] - mean[unit]
        variance[unit] += difference * difference
      }
    }
    for unit in 0..<units { variance[unit] /= count }
    pass.inverseDeviation = variance.map { 1 / ($0 + HeadParameters.epsilon).squareRoot() }
    let gamma = parameters.trained[layer * 4 + 2].values
    let beta = parameters.trained[layer * 4 + 3].values
    var normalized = pass.activation
    var result = pass.activation
    for row in 0..<batch {
      for unit in 0..<units {
        let index = row * units + unit
        normalized[index] = (pass.activation[index] - mean[unit]) * pass.inverseDeviation[unit]
        result[index] = normalized[index] * gamma[unit] + beta[unit]
      }
    }
    pass.normalized = normalized
    let momentum = HeadParameters.momentum
    func moved(_ old: Tensor, _ new: [Float]) -> Tensor {
      Tensor(zip(old.values, new).map { $0 * momentum + $1 * (1 - momentum) })
    }
    parameters.statistics[layer * 2] = moved(parameters.statistics[layer * 2], mean)
    parameters.statistics[layer * 2 + 1] = moved(parameters.statistics[layer * 2 + 1], variance)
    return result
  }

  /// Back through dropout, batch normalisation (Ioffe and Szegedy, 2015) and ReLU.
  private func throughHidden(_ layer: Int, _ incoming: [Float]) -> [Float] {
    let units = shape.units[layer]
    let pass = passes[layer]
    var gradient = incoming
    if !pass.mask.isEmpty { for index in gradient.indices { gradient[index] *= pass.mask[index] } }
    var betaSum = [Float](repeating: 0, count: units)
    var gammaSum = betaSum
    for row in 0..<batch {
      for unit in 0..<units {
        let index = row * units + unit
        betaSum[unit] += gradient[index]
        gammaSum[unit] += gradient[index] * pass.normalized[index]
      }
    }
    gradients[layer * 4 + 2] = gammaSum
    gradients[layer * 4 + 3] = betaSum
    let gamma = parameters.trained[layer * 4 + 2].values
    let count = Float(batch)
    for row in 0..<batch {
      for unit in 0..<units {
        let index = row * units + unit
        let centred =
          gradient[index] - betaSum[unit] / count - pass.normalized[index] * gammaSum[unit] / count
        gradient[index] = pass.activation[index] > 0 ? centred * gamma[unit] * pass.inverseDeviation[unit] : 0
      }
    }
    return gradient
  }
}
