/// A value of a statement, as it goes to the server.
package enum SQLValue: Hashable, Sendable {
  case null(SQLType)
  case integer(Int64)
  case flag(Bool)
  case text(String)
  case bytes([UInt8])
  /// Microseconds since the start of 2000, UTC.
  case time(Int64)
  case integers([Int64])
  /// Components as a store holds them: float32, little-endian. The statement says that it is a vector.
  case vector([UInt8])

  /// Null where there is none.
  package static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null(.text) }

  /// Null where there are none.
  package static func optional(_ bytes: [UInt8]?) -> SQLValue { bytes.map { .bytes($0) } ?? .null(.bytes) }

  /// Null where there is none.
  package static func optional(_ number: Int64?) -> SQLValue {
    number.map { .integer($0) } ?? .null(.integer)
  }

  var type: SQLType {
    switch self {
    case .null(let type): type
    case .integer: .integer
    case .flag: .flag
    case .text: .text
    case .bytes: .bytes
    case .time: .time
    case .integers: .integers
    case .vector: .unknown
    }
  }

  /// The bytes of the server's binary form; nil for null.
  var encoded: [UInt8]? {
    var bytes: [UInt8] = []
    switch self {
    case .null: return nil
    case .integer(let value), .time(let value): bytes.append(bigEndian: value)
    case .flag(let value): bytes = [value ? 1 : 0]
    // No text of the server's has the character 0.
    case .text(let text): bytes = Array(text.utf8.filter { $0 != 0 })
    case .bytes(let value): bytes = value
    case .integers(let values):
      bytes.reserveCapacity(20 + 12 * values.count)
      for head in values.isEmpty
        ? [0, 0, Int32(SQLType.integer.rawValue)] : [1, 0, 20, Int32(values.count), 1]
      {
        bytes.append(bigEndian: head)
      }
      for value in values {
        bytes.append(bigEndian: Int32(8))
        bytes.append(bigEndian: value)
      }
    case .vector(let components):
      let count = components.count / 4
      bytes.reserveCapacity(4 + 4 * count)
      bytes.append(bigEndian: Int16(clamping: count))
      bytes.append(bigEndian: Int16(0))
      for component in 0..<count { bytes += components[4 * component..<4 * component + 4].reversed() }
    }
    return bytes
  }
}

/// The type of a value by the server's number of it.
package enum SQLType: UInt32, Hashable, Sendable {
  /// What the statement makes of it.
  case unknown = 0
  case flag = 16
  case bytes = 17
  case integer = 20
  case text = 25
  case integers = 1016
  case time = 1184
}

extension [UInt8] {
  fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
