/// A batch normalisation with its moving statistics (Ioffe and Szegedy, 2015): γ · (x − μ) ∕ √(σ² + ε) + β.
public struct BatchNormalization: Sendable, Hashable {
  /// The learned factor, γ, a channel.
  public var gamma: [Float]
  /// The learned offset, β, a channel.
  public var beta: [Float]
  /// The moving mean, μ, a channel.
  public var mean: [Float]
  /// The moving variance, σ², a channel.
  public var variance: [Float]
  /// What keeps the root away from zero.
  public var epsilon: Float

  /// Makes a normalisation; every array has one value a channel.
  public init(gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float) {
    precondition(
      Set([gamma.count, beta.count, mean.count, variance.count]).count == 1,
      "a batch normalisation's parameters have one value a channel each")
    self.gamma = gamma
    self.beta = beta
    self.mean = mean
    self.variance = variance
    self.epsilon = epsilon
  }

  /// Makes x · scale + shift, as dlib's `affine` layer computes it.
  public init(scale: [Float], shift: [Float]) {
    let zeros = [Float](repeating: 0, count: scale.count)
    self.init(
      gamma: scale, beta: shift, mean: zeros, variance: zeros.map { $0 + 1 }, epsilon: 0)
  }

  /// The number of channels.
  public var channels: Int { gamma.count }

  /// The factor a channel, all in one.
  var scale: [Float] {
    zip(gamma, variance).map { Float(Double($0) / (Double($1) + Double(epsilon)).squareRoot()) }
  }

  /// The offset a channel, all in one.
  var shift: [Float] {
    gamma.indices.map {
      Float(
        Double(beta[$0]) - Double(mean[$0]) * Double(gamma[$0])
          / (Double(variance[$0]) + Double(epsilon)).squareRoot())
    }
  }
}
