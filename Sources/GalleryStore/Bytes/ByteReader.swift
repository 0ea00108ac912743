/// Reads the fields of a record that ``ByteWriter`` wrote.
package struct ByteReader {
  /// A record that ends too early, or holds a value that no version writes.
  package struct Malformed: Error {
    package init() {}
  }

  private var bytes: ArraySlice<UInt8>

  package init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  package init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Reads a record that ends with the checksum of everything before.
  ///
  /// - Throws: ``Malformed`` when a byte is not what was written.
  package init(sealed bytes: [UInt8]) throws(Malformed) {
    let size = MemoryLayout<UInt32>.size
    guard bytes.count > size else { throw Malformed() }
    var seal = ByteReader(bytes.suffix(size))
    self.bytes = bytes.dropLast(size)
    guard CRC32C.of(self.bytes) == (try seal.integer(UInt32.self)) else { throw Malformed() }
  }

  /// Reads a record that begins with its version, which is taken, and is sealed from some version on.
  package init(record bytes: [UInt8], sealedFrom version: UInt8) throws(Malformed) {
    guard let found = bytes.first, found >= 1 else { throw Malformed() }
    self = found >= version ? try ByteReader(sealed: bytes) : ByteReader(bytes)
    _ = try integer(UInt8.self)
  }

  /// Reads a record of so many bytes, with its checksum behind them where it has one: those of formats before 1.3 have none.
  package init(_ bytes: [UInt8], length: Int) throws(Malformed) {
    self = bytes.count > length ? try ByteReader(sealed: Array(bytes.prefix(length + 4))) : ByteReader(bytes)
  }

  package mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(Malformed)
    -> Value
  {
    let size = MemoryLayout<Value>.size
    var value: Value = 0
    for (index, byte) in try raw(size).enumerated() {
      value |= Value(truncatingIfNeeded: byte) << Value(truncatingIfNeeded: 8 * index)
    }
    return value
  }

  package mutating func float() throws(Malformed) -> Float { Float(bitPattern: try integer()) }

  package mutating func double() throws(Malformed) -> Double { Double(bitPattern: try integer()) }

  package mutating func raw(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard bytes.count >= count else { throw Malformed() }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  package mutating func text() throws(Malformed) -> String {
    let count = Int(try integer(UInt16.self))
    guard let text = String(validating: try raw(count), as: UTF8.self) else { throw Malformed() }
    return text
  }

  /// Passes over these bytes if they are next.
  package mutating func skip(_ prefix: [UInt8]) -> Bool {
    guard bytes.starts(with: prefix) else { return false }
    bytes = bytes.dropFirst(prefix.count)
    return true
  }

  /// What is left: fields that a newer version appended.
  package mutating func rest() -> [UInt8] {
    defer { bytes = [] }
    return Array(bytes)
  }
}
