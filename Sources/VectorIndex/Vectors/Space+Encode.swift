/// What a code leaves out of its vector.
struct CodeTerms {
  /// Width of the quantisation steps.
  var step: Float
  /// Squared length of the vector.
  var squaredNorm: Float
}

extension Space {
  /// Refuses what cannot be compared and otherwise returns the squared length.
  func validate(_ vector: UnsafePointer<Float>) throws(IndexError) -> Double {
    let sum = kernels.squaredNorm(vector, dimension)
    guard sum < Double(Float.greatestFiniteMagnitude) else {
      let component = (0..<dimension).first { !vector[$0].isFinite }
      throw .notFinite(component: component ?? 0)
    }
    guard sum > 0 || metric != .cosine else { throw .zeroVector }
    return sum
  }

  /// Copies a valid vector to a zeroed row, scaled to unit length for cosine.
  func store(_ vector: UnsafePointer<Float>, squaredNorm: Double, to row: UnsafeMutablePointer<Float>) {
    // A vector that is a unit vector up to rounding keeps its bits, so that storing is idempotent.
    let scale = metric == .cosine && abs(squaredNorm - 1) > 1e-6 ? 1 / squaredNorm.squareRoot() : 1
    for i in 0..<dimension { row[i] = Float(Double(vector[i]) * scale) }
  }

  /// Writes the 4-bit code of a row and returns the length of what it leaves out.
  func encode(
    _ row: UnsafePointer<Float>, squaredNorm: Float, scratch: UnsafeMutablePointer<Float>,
    to code: UnsafeMutablePointer<UInt8>
  ) -> (step: Float, residual: Float) {
    scratch.update(from: row, count: dimension)
    rotation.apply(scratch, kernels)
    let step = step(norm: squaredNorm.squareRoot())
    code.update(repeating: 0, count: codeBytes)
    guard step > 0 else { return (0, 0) }
    var error: Float = 0
    for i in 0..<dimension {
      let level = max(0, min(15, (scratch[i] / step + 7.5).rounded()))
      let delta = scratch[i] - step * (level - 7.5)
      error += delta * delta
      let j = i % 128
      code[i / 128 * 64 + j % 64] |= UInt8(level) << (j < 64 ? 0 : 4)
    }
    return (step, error.squareRoot())
  }
}
