/// What 4-bit codes are relative to: the mean of the vectors, and how far they lie from it.
///
/// Embeddings of a real network share a large common part, which tells none of them apart but would take most of
/// the codes' range. Written only by the writer, while no search reads codes.
final class Center: @unchecked Sendable {
  let dimension: Int
  /// Floats from the start to the spread.
  let stride: Int
  /// The mean, padded with zeros, and then the spread; zeros while codes are relative to the origin.
  let values: UnsafeMutablePointer<Float>
  /// The mean's direction, rotated as codes are.
  let direction: UnsafeMutablePointer<Float>

  init(_ space: Space) {
    dimension = space.dimension
    stride = space.stride
    values = .aligned(count: SnapshotHeader.padded((space.stride + 1) * 4) / 4)
    direction = .aligned(count: space.stride)
  }

  deinit {
    values.deallocate()
    direction.deallocate()
  }

  var isSet: Bool { values[stride] > 0 }

  /// Root mean square of the vectors' distances from the mean: what a unit is to the quantiser.
  var spread: Float { isSet ? values[stride] : 1 }

  var squaredNorm: Float { (0..<dimension).reduce(0) { $0 + values[$1] * values[$1] } }

  func set(_ mean: [Float], spread: Float, _ space: Space) {
    for i in 0..<dimension { values[i] = mean[i] }
    values[stride] = spread
    derive(space)
  }

  /// Computes what follows from the values; false if they are not those of a centre.
  @discardableResult
  func derive(_ space: Space) -> Bool {
    let norm = squaredNorm.squareRoot()
    guard spread.isFinite, (0...4).contains(spread), norm.isFinite, (0...1.01).contains(norm) else {
      return false
    }
    for i in 0..<stride { direction[i] = norm > 0 ? values[i] / norm : 0 }
    space.rotation.apply(direction, space.kernels)
    return true
  }
}
