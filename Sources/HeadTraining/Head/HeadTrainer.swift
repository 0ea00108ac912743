internal import FaceEvaluation
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
  /// Derivatives of a few rows of a kernel.
  private var block: [Float] = []

  /// What a layer remembers of a forward pass.
  private struct LayerPass {
    var input: [Float]
    var hidden: HiddenPass?
  }

  /// Derivatives that are computed and used before they leave the cache.
  private static let blockValues = 1 << 16

  /// A trainer of these weights.
  public init(_ parameters: HeadParameters) {
    self.parameters = parameters
    shape = parameters.shape
    gradients = parameters.trained.map { _ in [] }
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
        let hidden = HiddenPass(
          current, gamma: parameters.trained[layer * 4 + 2].values,
          beta: parameters.trained[layer * 4 + 3].values, mask: masks[layer])
        move(layer, hidden)
        current = hidden.output
        pass.hidden = hidden
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
      return [Float](unsafeUninitializedCapacity: batch * shape.units[layer]) { mask, count in
        count = batch * shape.units[layer]
        var bits: UInt64 = 0
        for index in 0..<count {
          // One draw of 64 bits makes two decisions.
          bits = index & 1 == 0 ? generator.next() : bits >> 32
          mask[index] = UInt32(truncatingIfNeeded: bits) < bound ? 0 : kept
        }
      }
    }
  }

  /// Derivatives of the loss by every weight, from those by the embeddings of the last ``forward(_:masks:)``.
  public func backward(_ embeddingGradient: [Float]) {
    walkBack(embeddingGradient) { layer, gradient in
      let (inputs, units) = (shape.inputs(of: layer), shape.units[layer])
      if gradients[layer * 4].count != inputs * units {
        gradients[layer * 4] = [Float](repeating: 0, count: inputs * units)
      }
      Gemm.multiply(
        passes[layer].input, gradient, into: &gradients[layer * 4], rows: inputs, inner: batch,
        columns: units, transposingA: true)
      gradients[layer * 4 + 1] = HiddenPass.columnSums(gradient, columns: units)
    }
  }

  /// A backward pass and an optimiser's step in one: the derivatives of a kernel are made a few rows at a time and
  /// used at once, so that they never go to memory. The weights end as after ``backward(_:)`` and ``Adam/step(_:learningRate:)``.
  func backward(_ embeddingGradient: [Float], stepping adam: inout Adam, learningRate: Float) {
    adam.begin(learningRate: learningRate)
    walkBack(embeddingGradient) { layer, gradient in
      let (inputs, units) = (shape.inputs(of: layer), shape.units[layer])
      let rows = max(Self.blockValues / units, 1)
      if block.count < rows * units { block = [Float](repeating: 0, count: rows * units) }
      let (batch, input) = (batch, passes[layer].input)
      changeTrained(layer * 4) { kernel in
        block.withUnsafeMutableBufferPointer { block in
          guard let derivatives = block.baseAddress else { return }
          input.withUnsafeBufferPointer { input in
            guard let input = input.baseAddress else { return }
            for start in stride(from: 0, to: inputs, by: rows) {
              let count = min(rows, inputs - start)
              Gemm.multiply(
                at: input + start, gradient, into: derivatives, rows: count, inner: batch, columns: units,
                transposingA: true, strideA: inputs)
              adam.change(
                layer * 4, isKernel: true, from: start * units,
                UnsafeBufferPointer(start: derivatives, count: count * units), of: kernel)
            }
          }
        }
      }
      gradients[layer * 4 + 1] = HiddenPass.columnSums(gradient, columns: units)
      let vectors = layer < shape.hiddenLayers ? layer * 4 + 1...layer * 4 + 3 : layer * 4 + 1...layer * 4 + 1
      for place in vectors {
        changeTrained(place) { values in
          gradients[place].withUnsafeBufferPointer {
            adam.change(place, isKernel: false, from: 0, $0, of: values)
          }
        }
      }
    }
  }

  /// Goes through the layers from the last to the first. `use` gets the derivatives by a dense layer's outputs; those by
  /// its inputs, and by the normalisation's scale and shift, are computed before.
  private func walkBack(_ embeddingGradient: [Float], use: (_ layer: Int, _ gradient: [Float]) -> Void) {
    precondition(embeddingGradient.count == batch * shape.dimension, "a gradient for every embedding")
    var gradient = embeddingGradient
    for layer in shape.units.indices.reversed() {
      if let hidden = passes[layer].hidden {
        let through = hidden.backward(gradient, gamma: parameters.trained[layer * 4 + 2].values)
        gradients[layer * 4 + 2] = through.gamma
        gradients[layer * 4 + 3] = through.beta
        gradient = through.input
      }
      let (inputs, units) = (shape.inputs(of: layer), shape.units[layer])
      var next: [Float] = []
      if layer > 0 {
        next = [Float](repeating: 0, count: batch * inputs)
        Gemm.multiply(
          gradient, parameters.trained[layer * 4].values, into: &next, rows: batch, inner: units,
          columns: inputs, transposingB: true)
      }
      use(layer, gradient)
      gradient = next
    }
  }

  /// Lets a trained tensor's values be changed in place.
  func changeTrained(_ place: Int, _ change: (UnsafeMutableBufferPointer<Float>) -> Void) {
    let shape = parameters.trained[place].shape
    var values = parameters.trained[place].values
    // Nothing else may hold the values while they change, or they would be copied.
    parameters.trained[place] = Tensor([])
    values.withUnsafeMutableBufferPointer { change($0) }
    parameters.trained[place] = Tensor(shape: shape, values: values)
  }

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

  /// Moves the statistics of inference towards the batch's.
  private func move(_ layer: Int, _ pass: HiddenPass) {
    let momentum = HeadParameters.momentum
    for (place, new) in [(layer * 2, pass.mean), (layer * 2 + 1, pass.variance)] {
      parameters.statistics[place] = Tensor(
        zip(parameters.statistics[place].values, new).map { $0 * momentum + $1 * (1 - momentum) })
    }
  }
}
