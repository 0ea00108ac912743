internal import CSHA256

/// SHA-256 (FIPS 180-4), the digest by which weights are known.
enum Digest {
  /// The digest of bytes as 64 lower-case hexadecimal digits.
  static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    hexadecimal { $0(bytes) }
  }

  /// The digest of several pieces, one after the other.
  static func hexadecimal<E: Error>(
    of pieces: ((UnsafeRawBufferPointer) -> Void) throws(E) -> Void
  ) throws(E) -> String {
    var context = fg_sha256()
    fg_sha256_begin(&context)
    try pieces { piece in
      fg_sha256_update(&context, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), piece.count)
    }
    var digest = [UInt8](repeating: 0, count: 32)
    fg_sha256_finish(&context, &digest)
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
