/// Vectors as stores hold them: float32, little-endian, one component after the other.
package enum VectorBytes {
  /// The bytes of a vector.
  package static func encode(_ vector: [Float]) -> [UInt8] {
    var writer = ByteWriter()
    for value in vector { writer.float(value) }
    return writer.bytes
  }

  /// The vector that lies in some bytes, at any address; a part of a component at their end is passed over.
  package static func decode(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    let count = bytes.count / MemoryLayout<Float>.size
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        let pattern = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Float>.size, as: UInt32.self)
        buffer.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: pattern)))
      }
      initialized = count
    }
  }
}
