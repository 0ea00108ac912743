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

  /// An optimiser that has done no step.
  public init(for parameters: HeadParameters, weightDecay: Float = 0) {
    steps = 0
    first = parameters.trained.map { [Float](repeating: 0, count: $0.count) }
    second = first
    self.weightDecay = weightDecay
  }

  /// Changes the weights by the derivatives of the last backward pass.
  public mutating func step(_ trainer: HeadTrainer, learningRate: Float) {
    steps += 1
    let corrected =
      learningRate * (1 - Self.power(Self.beta2, steps)).squareRoot() / (1 - Self.power(Self.beta1, steps))
    for place in first.indices {
      let shape = trainer.parameters.trained[place].shape
      // The copy is taken out first, so that the weights are changed in place.
      var values = trainer.takeTrained(place)
      let kept = shape.count == 2 ? 1 - weightDecay * learningRate : 1
      trainer.gradients[place].withUnsafeBufferPointer { gradient in
        first[place].withUnsafeMutableBufferPointer { first in
          second[place].withUnsafeMutableBufferPointer { second in
            values.withUnsafeMutableBufferPointer { values in
              for index in values.indices {
                let g = gradient[index]
                let m = first[index] + (g - first[index]) * (1 - Self.beta1)
                let v = second[index] + (g * g - second[index]) * (1 - Self.beta2)
                first[index] = m
                second[index] = v
                values[index] = values[index] * kept - corrected * m / (v.squareRoot() + Self.epsilon)
              }
            }
          }
        }
      }
      trainer.putTrained(place, Tensor(shape: shape, values: values))
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
