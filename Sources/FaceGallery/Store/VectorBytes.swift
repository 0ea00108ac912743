/// Vectors as `vectors` holds them: float32, little-endian, one after the other.
enum VectorBytes {
  static func encode(_ vector: [Float]) -> [UInt8] {
    var writer = ByteWriter()
    for value in vector { writer.float(value) }
    return writer.bytes
  }

  static func decode(_ bytes: RawSpan) -> [Float] {
    let count = bytes.byteCount / MemoryLayout<Float>.size
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count { buffer.initializeElement(at: index, to: component(index, of: bytes)) }
      initialized = count
    }
  }

  /// Dot product of a query with stored bytes: the cosine similarity of unit vectors.
  ///
  /// The order of the additions is fixed, so that the same face has the same similarity whichever way a
  /// search went.
  ///
  /// - Precondition: `bytes` holds as many components as `query`.
  static func dot(_ query: UnsafeBufferPointer<Float>, _ bytes: RawSpan) -> Float {
    bytes.withUnsafeBytes { dot(query, $0) }
  }

  /// The same for bytes that are known by their place.
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

  private static func component(_ index: Int, of bytes: RawSpan) -> Float {
    let pattern = bytes.unsafeLoadUnaligned(fromByteOffset: index * MemoryLayout<Float>.size, as: UInt32.self)
    return Float(bitPattern: UInt32(littleEndian: pattern))
  }
}
