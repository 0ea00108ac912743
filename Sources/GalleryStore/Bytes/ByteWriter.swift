/// Writes the fields of a record, little-endian, one after the other.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func float(_ value: Float) { integer(value.bitPattern) }

  package mutating func double(_ value: Double) { integer(value.bitPattern) }

  package mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

  /// UTF-8 after its length in two bytes.
  package mutating func text(_ value: String) {
    assert(value.utf8.count <= Int(UInt16.max))
    integer(UInt16(value.utf8.count))
    bytes.append(contentsOf: value.utf8)
  }

  /// Ends a record with the checksum of everything before; ``ByteReader/init(sealed:)`` checks it.
  package mutating func seal() { integer(CRC32C.of(bytes)) }
}
