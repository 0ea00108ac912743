internal import CNettle

/// HMAC-SHA256 (RFC 2104): proves that bytes come from somebody who has a key.
public enum HMAC {
  /// The code of a message, 32 bytes.
  public static func sha256(of message: some Collection<UInt8>, key: some Collection<UInt8>) -> [UInt8] {
    var context = hmac_sha256_ctx()
    let (key, message) = (Array(key), Array(message))
    nettle_hmac_sha256_set_key(&context, key.count, key)
    nettle_hmac_sha256_update(&context, message.count, message)
    return [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
      nettle_hmac_sha256_digest(&context, SHA256.byteCount, buffer.baseAddress)
      count = SHA256.byteCount
    }
  }
}
