/// Reads the fields of a record that ``ByteWriter`` wrote.
struct ByteReader {
  /// A record that ends too early, or holds a value that no version writes.
  struct Malformed: Error {}

  private var bytes: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(Malformed) -> Value
  {
    let size = MemoryLayout<Value>.size
    var value: Value = 0
    for (index, byte) in try raw(size).enumerated() {
      value |= Value(truncatingIfNeeded: byte) << Value(truncatingIfNeeded: 8 * index)
    }
    return value
  }

  mutating func float() throws(Malformed) -> Float { Float(bitPattern: try integer()) }

  mutating func double() throws(Malformed) -> Double { Double(bitPattern: try integer()) }

  mutating func raw(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard bytes.count >= count else { throw Malformed() }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  mutating func text() throws(Malformed) -> String {
    let count = Int(try integer(UInt16.self))
    guard let text = String(validating: try raw(count), as: UTF8.self) else { throw Malformed() }
    return text
  }

  /// What is left: fields that a newer version appended.
  mutating func rest() -> [UInt8] {
    defer { bytes = [] }
    return Array(bytes)
  }
}
