public import Foundation
internal import HTTPServing
internal import Support

/// A key as it is stored: salted and hashed, so that the file gives no key away.
public struct KeyRecord: Sendable, Hashable, Codable, Identifiable {
  /// Names the key in lists and logs.
  public let id: String
  /// What it may do.
  public let role: Role
  /// What it is for, in its owner's words.
  public let label: String
  /// When it was made.
  public let created: Date
  /// Sixteen random bytes.
  let salt: Data
  /// SHA-256 of salt and key.
  let digest: Data

  init(secret: String, role: Role, label: String) {
    var random = SystemRandomNumberGenerator()
    id = String(RequestID.fresh().prefix(8))
    self.role = role
    self.label = label
    created = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded())
    salt = Data((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    digest = Self.digest(salt: salt, secret: secret)
  }

  /// Whether this is the record of a key; takes the same time whatever the key is.
  func matches(_ secret: String) -> Bool {
    let other = Self.digest(salt: salt, secret: secret)
    guard digest.count == other.count else { return false }
    return zip(digest, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private static func digest(salt: Data, secret: String) -> Data {
    Data(SHA256.digest(of: Array(salt) + Array(secret.utf8)))
  }
}
