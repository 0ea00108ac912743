internal import CSHA256

/// SHA-256 (FIPS 180-4), the digest by which weights files and photos are known.
package enum SHA256 {
  /// The 32 bytes of the digest.
  package static func digest(of bytes: some Collection<UInt8>) -> [UInt8] {
    var context = fg_sha256()
    fg_sha256_begin(&context)
    if bytes.withContiguousStorageIfAvailable({ fg_sha256_update(&context, $0.baseAddress, $0.count) }) == nil
    {
      Array(bytes).withUnsafeBufferPointer { fg_sha256_update(&context, $0.baseAddress, $0.count) }
    }
    return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      fg_sha256_finish(&context, buffer.baseAddress)
      count = 32
    }
  }

  /// The digest as 64 lower-case hexadecimal digits.
  package static func hexadecimal(of bytes: some Collection<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in digest(of: bytes) {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
