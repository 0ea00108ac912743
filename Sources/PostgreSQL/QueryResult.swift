internal import CPQ

/// What the server answered to a statement; values are in binary form.
package struct QueryResult: ~Copyable {
  private let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  deinit { fg_pq_clear(handle) }

  /// How many rows there are.
  package var count: Int { Int(fg_pq_rows(handle)) }

  /// How many columns a row has.
  package var columns: Int { Int(fg_pq_columns(handle)) }

  /// What was done, such as `COMMIT`.
  package var command: String { fg_pq_command(handle).map { String(cString: $0) } ?? "" }

  var status: Int { Int(fg_pq_status(handle)) }

  /// The server's error.
  var error: PostgreSQLError {
    PostgreSQLError(
      .server, fg_pq_error(handle).map { String(cString: $0) } ?? "an error without a text",
      sqlstate: fg_pq_sqlstate(handle).map { String(cString: $0) })
  }

  /// Runs `body` with the bytes of a value; nil, without a call, for null.
  package func withBytes<Value>(
    _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value
  ) rethrows -> Value? {
    precondition(row >= 0 && row < count && column >= 0 && column < Int(fg_pq_columns(handle)))
    var length: CInt = 0
    guard let start = fg_pq_bytes(handle, CInt(row), CInt(column), &length) else { return nil }
    return try body(UnsafeRawBufferPointer(start: start, count: Int(length)))
  }

  /// A value's bytes; nil for null.
  package func bytes(_ row: Int, _ column: Int) -> [UInt8]? { withBytes(row, column) { Array($0) } }

  /// A text; nil for null.
  ///
  /// - Throws: ``PostgreSQLError`` of kind `unexpected` for what is no UTF-8.
  package func text(_ row: Int, _ column: Int) throws(PostgreSQLError) -> String? {
    guard let bytes = bytes(row, column) else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Self.unexpected }
    return text
  }

  /// A whole number of 2, 4 or 8 bytes, a time, or a truth value; nil for null.
  package func integer(_ row: Int, _ column: Int) throws(PostgreSQLError) -> Int64? {
    guard let bytes = bytes(row, column) else { return nil }
    guard [1, 2, 4, 8].contains(bytes.count) else { throw Self.unexpected }
    let sign: Int64 = bytes.count > 1 && bytes[0] & 0x80 != 0 ? -1 : 0
    return bytes.reduce(sign) { $0 << 8 | Int64($1) }
  }

  /// A whole number that must be there.
  package func number(_ row: Int, _ column: Int) throws(PostgreSQLError) -> Int64 {
    guard let value = try integer(row, column) else { throw Self.unexpected }
    return value
  }

  /// Whole numbers of 8 bytes each, `bigint[]`; none for null.
  ///
  /// - Throws: ``PostgreSQLError`` of kind `unexpected` for an array of anything else.
  package func integers(_ row: Int, _ column: Int) throws(PostgreSQLError) -> [Int64] {
    guard let bytes = bytes(row, column) else { return [] }
    func word(_ place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    guard bytes.count >= 12, word(0) <= 1, word(4) == 0, word(8) == Int(SQLType.integer.rawValue) else {
      throw Self.unexpected
    }
    if word(0) == 0 { return [] }
    guard bytes.count >= 20, bytes.count - 20 == 12 * word(12) else { throw Self.unexpected }
    var numbers: [Int64] = []
    numbers.reserveCapacity(word(12))
    for start in stride(from: 20, to: bytes.count, by: 12) {
      guard word(start) == 8 else { throw Self.unexpected }
      numbers.append(bytes[start + 4..<start + 12].reduce(0) { $0 << 8 | Int64($1) })
    }
    return numbers
  }

  /// A number with a fraction, of 4 or 8 bytes; nil for null.
  package func float(_ row: Int, _ column: Int) throws(PostgreSQLError) -> Double? {
    guard let bytes = bytes(row, column) else { return nil }
    let bits = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    switch bytes.count {
    case 4: return Double(Float(bitPattern: UInt32(bits)))
    case 8: return Double(bitPattern: bits)
    default: throw Self.unexpected
    }
  }

  /// A vector's components: float32, little-endian; nil for null.
  package func vector(_ row: Int, _ column: Int) throws(PostgreSQLError) -> [UInt8]? {
    guard var bytes = bytes(row, column) else { return nil }
    guard bytes.count >= 4, bytes.count == 4 + 4 * (Int(bytes[0]) << 8 | Int(bytes[1])) else {
      throw Self.unexpected
    }
    bytes.removeFirst(4)
    for start in stride(from: 0, to: bytes.count, by: 4) {
      bytes.swapAt(start, start + 3)
      bytes.swapAt(start + 1, start + 2)
    }
    return bytes
  }

  static let unexpected = PostgreSQLError(.unexpected, "a value is not of the form that was asked for")
}
