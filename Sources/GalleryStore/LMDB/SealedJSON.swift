internal import Foundation
internal import Synchronization

/// JSON objects of `meta`, whose last member is the checksum of the object without it; docs/gallery-format.md has the
/// bytes.
enum SealedJSON {
  private static let member = Array(#","crc32c":""#.utf8)
  private static let end = Array(#""}"#.utf8)

  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes = [UInt8](try encoder.encode(value))
    return bytes.dropLast() + member + digits(CRC32C.of(bytes)) + end
  }

  /// - Throws: ``ByteReader/Malformed`` when a byte is not what was written; objects of formats before 1.3 have no
  ///   checksum.
  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    if isSealed(bytes) {
      let sum = CRC32C.of(bytes.dropLast(sealLength) + Array("}".utf8))
      guard bytes.suffix(8 + end.count) == (digits(sum) + end)[...] else { throw ByteReader.Malformed() }
    }
    return try JSONDecoder().decode(type, from: Data(bytes))
  }

  private static var sealLength: Int { member.count + 8 + end.count }

  /// Whether an object has a checksum.
  static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.suffix(sealLength).starts(with: member) }

  private static func digits(_ sum: UInt32) -> [UInt8] {
    let text = String(sum, radix: 16)
    return Array(repeating: UInt8(ascii: "0"), count: 8 - text.utf8.count) + text.utf8
  }
}

/// A value of `meta` that every query reads and that hardly ever changes: decoded again only when its bytes are others.
final class CachedJSON<Value: Decodable & Sendable>: Sendable {
  private let last = Mutex<(bytes: [UInt8], value: Value)?>(nil)

  /// - Throws: What ``SealedJSON/decode(_:from:)`` throws.
  func decode(_ bytes: [UInt8]) throws -> Value {
    if let last = last.withLock({ $0 }), last.bytes == bytes { return last.value }
    let value = try SealedJSON.decode(Value.self, from: bytes)
    last.withLock { $0 = (bytes, value) }
    return value
  }
}
