internal import Glibc

/// A function of every value of an activation by itself.
public enum Activation: Sendable, Hashable {
  /// x where it is positive, else x · slope; a slope a channel, or one for all.
  case prelu(slopes: [Float])
  /// x, not below `low` nor above `high`.
  case clip(low: Float, high: Float)
  /// 1 ∕ (1 + e⁻ˣ).
  case sigmoid
  /// alpha · x + beta, between 0 and 1.
  case hardSigmoid(alpha: Float, beta: Float)
  /// x · (x ∕ 6 + 0.5, between 0 and 1).
  case hardSwish
  /// The hyperbolic tangent.
  case tanh
  /// eˣ.
  case exponential
  /// The natural logarithm.
  case logarithm
  /// The root.
  case squareRoot
  /// −x.
  case negative
  /// |x|.
  case absolute
  /// 1 ∕ x.
  case reciprocal
  /// The greatest whole number that is not above x.
  case floor
  /// The smallest whole number that is not below x.
  case ceiling
  /// The error function.
  case errorFunction
  /// x where it is positive, else alpha · (eˣ − 1).
  case elu(alpha: Float)
  /// log(1 + eˣ).
  case softplus

  /// The name of the function in messages.
  var kind: String {
    switch self {
    case .prelu(let slopes): slopes.count == 1 ? "leaky ReLU" : "PReLU"
    case .clip: "clip"
    case .sigmoid: "sigmoid"
    case .hardSigmoid: "hard sigmoid"
    case .hardSwish: "hard swish"
    case .tanh: "tanh"
    case .exponential: "exponential"
    case .logarithm: "logarithm"
    case .squareRoot: "square root"
    case .negative: "negative"
    case .absolute: "absolute"
    case .reciprocal: "reciprocal"
    case .floor: "floor"
    case .ceiling: "ceiling"
    case .errorFunction: "error function"
    case .elu: "ELU"
    case .softplus: "softplus"
    }
  }

  /// Applies the function to numbers in place; `channel` is the one that all of them belong to.
  func apply(to values: UnsafeMutableBufferPointer<Float>, channel: Int = 0) {
    switch self {
    case .prelu(let slopes):
      let slope = slopes.count == 1 ? slopes[0] : slopes[channel]
      for index in values.indices where values[index] < 0 { values[index] *= slope }
    case .clip(let low, let high):
      for index in values.indices { values[index] = Swift.min(Swift.max(values[index], low), high) }
    case .sigmoid: for index in values.indices { values[index] = 1 / (1 + expf(-values[index])) }
    case .hardSigmoid(let alpha, let beta):
      for index in values.indices { values[index] = Swift.min(Swift.max(alpha * values[index] + beta, 0), 1) }
    case .hardSwish:
      for index in values.indices {
        values[index] *= Swift.min(Swift.max(values[index] / 6 + 0.5, 0), 1)
      }
    case .tanh: for index in values.indices { values[index] = tanhf(values[index]) }
    case .exponential: for index in values.indices { values[index] = expf(values[index]) }
    case .logarithm: for index in values.indices { values[index] = logf(values[index]) }
    case .squareRoot: for index in values.indices { values[index] = values[index].squareRoot() }
    case .negative: for index in values.indices { values[index] = -values[index] }
    case .absolute: for index in values.indices { values[index] = Swift.abs(values[index]) }
    case .reciprocal: for index in values.indices { values[index] = 1 / values[index] }
    case .floor: for index in values.indices { values[index] = values[index].rounded(.down) }
    case .ceiling: for index in values.indices { values[index] = values[index].rounded(.up) }
    case .errorFunction: for index in values.indices { values[index] = erff(values[index]) }
    case .elu(let alpha):
      for index in values.indices where values[index] < 0 { values[index] = alpha * expm1f(values[index]) }
    case .softplus:
      for index in values.indices {
        values[index] = log1pf(expf(-Swift.abs(values[index]))) + Swift.max(values[index], 0)
      }
    }
  }
}
