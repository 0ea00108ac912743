internal import Synchronization

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
