internal import Glibc

extension TensorOperation {
  /// `base` to the power of `exponent`, by multiplication and root where that is exact.
  static func power(_ base: Float, _ exponent: Float) -> Float {
    if exponent == 2 { return base * base }
    if exponent == 0.5 { return base.squareRoot() }
    return powf(base, exponent)
  }
}

extension TensorOperation.Context {
  /// Two operands with extents of 1 repeated.
  func elementwise(_ apply: @escaping (Float, Float) -> Float) throws(NetworkError) -> PreparedOperation {
    let (first, second) = (try extents(0), try extents(1))
    let extents = try repeated(first, second)
    let (a, b) = (steps(first, over: extents), steps(second, over: extents))
    let count = try count(extents)
    let length = extents.last ?? 1
    let (stepA, stepB) = (a.last ?? 0, b.last ?? 0)
    return PreparedOperation(extents: extents) { inputs, to in
      guard let x = inputs[0], let y = inputs[1], count > 0 else { return }
      var place = Counter(extents.dropLast(), [Array(a.dropLast()), Array(b.dropLast())])
      for row in 0..<count / length {
        let (fromX, fromY, out) = (x + place.offsets[0], y + place.offsets[1], to + row * length)
        for index in 0..<length { out[index] = apply(fromX[index * stepA], fromY[index * stepB]) }
        place.advance()
      }
    }
  }

  /// Other types of numbers: `whole` ones towards zero, of `count` different ones from `least` on those that have the same
  /// lowest bits, `truth` values 1 for all that is not zero.
  func converted() throws(NetworkError) -> PreparedOperation {
    let extents = try extents(0)
    let count = try count(extents)
    let isWhole = operation.integer("whole", default: 0) != 0
    let isTruth = operation.integer("truth", default: 0) != 0
    let (least, size) = (operation.integer("least", default: 0), operation.integer("count", default: 0))
    let (low, range) = (Float(least), Float(size))
    return PreparedOperation(extents: extents) { inputs, to in
      guard let from = inputs[0] else { return }
      for index in 0..<count {
        var value = from[index]
        if isTruth { value = value == 0 ? 0 : 1 } else if isWhole { value.round(.towardZero) }
        if range > 0 { value -= ((value - low) / range).rounded(.down) * range }
        to[index] = value
      }
    }
  }

  /// Whole numbers for real ones.
  func quantized() throws(NetworkError) -> PreparedOperation {
    let (least, most) = (operation.integer("least", default: 0), operation.integer("most", default: 255))
    let (low, high) = (Float(least), Float(most))
    return try rescaled { value, scale, zero in
      min(max((value / scale).rounded(.toNearestOrEven) + zero, low), high)
    }
  }

  /// Real numbers for whole ones.
  func dequantized() throws(NetworkError) -> PreparedOperation {
    try rescaled { value, scale, zero in (value - zero) * scale }
  }

  /// A function of a number, its scale and its zero point.
  @inline(__always)
  private func rescaled(
    _ apply: @escaping (_ value: Float, _ scale: Float, _ zero: Float) -> Float
  ) throws(NetworkError) -> PreparedOperation {
    let extents = try extents(0)
    let count = try count(extents)
    guard operands.count == 3, let scales = operands[1]?.reals, let zeros = operands[2]?.reals,
      scales.count == zeros.count, !scales.isEmpty
    else { throw fault("lacks its scales, or the zero points for them") }
    var length = max(count, 1)
    if scales.count > 1 {
      let axis = try axis(operation.integer("axis", default: 1), rank: extents.count)
      guard extents[axis] == scales.count else {
        throw fault("has \(scales.count) scales for \(extents[axis]) places")
      }
      length = max(extents[(axis + 1)...].reduce(1, *), 1)
    }
    return PreparedOperation(extents: extents) { inputs, to in
      guard let from = inputs[0] else { return }
      for start in stride(from: 0, to: count, by: length) {
        let place = start / length % scales.count
        let (scale, zero) = (scales[place], zeros[place])
        for index in start..<start + length { to[index] = apply(from[index], scale, zero) }
      }
    }
  }

  /// The extents of two operands together.
  func repeated(_ first: [Int], _ second: [Int]) throws(NetworkError) -> [Int] {
    let rank = max(first.count, second.count)
    var result: [Int] = []
    for axis in 0..<rank {
      let a = axis < rank - first.count ? 1 : first[axis - rank + first.count]
      let b = axis < rank - second.count ? 1 : second[axis - rank + second.count]
      guard a == b || a == 1 || b == 1 else {
        throw fault(
          "is given \(ActivationShape.tensor(first)) and \(ActivationShape.tensor(second)), which do not go together"
        )
      }
      result.append(a == 1 ? b : a)
    }
    return result
  }

  /// How far one step along each axis of `extents` goes in an operand of fewer axes, or with extents of 1.
  func steps(_ own: [Int], over extents: [Int]) -> [Int] {
    let strides = Self.strides(own)
    return extents.indices.map { axis in
      let mine = axis - extents.count + own.count
      return mine < 0 || own[mine] == 1 ? 0 : strides[mine]
    }
  }

  /// Row-major strides; extents were counted before.
  static func strides(_ extents: [Int]) -> [Int] {
    var result = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() { result[axis] = result[axis + 1] * extents[axis + 1] }
    return result
  }
}

/// Counts through extents in row-major order, and keeps where each of several arrays is meanwhile.
struct Counter {
  private let extents: [Int]
  private let strides: [[Int]]
  private var places: [Int]
  private(set) var offsets: [Int]

  init(_ extents: some Sequence<Int>, _ strides: [[Int]]) {
    self.extents = Array(extents)
    self.strides = strides
    places = [Int](repeating: 0, count: self.extents.count)
    offsets = [Int](repeating: 0, count: strides.count)
  }

  mutating func advance() {
    for axis in extents.indices.reversed() {
      places[axis] += 1
      for array in strides.indices { offsets[array] += strides[array][axis] }
      if places[axis] < extents[axis] { return }
      for array in strides.indices { offsets[array] -= strides[array][axis] * extents[axis] }
      places[axis] = 0
    }
  }
}
