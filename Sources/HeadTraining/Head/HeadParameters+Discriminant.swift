internal import NeuralNetwork

extension HeadParameters {
  /// Makes the head give the strongest directions of a discriminant as embeddings, for every input so near to the mean
  /// that no ReLU of theirs cuts it off.
  ///
  /// The first units of each hidden layer hand a direction on, raised above zero so that it passes ReLU, which
  /// normalisation takes back. The remaining units stay as they are, but nothing listens to them yet.
  mutating func begin(as discriminant: Discriminant) {
    precondition(discriminant.inputs == shape.inputs, "the discriminant is of what the head takes")
    var carried = discriminant.directions
    for layer in shape.units.indices {
      let (inputs, units) = (shape.inputs(of: layer), shape.units[layer])
      let isLast = layer == shape.hiddenLayers
      let before = carried
      carried = min(carried, units)
      var kernel = trained[layer * 4].values
      if layer > 0 {
        for row in before..<inputs { for unit in 0..<units { kernel[row * units + unit] = 0 } }
        for row in 0..<before { for unit in 0..<carried { kernel[row * units + unit] = 0 } }
      }
      for unit in 0..<carried {
        let ratio = discriminant.ratios[unit]
        if layer == 0 {
          for row in 0..<inputs {
            kernel[row * units + unit] =
              discriminant.matrix[row * discriminant.directions + unit]
              / (1 + ratio).squareRoot()
          }
        } else {
          // A direction counts by the share of people in its variance, as in a probabilistic discriminant (Ioffe, 2006).
          kernel[unit * units + unit] = isLast ? ratio.squareRoot() : 1
        }
      }
      trained[layer * 4] = Tensor(shape: [inputs, units], values: kernel)
      guard !isLast else { break }
      var (bias, mean) = (trained[layer * 4 + 1].values, statistics[layer * 2].values)
      for unit in 0..<carried { (bias[unit], mean[unit]) = (Self.raise, Self.raise) }
      trained[layer * 4 + 1] = Tensor(bias)
      statistics[layer * 2] = Tensor(mean)
    }
  }

  /// Deviations that a direction is raised by before ReLU.
  private static let raise: Float = 4
}
