/// A query in the forms that kernels read: the padded row and its rotated int8 code.
///
/// Its memory is as long as the space says, and freed with the last reference.
final class QueryBuffer {
  /// `stride` floats.
  let row: UnsafeMutablePointer<Float>
  private let rotated: UnsafeMutablePointer<Float>
  /// 128 levels for each block of a code, zeros behind the row.
  let code: UnsafeMutablePointer<Int8>
  private(set) var squaredNorm: Float = 0
  /// Value of one unit of the int8 code.
  private(set) var scale: Float = 0
  /// 7.5 times the sum of the code: what centring the 4-bit levels takes off every integer product.
  private(set) var offset: Float = 0
  /// Length of what the int8 code leaves out of the query.
  private(set) var residual: Float = 0
  /// Inner product of query and centre.
  private(set) var centerProduct: Float = 0
  /// Length of the query across the centre's direction, and its part along it, both squared.
  private(set) var across: Float = 1
  private(set) var along: Float = 0
  private let space: Space
  private let center: Center

  init(_ space: Space, _ center: Center) {
    self.space = space
    self.center = center
    row = .aligned(count: space.stride)
    rotated = .aligned(count: space.stride)
    code = .aligned(count: max(64, space.blocks * 128))
  }

  deinit {
    row.deallocate()
    rotated.deallocate()
    code.deallocate()
  }

  /// Takes a query of `dimension` floats from a caller; its codes only if they will be read.
  func set(_ query: UnsafePointer<Float>, codes: Bool) throws(IndexError) {
    let sum = try space.validate(query)
    space.store(query, squaredNorm: sum, to: row)
    encode(codes)
  }

  /// Takes a row of the index, `stride` floats.
  func set(row other: UnsafePointer<Float>) {
    row.update(from: other, count: space.stride)
    encode(true)
  }

  private func encode(_ codes: Bool) {
    squaredNorm = space.kernels.dot(row, row, space.stride)
    guard space.usesCodes, codes else { return }
    assert(space.stride <= space.blocks * 128)
    rotated.update(from: row, count: space.stride)
    space.rotation.apply(rotated, space.kernels)
    var sum: Int32 = 0
    residual = space.kernels.quantize(rotated, space.stride, code, &scale, &sum).squareRoot()
    offset = 7.5 * Float(sum)
    guard center.isSet else {
      (centerProduct, along, across) = (0, 0, squaredNorm)
      return
    }
    centerProduct = space.kernels.dot(row, center.values, space.stride)
    along = min(squaredNorm, centerProduct * centerProduct / max(1e-12, center.squaredNorm))
    across = squaredNorm - along
  }
}
