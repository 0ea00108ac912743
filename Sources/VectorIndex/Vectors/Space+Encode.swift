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
    guard sum.isFinite else {
      throw .notFinite(component: (0..<dimension).first { !vector[$0].isFinite } ?? 0)
    }
    guard metric != .cosine else {
      guard sum > 0 else { throw .zeroVector }
      return sum
    }
    // Two of this length are no farther apart than float32 can say.
    guard sum < Double(Float.greatestFiniteMagnitude) / 4 else { throw .lengthOutOfRange(sum.squareRoot()) }
    return sum
  }

  /// Copies a valid vector to a zeroed row, scaled to unit length for cosine.
  func store(_ vector: UnsafePointer<Float>, squaredNorm: Double, to row: UnsafeMutablePointer<Float>) {
    // A vector that is a unit vector up to rounding keeps its bits, so that storing is idempotent.
    let scale = metric == .cosine && abs(squaredNorm - 1) > 1e-6 ? 1 / squaredNorm.squareRoot() : 1
    for i in 0..<dimension { row[i] = Float(Double(vector[i]) * scale) }
  }

  /// What a balanced code leaves out along the centre's direction is at most this, in steps.
  static let balanced: Float = 0.15

  /// Writes the 4-bit code of a row, relative to a centre if one is set, and returns the length of what it leaves
  /// out; infinity for a code that could not be balanced, which bounds then spare from being skipped.
  func encode(
    _ row: UnsafePointer<Float>, squaredNorm: Float, center: Center, scratch: UnsafeMutablePointer<Float>,
    to code: UnsafeMutablePointer<UInt8>
  ) -> (step: Float, residual: Float) {
    scratch.update(from: row, count: dimension)
    let isCentered = center.isSet
    if isCentered { for i in 0..<dimension { scratch[i] -= center.values[i] } }
    rotation.apply(scratch, kernels)
    let step = step(norm: isCentered ? center.spread : squaredNorm.squareRoot())
    code.update(repeating: 0, count: codeBytes)
    guard step > 0 else { return (0, 0) }
    // Components become what their levels leave out, in steps.
    for i in 0..<dimension {
      let position = scratch[i] / step + 7.5
      let level = max(0, min(15, position.rounded()))
      scratch[i] = position - level
      code[Self.place(i).byte] |= UInt8(level) << Self.place(i).shift
    }
    let left = isCentered ? balance(code, left: scratch, along: center.direction) : 0
    guard abs(left) <= Self.balanced else { return (step, .infinity) }
    var error: Float = 0
    for i in 0..<dimension { error += scratch[i] * scratch[i] }
    return (step, step * error.squareRoot())
  }

  /// Moves levels whose components lie between two until hardly anything is left out along a direction, and
  /// returns what still is.
  ///
  /// Queries have most of their length along the centre: an error there would weigh more than all others.
  private func balance(
    _ code: UnsafeMutablePointer<UInt8>, left: UnsafeMutablePointer<Float>, along: UnsafePointer<Float>
  ) -> Float {
    var sum: Float = 0
    for i in 0..<dimension { sum += left[i] * along[i] }
    // What a move adds to the squared error, in squared steps: the cheapest are made first.
    for cost: Float in [0.25, 0.5, 1] {
      for i in 0..<dimension {
        guard abs(sum) > 0.03 else { return sum }
        let isUp = sum * along[i] > 0
        let move: Float = isUp ? 1 : -1
        guard 1 - 2 * move * left[i] <= cost, abs(along[i]) < 2 * abs(sum) else { continue }
        let (byte, shift) = Self.place(i)
        let level = code[byte] >> shift & 15
        guard level != (isUp ? 15 : 0) else { continue }
        code[byte] = isUp ? code[byte] + 1 << shift : code[byte] - 1 << shift
        left[i] -= move
        sum -= move * along[i]
      }
    }
    return sum
  }

  /// Where a dimension's level lies in a code.
  private static func place(_ i: Int) -> (byte: Int, shift: UInt8) {
    let j = i % 128
    return (i / 128 * 64 + j % 64, j < 64 ? 0 : 4)
  }
}
