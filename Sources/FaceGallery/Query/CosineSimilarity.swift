/// Cosine similarity of unit vectors, one of them as a store holds it.
enum CosineSimilarity {
  /// Dot product of a query with stored bytes: float32, little-endian.
  ///
  /// The order of the additions is fixed, so that the same face has the same similarity whichever way a
  /// search went.
  ///
  /// - Precondition: `stored` holds as many components as `query`.
  static func dot(_ query: UnsafeBufferPointer<Float>, _ stored: UnsafeRawBufferPointer) -> Float {
    precondition(stored.count == query.count * MemoryLayout<Float>.size)
    guard let base = query.baseAddress, let right = stored.baseAddress else { return 0 }
    let left = UnsafeRawPointer(base)
    var sums = (SIMD8<Float>(), SIMD8<Float>())
    let step = MemoryLayout<SIMD8<Float>>.size
    var offset = 0
    while offset + 2 * step <= stored.count {
      sums.0 += wide(left, offset) * wide(right, offset)
      offset += step
      sums.1 += wide(left, offset) * wide(right, offset)
      offset += step
    }
    var sum = (sums.0 + sums.1).sum()
    while offset < stored.count {
      sum +=
        left.loadUnaligned(fromByteOffset: offset, as: Float.self)
        * right.loadUnaligned(fromByteOffset: offset, as: Float.self)
      offset += MemoryLayout<Float>.size
    }
    return sum
  }

  @inline(__always)
  private static func wide(_ pointer: UnsafeRawPointer, _ offset: Int) -> SIMD8<Float> {
    pointer.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
  }
}
