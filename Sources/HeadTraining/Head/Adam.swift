internal import CNeuralKernels
internal import NeuralNetwork

/// Adam as Keras computes it (Kingma and Ba, 2015): ε beside the root of the uncorrected second moment.
public struct Adam: Sendable {
  /// Decay of the first moment.
  public static let beta1: Float = 0.9
  /// Decay of the second moment.
  public static let beta2: Float = 0.999
  /// What keeps the divisor away from zero; Keras' default.
  public static let epsilon: Float = 1e-7

  /// Steps done.
  public internal(set) var steps: Int
  var first: [[Float]]
  var second: [[Float]]
  /// The share of each kernel that a step takes off, times the learning rate (Loshchilov and Hutter, 2019).
  public let weightDecay: Float
  private var learningRate: Float = 0
  private var corrected: Float = 0

  /// An optimiser that has done no step.
  public init(for parameters: HeadParameters, weightDecay: Float = 0) {
    steps = 0
    first = parameters.trained.map { [Float](repeating: 0, count: $0.count) }
    second = first
    self.weightDecay = weightDecay
  }

  /// Changes the weights by the derivatives of the last backward pass.
  public mutating func step(_ trainer: HeadTrainer, learningRate: Float) {
    begin(learningRate: learningRate)
    for place in first.indices {
      let isKernel = trainer.parameters.trained[place].shape.count == 2
      trainer.changeTrained(place) { values in
        trainer.gradients[place].withUnsafeBufferPointer { gradient in
          change(place, isKernel: isKernel, from: 0, gradient, of: values)
        }
      }
    }
  }

  /// Begins a step, whose parts may come in any order.
  mutating func begin(learningRate: Float) {
    steps += 1
    self.learningRate = learningRate
    corrected =
      learningRate * (1 - Self.power(Self.beta2, steps)).squareRoot() / (1 - Self.power(Self.beta1, steps))
  }

  /// Changes the values of a tensor from some element on, by as many derivatives as are given.
  mutating func change(
    _ place: Int, isKernel: Bool, from start: Int, _ gradient: UnsafeBufferPointer<Float>,
    of values: UnsafeMutableBufferPointer<Float>
  ) {
    guard let derivatives = gradient.baseAddress, let weights = values.baseAddress else { return }
    precondition(start + gradient.count <= values.count && values.count == first[place].count)
    var call = fg_adam(
      beta1: Self.beta1, beta2: Self.beta2, epsilon: Self.epsilon, rate: corrected,
      kept: isKernel ? 1 - weightDecay * learningRate : 1)
    first[place].withUnsafeMutableBufferPointer { first in
      second[place].withUnsafeMutableBufferPointer { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return }
        HeadKernels.best.adam(
          &call, gradient.count, derivatives, first + start, second + start, weights + start)
      }
    }
  }

  private static func power(_ base: Float, _ exponent: Int) -> Float {
    var result = 1.0
    var factor = Double(base)
    var rest = exponent
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return Float(result)
  }
}
