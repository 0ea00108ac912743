internal import CNettle

/// SHA-256 (FIPS 180-4) by nettle: the digest by which weights, photos, files and keys are known.
public struct SHA256 {
  /// Bytes of a digest.
  public static let byteCount = 32

  private var context = sha256_ctx()

  /// A digest of nothing yet.
  public init() { nettle_sha256_init(&context) }

  /// Appends bytes.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    nettle_sha256_update(&context, bytes.count, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
  }

  /// Appends bytes.
  public mutating func update(_ bytes: some Collection<UInt8>) {
    if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
      Array(bytes).withUnsafeBytes { update($0) }
    }
  }

  /// The 32 bytes of the digest of all that was appended; begins anew.
  public mutating func finish() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      nettle_sha256_digest(&context, Self.byteCount, buffer.baseAddress)
      count = Self.byteCount
    }
  }

  /// The digest of bytes: 32 bytes.
  public static func digest(of bytes: some Collection<UInt8>) -> [UInt8] {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// The digest of bytes in memory: 32 bytes.
  public static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// The digest of bytes as 64 lower-case hexadecimal digits.
  public static func hexadecimal(of bytes: some Collection<UInt8>) -> String {
    Hexadecimal.text(of: digest(of: bytes))
  }

  /// The digest of bytes in memory as 64 lower-case hexadecimal digits.
  public static func hexadecimal(of bytes: UnsafeRawBufferPointer) -> String {
    Hexadecimal.text(of: digest(of: bytes))
  }
}
