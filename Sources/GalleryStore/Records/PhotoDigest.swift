internal import Support

/// SHA-256 of a photo, by which it is recognised whatever its file is called.
///
/// It is over what makes the picture in a file, so that it stays the same when a program writes rating or keywords into it; faces
/// that earlier versions added have that of the whole file.
public struct PhotoDigest: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The 32 bytes of the digest.
  public let bytes: [UInt8]

  /// A digest that was computed before, or nil unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The digest of all of a file's bytes.
  public init(of file: some Collection<UInt8>) {
    bytes = SHA256.digest(of: file)
  }

  /// Bytes of a digest.
  package static let byteCount = SHA256.byteCount

  /// 64 lower-case hexadecimal digits.
  public var description: String {
    Hexadecimal.text(of: bytes)
  }
}
