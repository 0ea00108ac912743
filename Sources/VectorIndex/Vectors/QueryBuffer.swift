/// A query in the forms that kernels read: the padded row and its rotated int8 code.
final class QueryBuffer {
  let row: UnsafeMutablePointer<Float>
  private let rotated: UnsafeMutablePointer<Float>
  let code: UnsafeMutablePointer<Int8>
  private(set) var squaredNorm: Float = 0
  /// Value of one unit of the int8 code.
  private(set) var scale: Float = 0
  /// 7.5 times the sum of the code: what centring the 4-bit levels takes off every integer product.
  private(set) var offset: Float = 0
  /// Length of what the int8 code leaves out of the query.
  private(set) var residual: Float = 0
  private let space: Space

  init(_ space: Space) {
    self.space = space
    row = .aligned(count: space.stride)
    rotated = .aligned(count: space.stride)
    code = .aligned(count: max(64, space.blocks * 128))
  }

  deinit {
    row.deallocate()
    rotated.deallocate()
    code.deallocate()
  }

  /// Takes a query from a caller.
  func set(_ query: UnsafePointer<Float>) throws(IndexError) {
    let sum = try space.validate(query)
    space.store(query, squaredNorm: sum, to: row)
    encode()
  }

  /// Takes a row of the index.
  func set(row other: UnsafePointer<Float>) {
    row.update(from: other, count: space.stride)
    encode()
  }

  private func encode() {
    squaredNorm = space.kernels.dot(row, row, space.stride)
    guard space.usesCodes else { return }
    rotated.update(from: row, count: space.stride)
    space.rotation.apply(rotated)
    var largest: Float = 0
    for i in 0..<space.dimension { largest = max(largest, abs(rotated[i])) }
    scale = largest / 127
    guard scale > 0 else {
      code.update(repeating: 0, count: space.blocks * 128)
      (offset, residual) = (0, 0)
      return
    }
    var sum: Int32 = 0
    var error: Float = 0
    let inverse = 1 / scale
    for i in 0..<space.dimension {
      let level = max(-127, min(127, (rotated[i] * inverse).rounded()))
      let delta = rotated[i] - level * scale
      error += delta * delta
      sum += Int32(level)
      code[i] = Int8(level)
    }
    offset = 7.5 * Float(sum)
    residual = error.squareRoot()
  }
}
